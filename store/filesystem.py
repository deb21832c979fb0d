"""Files of the data folder: the lock of its one writer, and writes that outlive a power failure."""

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


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Raises OSError."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders, and makes their names durable itself.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def folder_lock(folder: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the writer's lock of a data folder. The system releases it when the process dies.

    Raises StoreBusy, which names the holder, where another process holds it for longer than `wait_seconds`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "writer.lock")
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise StoreBusy(f"{_holder(folder)} is writing to {folder}; wait until it has finished") from None
    except OSError as error:
        raise StoreDamaged(f"{folder} cannot be written ({error.strerror}); check its permissions") from error
    note = folder / _NOTE
    try:
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        # The note is only for messages: on a full disk the lock works without it.
        with suppress(OSError):
            note.unlink(missing_ok=True)
            note.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}))
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _holder(folder: Path) -> str:
    """Return the description of the lock's holder for messages."""
    try:
        note = json.loads((folder / _NOTE).read_text())
        return f"process {note['pid']} on {note['host']} (since {note['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"
