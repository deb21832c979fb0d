"""`itubot ingest --watch`: an ingest after each change of the files, until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bot.safe_text import visible
from bot.terminal.console import notices, show
from bot.terminal.ingest import ingest_line
from ingest.errors import IngestError
from ingest.report import IngestReport
from store.errors import StoreBusy

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
    notices().print(f"{_clock()} {visible(text)}", style="yellow", soft_wrap=True)


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
