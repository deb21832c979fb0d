"""One writer at a time, between processes: by a lock file in the data folder, or on PostgreSQL by an advisory lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from store.engines import storage_errors
from store.errors import StoreBusy
from store.filesystem import folder_lock

# The advisory lock of a PostgreSQL database: any number that nobody else uses.
_KEY = 4_718_021
_HOLDER = """
    SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted AND objid = :key
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_AGAIN_SECONDS = 0.1


def writer_lock(engine: Engine, folder: Path, wait_seconds: float = 0.0) -> AbstractContextManager[None]:
    """Hold the writer's lock of a catalog. The system or the database frees it when its holder dies.

    On PostgreSQL, processes on other hosts see it too. Raises StoreBusy, naming the holder, where another process has
    it for longer than `wait_seconds`.
    """
    if engine.dialect.name == "postgresql":
        return _advisory_lock(engine, wait_seconds)
    return folder_lock(folder, wait_seconds)


@contextmanager
def _advisory_lock(engine: Engine, wait_seconds: float) -> Iterator[None]:
    until = time.monotonic() + wait_seconds
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with storage_errors("the catalog"), autocommit.connect() as connection:
        while not connection.scalar(select(func.pg_try_advisory_lock(_KEY))):
            if time.monotonic() >= until:
                name = connection.scalar(text(_HOLDER), {"key": _KEY}) or "another process"
                raise StoreBusy(f"{name} is writing to the database; wait until it has finished")
            time.sleep(_AGAIN_SECONDS)
        try:
            yield
        finally:
            # Where the connection is gone, so is the lock.
            with suppress(DBAPIError):
                connection.scalar(select(func.pg_advisory_unlock(_KEY)))
