"""The writer's lock, between processes: a lock file in the data folder, or on PostgreSQL an advisory lock."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from store.engines import storage_errors
from store.errors import StoreBusy, StoreDamaged

# The advisory lock of a PostgreSQL database: any number that has no other use.
_KEY = 4_718_021
_HOLDER = """
    SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted AND objid = :key
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_RETRY_SECONDS = 0.1
# Seconds that a second writer waits for the first one before it raises StoreBusy.
WRITER_SECONDS = 5.0
# The file that names the holder of the lock file.
_NOTE = "writer.txt"


def writer_lock(engine: Engine, folder: Path, wait_seconds: float = 0.0) -> AbstractContextManager[None]:
    """Hold the writer's lock of a catalog. The system or the database releases it when its holder dies.

    On PostgreSQL, processes on other hosts see it too. Raises StoreBusy, naming the holder, if another process has it
    for longer than `wait_seconds`.
    """
    if engine.dialect.name == "postgresql":
        return _advisory_lock(engine, wait_seconds)
    return folder_lock(folder, wait_seconds)


@contextmanager
def folder_lock(folder: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the writer's lock of a data folder. The system releases it when the process dies.

    Raises StoreBusy, which names the holder, if another process holds the lock for longer than `wait_seconds`.
    """
    lock = FileLock(folder / "writer.lock")
    note = folder / _NOTE
    try:
        with _folder_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=wait_seconds)
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        # The note is only for messages: on a full disk the lock works without it.
        with suppress(OSError):
            note.unlink(missing_ok=True)
            note.write_text(f"process {os.getpid()} on {socket.gethostname()} (since {since})")
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):
                note.unlink(missing_ok=True)
            lock.release()


@contextmanager
def _folder_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise StoreBusy(f"{_holder(folder)} is writing to {folder}; wait until it has finished") from None
    except OSError as error:
        raise StoreDamaged(
            f"{folder} cannot be written ({error.strerror}); check its permissions and the room on its disk"
        ) from error


def _holder(folder: Path) -> str:
    """Return the description of the lock's holder for messages."""
    with suppress(OSError):
        return (folder / _NOTE).read_text()
    return "another process"


def lock_holder(connection: Connection) -> str | None:
    """Return the name of the process that holds the lock of a PostgreSQL database; None if there is none."""
    name = connection.scalar(text(_HOLDER), {"key": _KEY})
    return None if name is None else str(name)


@contextmanager
def _advisory_lock(engine: Engine, wait_seconds: float) -> Iterator[None]:
    until = time.monotonic() + wait_seconds
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with storage_errors(), autocommit.connect() as connection:
        while not connection.scalar(select(func.pg_try_advisory_lock(_KEY))):
            if time.monotonic() >= until:
                name = lock_holder(connection) or "another process"
                raise StoreBusy(f"{name} is writing to the database; wait until it has finished")
            time.sleep(_RETRY_SECONDS)
        try:
            yield
        finally:
            # A connection that is gone has released the lock.
            with suppress(DBAPIError):
                connection.scalar(select(func.pg_advisory_unlock(_KEY)))
