"""SQL databases opened, and what goes wrong with them said in this package's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from store.errors import StoreBusy, StoreDamaged, StoreError

# A writer's transaction is short; a reader that waits longer than this met a lock that somebody left.
_BUSY_SECONDS = 20.0
# SQLite takes 32,766 parameters a statement; lists of keys are asked for in chunks.
_PART = 5_000
# The execution option of a connection that is opened to write.
_WRITES = "itubot_writes"
# Longer than a search reads.
_READER_SECONDS = 2.0
_NO_DATABASE = (
    "ITUBOT_DATABASE_URL names no database; it reads like sqlite:////folder/catalog.sqlite or "
    "postgresql+psycopg://user@host/name, with signs such as @ : / in a password percent-encoded"
)
ANEW = "move the data folder away and run `itubot ingest` to build it anew"


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy URL of an SQLite file."""
    return f"sqlite+pysqlite:///{path}"


def parse_url(url: str) -> URL:
    """Return an SQLAlchemy URL in its parts. Raises StoreError, which does not repeat it: it may hold a password."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # Where a password has an unencoded sign, a part of it is taken for the port, and the error would show it.
        raise StoreError(_NO_DATABASE) from None


def open_engine(url: str, *, durable: bool = False) -> Engine:
    """Return an engine; on SQLite with write-ahead logging and real transactions.

    `durable`: what was committed is on the disk, at a millisecond or more for each transaction. Without it a power
    failure can undo the last ones, and nothing else. Errors do not show the values of a statement: they may be
    somebody's question.

    Raises StoreError for a URL that names no database, or one whose driver is not installed.
    """
    try:
        engine = create_engine(parse_url(url), hide_parameters=True)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the database needs the Python package {error.name!r}; run `pip install {error.name}`, or name another "
            "driver in ITUBOT_DATABASE_URL"
        ) from error
    except ArgumentError:  # and its subclass, for a database that SQLAlchemy does not know
        raise StoreError(_NO_DATABASE) from None
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            # The driver would begin a transaction only at the first write, and a reader's snapshot with it.
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get(_WRITES, False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that waits for its turn to write before it reads.

    Otherwise, on SQLite, one that has read cannot write any more once another one has written.
    """
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def rewrite(engine: Engine) -> bool:
    """Write the file of an SQLite database anew, without what was deleted; return whether its log has nothing either.

    The log stays as it is where somebody goes on reading what was there before. Nothing is done on other databases.
    Raises sqlite3.Error.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute(f"PRAGMA busy_timeout = {int(_READER_SECONDS * 1000)}")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        return not busy


def chunked(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    """Yield keys in lists that one statement takes."""
    rest = iter(keys)
    while part := list(islice(rest, _PART)):
        yield part


@contextmanager
def storage_errors(what: str, remedy: str = ANEW) -> Iterator[None]:
    """Turn a database's errors about `what` into this package's; `remedy` says how to get a whole one."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        # While it connects, the driver's errors come as they are.
        message = str(error.orig if isinstance(error, DBAPIError) else error)
        raise _explained(what, message, remedy) from error


def _explained(what: str, message: str, remedy: str) -> StoreError:
    if "locked" in message or "busy" in message:
        return StoreBusy(f"{what} is locked by another program; close it and try again")
    if "readonly" in message or "unable to open" in message:
        return StoreDamaged(f"{what} cannot be opened for writing; check the folder's permissions")
    if "full" in message or "disk I/O" in message:
        return StoreDamaged(f"{what} cannot be written ({message}); make room on the disk and try again")
    return StoreDamaged(f"{what} cannot be read ({message}); {remedy}")
