"""SQLAlchemy engines and transactions, and their errors as errors of this package."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Row,
    Select,
    Table,
    Update,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.errors import (
    SchemaMismatch,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreUnavailable,
    StoreUnwritable,
)

# Seconds to wait for a lock. Transactions that write are shorter: a longer wait means that a process left a lock.
_BUSY_SECONDS = 20.0
# Seconds between two tries to switch a file to write-ahead logging.
_RETRY_SECONDS = 0.05
# Keys in one statement: SQLite takes 32,766 parameters.
_CHUNK_KEYS = 5_000
# The turn in which tables are changed: any number that no other turn has.
_SCHEMA_TURN = 4_718_020
# Execution option of connections that write.
_WRITES = "itubot_writes"
# Seconds to wait for readers before the log is emptied: a search reads for less, a backup for minutes.
READER_SECONDS = 5.0
_NO_DATABASE = (
    "ITUBOT_DATABASE_URL names no database; it reads like sqlite:////folder/itubot.sqlite or "
    "postgresql+psycopg://user@host/name, with signs such as @ : / in a password percent-encoded"
)
# Name of the SQLite file in a data folder, and those that earlier versions had there.
DATABASE = "itubot.sqlite"
_EARLIER = ("catalog.sqlite", "state.sqlite")
NAME = "the database"
_JSON = TypeAdapter[Any](Any)
_REMEDY = (
    f"move {DATABASE}* out of the data folder and run `itubot restore FILE`, after which all is as in that backup; "
    "without a backup run `itubot ingest PATH ...`: documents come back, and all else is lost"
)


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy URL of an SQLite file."""
    return f"sqlite+pysqlite:///{path}"


def parse_url(url: str) -> URL:
    """Parse an SQLAlchemy URL. Raises StoreError, without the URL in its message: it may contain a password."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # The error may show a part of the password, which is taken for the port if a sign in it is not encoded.
        raise StoreError(_NO_DATABASE) from None


def open_engine(url: str) -> Engine:
    """Return an engine; on SQLite with write-ahead logging, real transactions and checked foreign keys.

    Each commit waits until it is on the disk: if a power failure undid a claim, the work would be done twice. Errors do
    not show the values of a statement: they may be somebody's question.

    Raises StoreError for a URL that names no database, or one whose driver is not installed.
    """
    try:
        parsed = parse_url(url)
        options = _postgresql_options() if parsed.get_backend_name() == "postgresql" else {}
        engine = create_engine(parsed, hide_parameters=True, json_serializer=_to_json, **options)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the database needs the Python package {error.name!r}; run `pip install {error.name}` (for PostgreSQL "
            "`pip install '.[postgres]'`), or name another driver in ITUBOT_DATABASE_URL"
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
            _begin_log(cursor)
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten with zeros: somebody relies on it.
            cursor.execute("PRAGMA secure_delete = ON")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get(_WRITES, False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _to_json(value: Any) -> str:
    """Return JSON, also of dataclasses and dates."""
    return _JSON.dump_json(value).decode()


def _begin_log(cursor: sqlite3.Cursor) -> None:
    """Switch a file to write-ahead logging, once no other process writes to it. Raises sqlite3.OperationalError."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # The switch reads the file before it writes. Two processes that do so would wait for each other: SQLite
            # refuses one of them at once, whatever its timeout.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_RETRY_SECONDS)


def _postgresql_options() -> dict[str, Any]:
    return {
        "pool_size": 5,
        "max_overflow": 10,
        "pool_timeout": _BUSY_SECONDS,
        # A server that was restarted costs a new connection, not an error.
        "pool_pre_ping": True,
        "connect_args": {
            "connect_timeout": 5,
            "application_name": f"itubot on {socket.gethostname()}, process {os.getpid()}"[:63],
            "options": f"-c lock_timeout={int(_BUSY_SECONDS * 1000)}",
        },
    }


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """Open a connection to read by. Here and below, errors of the database are those of this package."""
    with storage_errors(), engine.connect() as connection:
        yield connection


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction whose reads all see the same state, on SQLite that of the first one."""
    # SQLite's transactions always read one state.
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    options = snapshot if engine.dialect.name == "postgresql" else {}
    with storage_errors(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that takes the write lock before it reads.

    On SQLite, a transaction that has read cannot write once another one has written.
    """
    options = {_WRITES: True}
    with storage_errors(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def schema_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that may create and change tables; one process at a time."""
    with write_transaction(engine) as connection:
        take_turn(connection, _SCHEMA_TURN)
        yield connection


def take_turn(connection: Connection, turn: int) -> None:
    """Wait until no other transaction of a server has this turn, and keep it until the transaction ends.

    On SQLite, only one transaction at a time can write, with or without a turn.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(turn)))


