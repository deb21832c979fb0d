"""`itubot ingest`, `reindex`, `documents`, `remove` and `changes`: what is in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from bot import results
from bot.changes import Changes, ParagraphChange, read_changes
from bot.changes.wording import (
    compared_words,
    counts_words,
    date_words,
    nothing_words,
    paragraph_words,
    renumbered_words,
    shown_pieces,
)
from bot.commands.context import AsJson, CliContext, InLanguage, bundled, cli_context, speak
from bot.locales import _
from bot.plural import counted
from bot.register.versions import differing_dates, grouped, languages_of
from bot.register.wording import paragraph_mark, title
from bot.safe_text import one_line, visible
from bot.terminal import cell, emit, emit_json, number_column, only_result, short, show, stderr_console, table
from ingest.report import IngestProgress, IngestReport, Labelling, ReindexReport
from store.audiences import PUBLIC
from store.records import EVERYBODY, Document

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
STYLES = {
    "unchanged": "dim",
    "new": "green",
    "changed": "yellow",
    "removed": "magenta",
    "gone": "magenta",
    "failed": "bold red",
}
ORDER = tuple(STYLES)
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
    emit(as_json, results.Ingested, ingest_view, report)
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
    emit(as_json, ReindexReport, reindex_view, report)


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
    rows = sorted(report.documents, key=lambda row: (ORDER.index(row.status), row.source))
    if count["unchanged"] > _MOST_UNCHANGED:
        rows = [row for row in rows if row.status != "unchanged"]
    for row in rows:
        is_news = row.status in ("new", "changed")
        below = row.notes if is_news else [row.error] if row.status == "failed" else ()
        name = cell(row.source, *(f"  {line}" for line in below), style="yellow" if is_news else "")
        counts = [str(row.sections), str(row.events)] if is_news else []
        cells.append((name, Text(row.status, style=STYLES[row.status]), *counts))
    total = cell(_total(report), *report.notes, style="yellow")
    return Group(table(columns, cells), "", total) if rows else total


def reindex_view(report: ReindexReport) -> RenderableType:
    """Return the line about a new index, and its notes."""
    total = f"{counted(report.sections, 'section')} indexed with {report.model}; {_embedded(report)}"
    return Text("\n".join(one_line(line) for line in (total, *report.notes)))


def _embedded(report: IngestReport | ReindexReport) -> str:
    return f"{counted(report.embedded, 'text')} embedded in {report.seconds:.1f} s"


def _total(report: IngestReport) -> str:
    count = Counter[str](row.status for row in report.documents)
    parts = ", ".join(f"{count[status]} {status}" for status in reversed(ORDER) if count[status])
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


def documents(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Include the documents of Slack channels.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the documents that answers come from, and whom each is for."""
    catalog = cli_context(context).services.catalog
    if everything:
        catalog = catalog.seen_by(PUBLIC | catalog.known_audiences())
    with catalog.snapshot() as snapshot:
        found, counts = snapshot.documents(), snapshot.counts()
    if as_json:
        rows = (
            asdict(each) | dict(zip(("sections", "events"), counts.get(each.id, (0, 0)), strict=True))
            for each in found
        )
        emit_json(list[results.StoredDocument], list(rows))
    else:
        show(documents_view(found, counts))


def remove(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A source, as `itubot documents` names it.", show_default=False)
    ],
) -> None:
    """Remove a document from the store; its file stays."""
    cli = cli_context(context)
    report = cli.services.shared.pipeline.remove(source, cli.audience)
    for row in report.documents:
        show(f"Removed {one_line(row.source)}; a file in a folder of yours is where it was.")


# How a date was inferred that the document does not state (`Document.found`).
_INFERRED_BY = {
    "file name": "by file name",
    "properties": "by file data",
    "text": "by month",
    "sidecar": "by sidecar",
}
Counts = Mapping[str, tuple[int, int]]


def only_for(audience: str) -> str:
    """Return the line that says whom something is for, "" if for everybody."""
    return "" if audience == EVERYBODY else f"only for {audience}"


