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

# Milliseconds. A file is taken in once nothing changed for the first; at the latest after the second, so that a folder
# that never rests is kept current too. Between them the watch wakes at the third, to try again where it has to.
_QUIET, _LONGEST, _WAKE = 400, 5_000, 500


def changed(paths: Sequence[Path], ours: Path) -> Iterator[bool]:
    """Yield whether anything below `paths` changed since the last time, at least twice a second.

    The first time comes once the watch stands: what changes from then on is not missed. Hidden files, those that
    Word keeps beside an open document, and what is below `ours`, the data folder, do not count. Raises
    KeyboardInterrupt at Ctrl-C, FileNotFoundError.
    """
    # Only here: nothing else watches.
    from watchfiles import Change, watch

    for path in paths:
        if not path.exists():
            raise FileNotFoundError(2, "there is no such file or folder", str(path))
    # A named file is watched through its folder: editors put another file in its place.
    folders = {path.absolute() if path.is_dir() else path.absolute().parent for path in paths}
    # Where a path leads through a link, some systems name the place itself.
    below = [form for path in paths if path.is_dir() for form in (path.absolute(), path.resolve())]
    files = [form for path in paths if not path.is_dir() for form in (path.absolute(), path.resolve())]
    own = (ours.absolute(), ours.resolve())

    def wanted(_: Change, name: str) -> bool:
        path = Path(name)
        if any(path.is_relative_to(form) for form in own):
            return False
        # Beside a file stands its sidecar.
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

    Where another process is writing, or the ingest fails (a folder without documents), it says so once and the watch
    goes on: the first is tried again at the next beat, the second at the next change.
    """
    waiting, said = True, ""
    for some in changes:
        waiting = waiting or some
        if not waiting:
            continue
        try:
            report = take_in()
        except (StoreBusy, IngestError) as error:
            if str(error) != said:
                _note(str(error))
            said, waiting = str(error), isinstance(error, StoreBusy)
        else:
            said, waiting = "", False
            show(f"{_clock()} {visible(ingest_line(report))}")
            # Whoever reads this through a pipe waits for the line.
            sys.stdout.flush()


def _note(text: str) -> None:
    notices().print(f"{_clock()} {visible(text)}", style="yellow", soft_wrap=True)


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
