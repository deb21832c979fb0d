"""`itubot eval`: measures answers to a file of marked questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress import track
from rich.table import Column, Table
from rich.text import Text

from bot import extras
from bot.commands.context import AsJson, AsOf, CliContext, bundled, cli_context, output_option, umask
from bot.evaluation.measurement import Measurement, Run, evaluate, measure
from bot.evaluation.questions import GoldQuestion, passages_of, read_questions
from bot.evaluation.report import (
    SUFFIXES,
    Comparison,
    VerdictChange,
    compare,
    format_metric,
    read_baseline,
    signed_change,
    write_report,
)
from bot.safe_text import visible
from bot.terminal import emit_json, number_column, only_result, plain_table, show, stderr_console


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
            f"--output needs a file that ends in .md or .html, in a folder, not {output}"
        )
    if output is not None:
        extras.check_pictures()
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
        stderr_console().print(f"Wrote {' and '.join(map(str, files))}.")


def ask_all(cli: CliContext, gold: list[GoldQuestion], day: date, default_source: str) -> Measurement:
    """Ask every question, with a bar on stderr. Raises NotReady, StoreError."""
    cli.require_documents()
    services = cli.services
    console = stderr_console()
    asked = track(
        evaluate(services.assistant, gold, passages_of(services.catalog), day),
        "Asking",
        total=len(gold),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    return measure(asked, default_source)


def evaluation_view(measured: Measurement, compared: Comparison | None = None) -> RenderableType:
    """Return the tables of figures, the questions not answered as marked, and those whose result changed."""
    counts = measured.counts
    parts: list[RenderableType] = [
        Text(f"{counts['questions']} questions, {counts['answered']} answered", style="bold"),
        _figures(measured, compared),
        "",
        _timings(measured),
    ]
    if measured.tokens:
        parts.append(
            Text("tokens: " + ", ".join(f"{count} {name}" for name, count in measured.tokens.items()))
        )
    parts += ["", *_sentences(measured)]
    wrong = [f"{row.verdict}: {row.gold.question}" for row in measured.rows if row.verdict != "right"]
    parts += _listed("not answered as marked", wrong)
    if compared is not None:
        before = f" than in {compared.baseline.name}"
        parts += _listed(f"better{before}", _changes(compared.better), always=True)
        parts += _listed(f"worse{before}", _changes(compared.worse), always=True)
        parts += _listed("wrong in another way", _changes(compared.other))
        if compared.new or compared.gone:
            parts.append(Text(f"{compared.new} questions were not asked before, {compared.gone} only then"))
    return Group(*parts)


def _figures(measured: Measurement, compared: Comparison | None) -> Table:
    numbers = ("now",) if compared is None else ("before", "now", "")
    table = plain_table(Column(style="bold"), *map(number_column, numbers))
    table.show_header = compared is not None
    for name, value in measured.metrics.items():
        cells = [format_metric(name, value)]
        if compared is not None:
            old = compared.baseline.metrics.get(name)
            before, moved = (
                ("", "") if old is None else (format_metric(name, old), signed_change(name, old, value))
            )
            cells = [before, *cells, moved]
        table.add_row(name, *cells)
    return table


def _timings(measured: Measurement) -> Table:
    table = plain_table(Column("milliseconds", style="bold"), number_column("p50"), number_column("p95"))
    for stage, at in measured.timings_ms.items():
        table.add_row(stage, f"{at['p50']:.0f}", f"{at['p95']:.0f}")
    return table


def _sentences(measured: Measurement) -> list[RenderableType]:
    counts = measured.counts
    total = f"{counts['sentences']} sentences, {counts['model_sentences']} by a model"
    lines: list[RenderableType] = [
        Text(f"{total}, {counts['unsupported']} with a fact that what they cite lacks")
    ]
    if measured.removed:
        lines.append(Text(f"{counts['removed']} stopped by checks, {counts['replaced']} of them replaced"))
        lines += [_indented(f"{count} × {why}") for why, count in measured.removed.items()]
    return lines


def _listed(what: str, items: Sequence[str], *, always: bool = False) -> list[RenderableType]:
    """Return a list under its count; nothing for an empty list, unless `always`."""
    if not items and not always:
        return []
    heading = Text(visible(f"{len(items)} {what}"), style="bold")
    return ["", heading, *(_indented(item) for item in items)]


def _indented(text: str) -> Padding:
    return Padding(Text(visible(text)), (0, 0, 0, 2))


def _changes(changes: Sequence[VerdictChange]) -> list[str]:
    return [f"{c.before}, now {c.after}: {c.question}" for c in changes]
