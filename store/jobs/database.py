"""Opens the state database, which has the bot's own work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from store.engines import open_engine
from store.jobs.schema import SCHEMA
from store.schema_revisions import prepare

NAME = SCHEMA.title


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


def open_database(url: str) -> Engine:
    """Open the state database of an SQLAlchemy URL; an SQLite file is created. Raises StoreError.

    Commits are durable: if a power failure undid a claim, the work would be done twice.
    """
    return prepare_database(open_engine(url, durable=True))


def prepare_database(engine: Engine) -> Engine:
    """Create the tables of an empty database, or migrate an older SQLite file; return the engine. Raises StoreError."""
    prepare(engine, SCHEMA)
    return engine