def documents_view(documents: Sequence[Document], counts: Counts) -> RenderableType:
    """Return the table of documents, each once with its languages; an inferred date is marked."""
    if not documents:
        return Text("There are no documents; run `itubot ingest`.")
    rows = []
    for group in grouped(documents):
        document = group[0]
        sections, events = counts.get(document.id, (0, 0))
        versions = languages_of(group)
        known_as = (
            f"{document.neutral_symbol} ({versions})" if versions else document.symbol or document.source
        )
        name = cell(document.title, known_as, only_for(document.audience))
        stated = document.date.isoformat() if document.date else "undated"
        by = _INFERRED_BY.get(document.found.get("date", "")) if document.date_inferred else None
        day = cell(stated + (" *" if document.date_inferred else ""), by)
        rows.append((name, day, str(document.version), str(sections), str(events)))
    columns = (
        Column("Document", ratio=1, min_width=24, overflow="fold"),
        short("Date"),
        *(number_column(name) for name in ("Version", "Sections", "Events")),
    )
    if any(document.date_inferred for document in documents):
        note = Text("* inferred, not stated in the document", style="dim")
        return Group(table(columns, rows), note)
    return table(columns, rows)


def changes(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="A source, as `itubot documents` names it; without one, the document that changed last.",
            show_default=False,
        ),
    ] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Show paragraph by paragraph what is new, gone and reworded, and which dates moved."""
    speak(language)
    cli = cli_context(context)
    if source is None:
        cli.require_documents()
    found = read_changes(cli.services.catalog, source)
    emit(as_json, results.Changes, changes_view, found)
    if not as_json and (symbol := found.after.neutral_symbol):
        register = cli.services.register(cli.settings.today())
        versions = [d for d in cli.services.catalog.documents() if d.neutral_symbol == symbol]
        for line in differing_dates(register, versions):
            show(Text(visible(f"\n{line}")))


_ADDED, _REMOVED = "green underline", "red strike"
_QUIET = "dim"


def changes_view(changes: Changes) -> RenderableType:
    """Return the view of all changes, or the line that says why there are none."""
    if not changes or changes.before is None:
        return Text(one_line(nothing_words(changes)))
    heading = Text(one_line(changes.after.title), style="bold")
    compared = compared_words(changes)
    parts: list[RenderableType] = [heading, Text(compared, style=_QUIET), Text(counts_words(changes)), ""]
    if changes.dates:
        parts.append(Text(_("Dates"), style="bold"))
        for change in changes.dates:
            line = Text.assemble(
                "  ", (one_line(title(change.entry)), "bold"), f" {visible(date_words(change))}"
            )
            line.append(f" · § {change.entry.section}", style=_QUIET)
            parts.append(line)
        parts.append("")
    if changes.headings:
        parts.append(Text(_("Headings"), style="bold"))
        for changed in changes.headings:
            removed, added = _marked(changed.before, "removed"), _marked(changed.after, "added")
            parts.append(Text("  ") + removed + Text(" ") + added)
        parts.append("")
    for paragraph in changes.paragraphs:
        if paragraph.kind != "renumbered":
            parts += [_place(paragraph), _wording(paragraph), ""]
    parts += [Text(line, style=_QUIET) for line in renumbered_words(changes.paragraphs)]
    return Group(*(parts[:-1] if parts[-1] == "" else parts))


def _place(change: ParagraphChange) -> Text:
    section = change.section
    heading = f"  {section.heading}" if section.heading else ""
    line = Text(one_line(f"{paragraph_mark(section.number)}{heading}"), style="bold")
    return line.append(f" · {paragraph_words(change)}", style=_QUIET)


def _wording(change: ParagraphChange) -> Text:
    """Return a paragraph's words, marked [-removed-] and {+added+} for output without colours."""
    text = Text()
    for op, piece in shown_pieces(change):
        words = piece.rstrip()
        if op == "same":
            text.append(visible(piece))
        elif change.kind == "reworded":
            text.append_text(_marked(words, op)).append(piece[len(words) :] or " ")
        else:
            text.append_text(_marked(piece, op))
    return text


def _marked(words: str, op: str) -> Text:
    opening, closing, style = ("{+", "+}", _ADDED) if op == "added" else ("[-", "-]", _REMOVED)
    return Text.assemble((opening, _QUIET), (visible(words), style), (closing, _QUIET))


COMMANDS = {
    "ingest": ingest,
    "reindex": reindex,
    "documents": documents,
    "remove": remove,
    "changes": changes,
}
