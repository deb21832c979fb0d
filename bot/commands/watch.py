"""Keeping folders current: an ingest after each change of their files, until Ctrl-C."""

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

# Milliseconds: an ingest starts after this time without changes, at the latest after the second; the watch wakes at
# intervals of the third, to retry.
_QUIET, _LONGEST, _WAKE = 400, 5_000, 500


def changed(paths: Sequence[Path], ours: Path) -> Iterator[bool]:
    """Yield whether anything below `paths` changed since the last time, at least twice a second.

    The first value comes once the watch is active. Hidden files, temporary files of Word and the data folder `ours` are
    ignored. Raises KeyboardInterrupt at Ctrl-C, FileNotFoundError.
    """
    # Imported late: no other command watches.
    from watchfiles import Change, watch

    for path in paths:
        if not path.exists():
            raise FileNotFoundError(2, "there is no such file or folder", str(path))
    # A named file is watched through its folder: editors put another file in its place.
    folders = {path.absolute() if path.is_dir() else path.absolute().parent for path in paths}
    # Some systems report the target of a symbolic link.
    below = [form for path in paths if path.is_dir() for form in (path.absolute(), path.resolve())]
    files = [form for path in paths if not path.is_dir() for form in (path.absolute(), path.resolve())]
    own = (ours.absolute(), ours.resolve())

    def wanted(_: Change, name: str) -> bool:
        path = Path(name)
        if any(path.is_relative_to(form) for form in own):
            return False
        # The file itself, or its sidecar.
        if any(path.parent == file.parent and path.name.startswith(file.stem) for file in files):
            return True
        inner = next((path.relative_to(root).parts for root in below if path.is_relative_to(root)), None)
        return inner is not None and not any(part.startswith((".", "~$")) for part in inner)

    for changes in watch(
        *folders,
        watch_filter=wanted,
        debounce=_LONGEST,
        step=_QUIET,
        rust_timeout=_WAKE,
        yield_on_timeout=True,
        recursive=bool(below),
    ):
        yield bool(changes)


def keep_current(changes: Iterator[bool], take_in: Callable[[], IngestReport]) -> None:
    """Take in at the start and after each change, with a line each; returns when `changes` end.

    If another process is writing, or the ingest fails (a folder without documents), it prints that once and goes on: it
    retries at the next beat, or at the next change.
    """
    waiting, noted = True, ""
    for some in changes:
        waiting = waiting or some
        if not waiting:
            continue
        try:
            report = take_in()
        except (StoreBusy, IngestError) as error:
            if str(error) != noted:
                _note(str(error))
            noted, waiting = str(error), isinstance(error, StoreBusy)
        else:
            noted, waiting = "", False
            show(f"{_clock()} {visible(ingest_line(report))}")
            # A pipe would hold the line back.
            sys.stdout.flush()


def _note(text: str) -> None:
    notices().print(f"{_clock()} {visible(text)}", style="yellow", soft_wrap=True)


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