def database_exists(engine: Engine) -> bool:
    """Whether there is a database; on a server always. Connecting would create an empty SQLite file.

    Raises SchemaMismatch if the folder has one of an earlier layout alone.
    """
    if engine.dialect.name != "sqlite":
        return True
    file = Path(engine.url.database or "")
    if not file.exists() and any((file.parent / name).exists() for name in _EARLIER):
        raise SchemaMismatch(
            f"what is in {file.parent} was made by an earlier version, which this one does not read; move it away and "
            "run `itubot ingest PATH ...` again"
        )
    return file.exists()


def check_file(engine: Engine) -> bool:
    """Read all of an SQLite file; return False if there is none, or the database is on a server.

    Raises StoreDamaged if a part of the file is damaged, and other StoreErrors.
    """
    if engine.dialect.name != "sqlite" or not database_exists(engine):
        return False
    with connected(engine) as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise damaged(f"is damaged ({next(iter(str(found).splitlines()), '')})")
    return True


def empty_log(engine: Engine, reader_seconds: float = READER_SECONDS) -> bool:
    """Move the write-ahead log of an SQLite database into its file; return whether the log is empty now.

    It stays while a reader uses an earlier state for more than `reader_seconds`. Nothing is done on other databases.
    Raises sqlite3.Error.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(reader_seconds * 1000)}")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        return not busy


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that leaves a row of the same key as it is."""
    return _insert(connection, table).on_conflict_do_nothing()


def insert_or_replace(
    connection: Connection, table: Table, key: Sequence[str]
) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that replaces all values of a row with the same key, which names columns, but its number.

    On a server, another process may insert such a row after a DELETE and before the INSERT.
    """
    inserted = _insert(connection, table)
    values = {c.name: inserted.excluded[c.name] for c in table.c if c is not table.autoincrement_column}
    return inserted.on_conflict_do_update(index_elements=key, set_=values)


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def chunked(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    """Yield keys in lists that are short enough for one statement."""
    rest = iter(keys)
    while part := list(islice(rest, _CHUNK_KEYS)):
        yield part


def rows_with(
    connection: Connection, query: Select[Any], column: ColumnElement[str], keys: Iterable[str]
) -> Iterator[Row[Any]]:
    """Yield the rows of a query whose column has one of many values."""
    for part in chunked(dict.fromkeys(keys)):
        yield from connection.execute(query.where(column.in_(part)))


def change_with(
    connection: Connection, change: Update | Delete, column: ColumnElement[str], keys: Iterable[str]
) -> None:
    """Change or delete the rows whose column has one of many values."""
    for part in chunked(dict.fromkeys(keys)):
        connection.execute(change.where(column.in_(part)))


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn database errors into errors of this package."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreBusy(f"{NAME} has no connection to spare; try again") from error
    except (DBAPIError, sqlite3.Error) as error:
        # SQLAlchemy does not wrap the driver's errors while it connects.
        original = error.orig if isinstance(error, DBAPIError) else error
        message = next(iter(str(original).splitlines()), "")
        if isinstance(original, sqlite3.Error):
            raise _explained_sqlite(message) from error
        raise _explained_postgresql(message, str(getattr(original, "sqlstate", None) or "")) from error


def damaged(why: str) -> StoreDamaged:
    """Return the error for a damaged SQLite file; its message says what to do, and what that keeps."""
    return StoreDamaged(f"{NAME} {why}; {_REMEDY}")


def _explained_sqlite(message: str) -> StoreError:
    if "locked" in message or "busy" in message:
        return StoreBusy(f"{NAME} is locked by another program; close it and try again")
    if "readonly" in message or "unable to open" in message:
        return StoreUnwritable(
            f"{NAME} cannot be opened for writing; check the folder's permissions and the room on its disk"
        )
    if "full" in message or "disk I/O" in message:
        return StoreUnwritable(f"{NAME} cannot be written ({message}); make room on the disk and try again")
    return damaged(f"cannot be read ({message})")


# Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: a lock, a deadlock, a conflict of
# transactions; connections that are refused or end; a full disk.
_BUSY = ("55P03", "40")
_AWAY = ("08", "57P", "53300", "28", "3D000")
_FULL = "53100"


def _explained_postgresql(message: str, code: str) -> StoreError:
    if code.startswith(_BUSY):
        return StoreBusy(f"{NAME} is locked by another program; try again")
    if not code or code.startswith(_AWAY):
        return StoreUnavailable(
            f"{NAME} cannot be reached ({message}); start the server, or correct ITUBOT_DATABASE_URL"
        )
    if code.startswith(_FULL):
        return StoreUnwritable(
            f"{NAME} cannot be written ({message}); make room on the server's disk and try again"
        )
    return StoreDamaged(f"{NAME} cannot be used ({message}); the server's log says more")
