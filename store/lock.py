"""One writer at a time, between processes, by a lock file that names its holder."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from store.errors import StoreBusy, StoreDamaged

_NOTE = "writer.json"


@contextmanager
def writer_lock(folder: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the writer's lock of a data folder. The system frees it when its holder dies.

    Raises StoreBusy, naming the holder, where another process has it for longer than `wait_seconds`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "writer.lock")
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise StoreBusy(f"{holder(folder)} is writing to {folder}; wait until it has finished") from None
    except OSError as error:
        raise StoreDamaged(f"{folder} cannot be written ({error.strerror}); check its permissions") from error
    try:
        _sign(folder / _NOTE)
        yield
    finally:
        with suppress(OSError):
            (folder / _NOTE).unlink(missing_ok=True)
        lock.release()


def _sign(note: Path) -> None:
    words = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    # The note is a courtesy: on a full disk the lock holds without it.
    with suppress(OSError):
        note.unlink(missing_ok=True)
        note.write_text(json.dumps(words))


def holder(folder: Path) -> str:
    """Return words for who holds the lock, as far as it said so."""
    try:
        note = json.loads((folder / _NOTE).read_text())
        return f"process {note['pid']} on {note['host']} (since {note['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"
