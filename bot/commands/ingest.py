"""`itubot ingest` and `reindex`: read documents into the store, also after each change; build the index anew."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import datetime
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
from bot.safe_text import one_line, visible
from bot.terminal import emit, number_column, only_result, plain_table, show, stderr_console
from ingest.errors import IngestError
from ingest.report import IngestProgress, IngestReport, Labelling, ReindexReport
from store.errors import StoreBusy

# Milliseconds: an ingest starts `_QUIET` after the last change, at most `_MAX_WAIT` after the first; the watch yields a
# value at least every `_INTERVAL`, so that an ingest can be retried.
_QUIET, _MAX_WAIT, _INTERVAL = 400, 5_000, 500

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
# Most documents named in a run's line.
_MOST_NAMED = 5


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH ...]", help="Files or folders; without any, the bundled report."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents of the given folders whose files are gone.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep them current: ingest after each change, until Ctrl-C.")
    ] = False,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Let the rules read the dates, not the language model.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read files and folders into the store; unchanged files are skipped."""
    label, chosen = not no_model, paths or bundled()
    if watch:
        if not paths or as_json:
            wrong = "prints a line for each ingest, not JSON" if as_json else "needs a PATH to keep current"
            raise typer.BadParameter(f"--watch {wrong}.")
        cli = cli_context(context)
        changes = changed(chosen, cli.settings.data_dir)
        keep_current(changes, lambda: ingest_paths(cli, chosen, prune=prune, label=label))
        return
    with only_result() if as_json else nullcontext():
        report = ingest_paths(cli_context(context), chosen, prune=prune, label=label, bundled=not paths)
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


def changed(paths: Sequence[Path], data_dir: Path) -> Iterator[bool]:
    """Yield whether anything below `paths` changed since the last value, at least twice a second.

    The first value comes once the watch is active. Hidden files, temporary files of Word and the program's `data_dir`
    are ignored. Raises KeyboardInterrupt at Ctrl-C, FileNotFoundError.
    """
    # Imported late: no other command watches.
    from watchfiles import Change, watch

    for path in paths:
        if not path.exists():
            raise FileNotFoundError(2, "there is no such file or folder", str(path))
    # A named file is watched through its folder: editors replace the file.
    folders = {path.absolute() if path.is_dir() else path.absolute().parent for path in paths}
    # Some systems report the target of a symbolic link.
    roots = [form for path in paths if path.is_dir() for form in (path.absolute(), path.resolve())]
    files = [form for path in paths if not path.is_dir() for form in (path.absolute(), path.resolve())]
    ignored = (data_dir.absolute(), data_dir.resolve())

    def wanted(_: Change, name: str) -> bool:
        path = Path(name)
        if any(path.is_relative_to(folder) for folder in ignored):
            return False
        # The file itself, or its sidecar.
        if any(path.parent == file.parent and path.name.startswith(file.stem) for file in files):
            return True
        inner = next((path.relative_to(root).parts for root in roots if path.is_relative_to(root)), None)
        return inner is not None and not any(part.startswith((".", "~$")) for part in inner)

    for changes in watch(
        *folders,
        watch_filter=wanted,
        debounce=_MAX_WAIT,
        step=_QUIET,
        rust_timeout=_INTERVAL,
        yield_on_timeout=True,
        recursive=bool(roots),
    ):
        yield bool(changes)


def keep_current(changes: Iterator[bool], ingest: Callable[[], IngestReport]) -> None:
    """Ingest at the start and after each change, and print a line for each; returns when `changes` end.

    An error is printed once: while another process writes, the next value of `changes` retries; after a failed ingest
    (a folder without documents), the next change does.
    """
    due, last_error = True, ""
    for has_changed in changes:
        due = due or has_changed
        if not due:
            continue
        try:
            report = ingest()
        except (StoreBusy, IngestError) as error:
            if str(error) != last_error:
                _print_warning(str(error))
            last_error, due = str(error), isinstance(error, StoreBusy)
        else:
            last_error, due = "", False
            show(f"{_clock()} {visible(ingest_line(report))}")
            # Into a pipe, output is buffered.
            sys.stdout.flush()


def _print_warning(text: str) -> None:
    stderr_console().print(f"{_clock()} {visible(text)}", style="yellow", soft_wrap=True)


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"


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
