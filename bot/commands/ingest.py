"""`itubot ingest` and `reindex`: read documents into the store; build the index anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from bot.commands.context import AsJson, CliContext, bundled, cli_context
from bot.json_fields import json_fields
from bot.plural import counted
from bot.safe_text import one_line
from bot.terminal import emit, number_column, only_result, short, stderr_console, table
from ingest.report import IngestProgress, IngestReport, Labelling, ReindexReport

_PHASES = {
    "fetch": "Fetching",
    "read": "Reading",
    "events": "Finding events",
    "label": "Reading dates",
    "embed": "Embedding",
    "publish": "Publishing",
    "export": "Exporting the model",
}
# In the order of the table: failures come last, next to the prompt.
_STYLES = {
    "unchanged": "dim",
    "new": "green",
    "changed": "yellow",
    "removed": "magenta",
    "failed": "bold red",
}
_ORDER = tuple(_STYLES)
# More unchanged documents than this are only counted.
_MOST_UNCHANGED = 20


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH ...]", help="Files or folders; without any, the bundled report."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents of the given folders whose files are gone.")
    ] = False,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Let the rules read the dates, not the language model.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read files and folders into the store; unchanged files are skipped."""
    with only_result() if as_json else nullcontext():
        report = ingest_paths(
            cli_context(context), paths or bundled(), prune=prune, label=not no_model, bundled=not paths
        )
    emit(as_json, ingest_json, ingest_view, report)
    if any(row.status == "failed" for row in report.documents):
        raise typer.Exit(1)


def ingest_paths(
    cli: CliContext,
    paths: Sequence[Path],
    *,
    prune: bool = False,
    label: bool = True,
    bundled: bool = False,
) -> IngestReport:
    """Ingest `paths`, with progress on stderr; with `label`, the language model labels the dates, if one is set.

    `bundled`: the paths are the program's own, since the user named none.
    """
    with progress_bars() as show_progress:
        return cli.services.shared.ingest(
            paths, prune=prune, progress=show_progress, label=label, bundled=bundled, audience=cli.audience
        )


def reindex(context: typer.Context, as_json: AsJson = False) -> None:
    """Build the index anew with the embedding model that is set; questions are answered meanwhile."""
    # Libraries print while they load a model.
    with only_result() if as_json else nullcontext(), progress_bars() as show_progress:
        report = cli_context(context).services.shared.reindex(show_progress)
    emit(as_json, asdict, reindex_view, report)


@contextmanager
def progress_bars() -> Iterator[Callable[[IngestProgress], None]]:
    """Yield a function that shows each step as a bar on stderr, if that is a terminal."""
    console = stderr_console()
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[source]}", style="dim"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def show(step: IngestProgress) -> None:
        if step.phase not in tasks:
            tasks[step.phase] = bars.add_task(_PHASES.get(step.phase, step.phase), total=None, source="")
        source = one_line(step.source or "")[-24:]
        # Until the model has loaded and embedded a text, the bar shows no total.
        total = None if step.phase == "embed" and not step.done else step.total
        bars.update(tasks[step.phase], completed=step.done, total=total, source=source)

    with bars:
        yield show


def ingest_json(report: IngestReport) -> dict[str, Any]:
    """Return the JSON value of `itubot ingest --json`."""
    labels = None
    if labelling := report.labelling:
        labels = {
            **json_fields(labelling, "model asked kept"),
            "rules": labelling.to_rules,
            "why": list(labelling.why),
            "tokens": {"input": labelling.read, "output": labelling.wrote},
        }
    return {
        "documents": [
            json_fields(row, "source status sections events error notes") for row in report.documents
        ],
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
        "labels": labels,
        "remade": report.rebuilt,
    }


def ingest_view(report: IngestReport) -> RenderableType:
    """Return the table of documents, and the line with totals below it."""
    count = Counter[str](row.status for row in report.documents)
    columns = (
        Column("Document", overflow="fold"),
        short("Status"),
        number_column("Sections"),
        number_column("Events"),
    )
    cells: list[tuple[Text | str, ...]] = []
    rows = sorted(report.documents, key=lambda row: (_ORDER.index(row.status), row.source))
    if count["unchanged"] > _MOST_UNCHANGED:
        rows = [row for row in rows if row.status != "unchanged"]
    for row in rows:
        name = Text(one_line(row.source))
        name.append(f"\n  {one_line(row.error or '')}" if row.status == "failed" else "")
        counts: list[str] = []
        if row.status in ("new", "changed"):
            name.append("".join(f"\n  {one_line(note)}" for note in row.notes), style="yellow")
            counts = [str(row.sections), str(row.events)]
        cells.append((name, Text(row.status, style=_STYLES[row.status]), *counts))
    total = Text(_total(report))
    for note in report.notes:
        total.append(f"\n{one_line(note)}", style="yellow")
    return Group(table(columns, cells), "", total) if rows else total


def reindex_view(report: ReindexReport) -> RenderableType:
    """Return the line about a new index, and its notes."""
    total = f"{counted(report.sections, 'section')} indexed with {report.model}; {_embedded(report)}"
    return Text("\n".join(one_line(line) for line in (total, *report.notes)))


def _embedded(report: IngestReport | ReindexReport) -> str:
    return f"{counted(report.embedded, 'text')} embedded in {report.seconds:.1f} s"


def _total(report: IngestReport) -> str:
    count = Counter[str](row.status for row in report.documents)
    parts = ", ".join(f"{count[status]} {status}" for status in reversed(_ORDER) if count[status])
    labelled = _labelled(report.labelling) if report.labelling else ""
    parts = parts or ("no file read" if report.notes else "nothing to do")
    return f"{parts}; {labelled}{_embedded(report)}"


def _labelled(labelling: Labelling) -> str:
    """Return the count of sections whose dates a model read, and of its tokens; "" if there were none."""
    if not (labelling.asked or labelling.kept or labelling.to_rules):
        return ""
    parts = [f"dates of {counted(labelling.asked, 'section')} read by {labelling.model}"]
    if labelling.read or labelling.wrote:
        parts.append(f"{labelling.read:,} tokens read and {labelling.wrote:,} written")
    if labelling.kept:
        parts.append(f"of {counted(labelling.kept, 'section')} known from before")
    if labelling.to_rules:
        parts.append(f"of {counted(labelling.to_rules, 'section')} left to the rules")
    return f"{', '.join(parts)}; "
