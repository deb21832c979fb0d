"""`itubot eval`: measures answers to a file of marked questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.progress import track
from rich.table import Column
from rich.text import Text

from bot.commands.context import AsJson, AsOf, bundled, cli_context
from bot.evaluation.measurement import Measurement, Run, evaluate, format_metric, measure
from bot.evaluation.questions import passages_of, read_questions
from bot.safe_text import visible
from bot.terminal import emit, number_column, only_result, plain_table, stderr_console


def evaluation(
    context: typer.Context,
    questions: Annotated[
        Path,
        typer.Argument(metavar="QUESTIONS.jsonl", help="One marked question a line.", show_default=False),
    ],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval, answers, their support and refusals over a file of questions."""
    gold = read_questions(questions)
    cli = cli_context(context)
    cli.require_documents()
    day = as_of or cli.settings.today()
    console = stderr_console()
    with only_result():
        rows = evaluate(cli.services.assistant, gold, passages_of(cli.services.catalog), day)
        asked = track(
            rows, "Asking", len(gold), console=console, transient=True, disable=not console.is_terminal
        )
        measured = measure(asked, bundled()[0].name)
    documents = [document.source for document in cli.services.catalog.documents()]
    run = Run(questions.name, cli.settings.model or "extractive", day, documents)
    emit(as_json, lambda each: each.to_json(run), evaluation_view, measured)


def evaluation_view(measured: Measurement) -> RenderableType:
    """Return the figures, and the questions that are not answered as marked."""
    counts = measured.counts
    figures = plain_table(Column(style="bold"), number_column(""))
    figures.show_header = False
    for name, value in measured.metrics.items():
        figures.add_row(name, format_metric(name, value))

    timings = plain_table(Column("milliseconds", style="bold"), number_column("p50"), number_column("p95"))
    for stage, at in measured.timings_ms.items():
        timings.add_row(stage, f"{at['p50']:.0f}", f"{at['p95']:.0f}")

    sentences = f"{counts['sentences']} sentences, {counts['model_sentences']} by a model"
    lines = [f"{sentences}, {counts['unsupported']} with a fact that what they cite lacks"]
    if measured.tokens:
        lines.append("tokens: " + ", ".join(f"{count} {name}" for name, count in measured.tokens.items()))
    if measured.removed:
        lines.append(f"{counts['removed']} stopped by checks, {counts['replaced']} of them replaced")
        lines += [f"  {count} × {why}" for why, count in measured.removed.items()]
    if wrong := [row for row in measured.rows if row.verdict != "right"]:
        lines += ["", f"{len(wrong)} not answered as marked"]
        lines += [f"  {row.verdict}: {row.gold.question}" for row in wrong]
    heading = Text(f"{counts['questions']} questions, {counts['answered']} answered", style="bold")
    return Group(heading, figures, "", timings, "", Text(visible("\n".join(lines))))
