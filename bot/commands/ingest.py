"""`itubot ingest` and `itubot reindex`: read documents into the store, also after each change; build the index anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.context import AsJson, CliContext, bundled, cli_context
from bot.safe_text import visible
from bot.terminal.console import emit, only_result, show, stderr_console
from bot.terminal.ingest import ingest_json, ingest_line, ingest_view, progress_bars, reindex_view
from ingest.errors import IngestError
from ingest.report import IngestReport
from store.errors import StoreBusy


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


# Milliseconds: an ingest starts `_QUIET` after the last change, at most `_MAX_WAIT` after the first; the watch yields a
# value at least every `_INTERVAL`, so that an ingest can be retried.
_QUIET, _MAX_WAIT, _INTERVAL = 400, 5_000, 500


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
