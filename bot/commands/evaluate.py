"""`itubot eval`: measures answers to a file of marked questions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from bot.commands.context import AsJson, AsOf, CliContext, bundled, cli_context, output_option
from bot.commands.file_modes import umask
from bot.evaluation import (
    GoldQuestion,
    Measurement,
    Run,
    compare,
    evaluate,
    measure,
    passages_of,
    read_baseline,
    read_questions,
)
from bot.evaluation.report import SUFFIXES, write_report
from bot.terminal.console import emit_json, notices, only_result, show
from bot.terminal.evaluation import evaluation_view


def evaluation(
    context: typer.Context,
    questions: Annotated[
        Path,
        typer.Argument(metavar="QUESTIONS.jsonl", help="One marked question a line.", show_default=False),
    ],
    as_of: AsOf = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="OLD.json", help="Compare with what --json printed before."),
    ] = None,
    output: Annotated[Path | None, output_option("Write a report with a chart: .md or .html.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval, answers, their support and refusals over a file of questions."""
    # All arguments are checked first: asking the questions may take long.
    if output is not None and (output.suffix not in SUFFIXES or not output.parent.is_dir()):
        raise typer.BadParameter(
            f"--output wants a file that ends in .md or .html, in a folder, not {output}"
        )
    old = read_baseline(baseline) if baseline else None
    gold = read_questions(questions)
    cli = cli_context(context)
    day = as_of or cli.settings.today()
    with only_result():
        measured = ask_all(cli, gold, day, bundled()[0].name)
    documents = [document.source for document in cli.services.catalog.documents()]
    run = Run(questions.name, cli.settings.model or "extractive", day, documents)
    compared = compare(measured.rows, old) if old else None
    if as_json:
        emit_json(measured.to_json(run))
    else:
        show(evaluation_view(measured, compared))
    if output is not None:
        with umask(cli.usual_umask):
            files = write_report(output, run, measured, compared)
        notices().print(f"Wrote {' and '.join(map(str, files))}.")


def ask_all(cli: CliContext, gold: list[GoldQuestion], day: date, default_source: str) -> Measurement:
    """Ask every question, with a bar on stderr. Raises NotReady, StoreError."""
    cli.require_documents()
    services = cli.services
    console = notices()
    asked = track(
        evaluate(services.assistant, gold, passages_of(services.catalog), day),
        "Asking",
        total=len(gold),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    return measure(asked, default_source)
