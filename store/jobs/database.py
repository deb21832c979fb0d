"""Opens the state database, which has the bot's own work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Engine, Float, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from store import restoring
from store.engines import open_engine, storage_errors
from store.jobs.schema import SCHEMA
from store.locks import folder_lock
from store.schema_revisions import prepare

NAME = SCHEMA.title
# Seconds that a transaction waits for the last step of a restore.
_RESTORE_SECONDS = 20.0


class Now(FunctionElement[float]):
    """Seconds since 1970 by the database's clock, as the clocks of the processes that share it may differ."""

    type = Float()
    inherit_cache = True


@compiles(Now)
def _now(*_: Any, **__: Any) -> str:
    return "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())"


@compiles(Now, "sqlite")
def _now_of_sqlite(*_: Any, **__: Any) -> str:
    return "((JULIANDAY('now') - 2440587.5) * 86400.0)"


class StateStore:
    """What a table of the state database has, shared by all processes that use that; `now` replaces its clock."""

    def __init__(self, engine: Engine, now: ColumnElement[float] | None = None) -> None:
        self._engine = engine
        self._now = Now() if now is None else now

    @classmethod
    def beside(cls, other: StateStore) -> Self:
        """Return the store in the database of another one."""
        return cls(other._engine, other._now)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with storage_errors(NAME), self._engine.begin() as connection:
            yield connection


def open_database(url: str) -> Engine:
    """Open the state database of an SQLAlchemy URL; an SQLite file is created. Raises StoreError."""
    engine = state_engine(url)
    prepare(engine, SCHEMA)
    return engine


def state_engine(url: str) -> Engine:
    """Return the engine of a state database. Raises StoreError.

    Commits are durable: if a power failure undid a claim, the work would be done twice. Each transaction first finishes
    a restore that was killed in its last step.
    """
    engine = open_engine(url, durable=True)
    if engine.dialect.name == "sqlite" and engine.url.database:
        folder = Path(engine.url.database).parent

        # Before the transaction, which would keep the other one out.
        @event.listens_for(engine, "begin", insert=True)
        def _finish_restore(*_: object) -> None:
            if restoring.is_unfinished(folder):
                with folder_lock(folder, _RESTORE_SECONDS):
                    pass

    return engine
