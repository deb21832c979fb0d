"""Opens the database of the bot's own work, beside the documents, and moves the tables of the previous version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Float, func, inspect, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.functions import FunctionElement

from store.engines import open_engine, parse_url, storage_errors, write_transaction
from store.jobs.schema import metadata

NAME = "the state database"
# Key of the PostgreSQL advisory lock for creating the tables: any number that nobody else uses.
_CREATION_LOCK = 4_718_020


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
    """Open the database of an SQLAlchemy URL and create missing tables, and the SQLite file. Raises StoreError.

    Commits are durable: a claim that a power failure undoes would be work done twice.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url, durable=True)
    with storage_errors(NAME):
        # IF NOT EXISTS instead of a check beforehand: two processes may start at the same moment.
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # On PostgreSQL, IF NOT EXISTS alone fails when two processes create a table.
                connection.execute(select(func.pg_advisory_xact_lock(_CREATION_LOCK)))
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
        with engine.connect() as connection:
            former = _former_tables(connection)
        if former:
            with write_transaction(engine) as connection:
                _move_former_tables(connection)
    return engine


_MESSAGE = 'team, channel, ts, thread, "user", text'
_QUESTION_KEY = "team || '/' || channel || '/' || ts"
_DIGEST_KEY = "channel || '/' || day"
# For each table of the previous version: what a job is made of (kind, key, created_at, failures, done), and the
# details table with its columns and their values. A question's number of attempts counted restarts too, so it says
# nothing about failures; that of an upload included the attempt under way.
_FORMER: dict[str, tuple[str, str, str, str]] = {
    "slack_questions": (
        f"'question', {_QUESTION_KEY}, received_at, 0, state = 'answered'",
        "questions",
        f"key, {_MESSAGE}, sending, outcome, reply, reply_ts, reference",
        f"{_QUESTION_KEY}, {_MESSAGE}, state = 'answering', outcome, reply, reply_ts, reference",
    ),
    "slack_events": ("'event', event_id, seen_at, 0, event_id IS NOT NULL", "", "", ""),
    "slack_submissions": (
        "'upload', key, received_at, attempts - 1, state = 'done'",
        "uploads",
        f"key, {_MESSAGE}, files, response_url, given_ts, status_channel, status_ts",
        f"key, {_MESSAGE}, files, response_url, ts, status_channel, status_ts",
    ),
    "digest_runs": (
        f"'digest', {_DIGEST_KEY}, claimed_at, 0, state = 'posted'",
        "digests",
        "key, channel, day, ts, knew",
        f"{_DIGEST_KEY}, channel, day, ts, knew",
    ),
}


def _former_tables(connection: Connection) -> list[str]:
    known = set(inspect(connection).get_table_names())
    return [name for name in _FORMER if name in known]


def _move_former_tables(connection: Connection) -> None:
    """Move the rows of the previous version's tables into those of today; unfinished work has no holder."""
    # One process at a time: of two that start together, the second finds nothing left to move.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE jobs")
    for former in _former_tables(connection):
        job, table, columns, values = _FORMER[former]
        moves = [("jobs", "kind, key, created_at, failures, done, term, expires_at", f"{job}, 0, 0.0")]
        if table:
            moves.append((table, columns, values))
        for target, into, what in moves:
            connection.exec_driver_sql(
                f"INSERT INTO {target} ({into}) SELECT {what} FROM {former} WHERE true ON CONFLICT DO NOTHING"  # noqa: S608
            )
        connection.exec_driver_sql(f"DROP TABLE {former}")
