"""The view of an ingest: progress bars, then a table or a line; and of building the index anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from bot.json_fields import json_fields
from bot.plural import counted
from bot.safe_text import one_line
from bot.terminal.console import number_column, plain_table, stderr_console
from ingest.report import IngestProgress, IngestReport, Labelling, ReindexReport

_PHASES = {
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
# Most documents named in a run's line.
_MOST_NAMED = 5


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
    document, status = Column("Document", overflow="fold"), Column("Status", no_wrap=True)
    table = plain_table(document, status, number_column("Sections"), number_column("Events"))
    rows = sorted(report.documents, key=lambda row: (_ORDER.index(row.status), row.source))
    if count["unchanged"] > _MOST_UNCHANGED:
        rows = [row for row in rows if row.status != "unchanged"]
    for row in rows:
        name = Text(one_line(row.source))
        name.append(f"\n  {one_line(row.error or '')}" if row.status == "failed" else "")
        counts = []
        if row.status in ("new", "changed"):
            name.append("".join(f"\n  {one_line(note)}" for note in row.notes), style="yellow")
            counts = [str(row.sections), str(row.events)]
        table.add_row(name, Text(row.status, style=_STYLES[row.status]), *counts)
    total = Text(_total(report))
    for note in report.notes:
        total.append(f"\n{one_line(note)}", style="yellow")
    return Group(table, "", total) if rows else total


def ingest_line(report: IngestReport) -> str:
    """Return an ingest in one line: the documents that changed, then the totals."""
    changed = [row for row in report.documents if row.status != "unchanged"]
    names = []
    for row in changed[:_MOST_NAMED]:
        notes = "; ".join([row.error] if row.error else row.notes)
        names.append(f"{row.source} {row.status}{f' ({notes})' if notes else ''}")
    if len(changed) > _MOST_NAMED:
        names.append(f"{len(changed) - _MOST_NAMED} more")
    return " ".join(f"{', '.join(names)}: {_total(report)}".removeprefix(": ").split())


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
