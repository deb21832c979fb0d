"""The database of the bot's own work, beside the documents: opened, and brought up from its former tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Float,
    MetaData,
    Select,
    Table,
    func,
    insert,
    inspect,
    literal,
    null,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.functions import FunctionElement

from store.engines import open_engine, parse_url, storage_errors, write_transaction
from store.jobs.schema import digests, jobs, metadata, questions, uploads

NAME = "the state database"
# PostgreSQL's number of the lock for making the tables: any that nobody else uses.
_OPENING = 4_718_020


class Now(FunctionElement[float]):
    """Seconds since 1970 by the database's clock: those of the processes that share it may differ."""

    type = Float()
    inherit_cache = True


@compiles(Now)
def _now(*_: Any, **__: Any) -> str:
    return "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())"


@compiles(Now, "sqlite")
def _now_of_sqlite(*_: Any, **__: Any) -> str:
    return "((JULIANDAY('now') - 2440587.5) * 86400.0)"


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that leaves a row of the same key as it is."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def open_database(url: str) -> Engine:
    """Open the database of an SQLAlchemy URL, with its tables; an SQLite file is created. Raises StoreError.

    What was committed outlives a power failure: a claim that is undone would be work done twice.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url, durable=True)
    with storage_errors(NAME):
        # IF NOT EXISTS, and no look beforehand: two processes may start at the same moment.
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Where IF NOT EXISTS does not do for that.
                connection.execute(select(func.pg_advisory_xact_lock(_OPENING)))
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
        with engine.connect() as connection:
            former = _former_tables(connection)
        if former:
            with write_transaction(engine) as connection:
                _take_over(connection)
    return engine


# The tables of the previous version, in which each kind of work had its own columns for its owner.
_FORMER = ("slack_questions", "slack_events", "slack_submissions", "digest_runs")


def _former_tables(connection: Connection) -> list[str]:
    known = set(inspect(connection).get_table_names())
    return [name for name in _FORMER if name in known]


def _take_over(connection: Connection) -> None:
    """Move what the previous version kept into the tables of today; open work is nobody's."""
    # In turn: of two processes that start together, the second finds nothing left to move.
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE jobs"))
    for name in _former_tables(connection):
        former = Table(name, MetaData(), autoload_with=connection)
        _MOVES[name](connection, former)
        former.drop(connection)


def _move_questions(connection: Connection, former: Table) -> None:
    old = former.c
    key = old.team + "/" + old.channel + "/" + old.ts
    _insert(
        connection,
        questions,
        select(
            key.label("key"),
            *(old[name] for name in ("team", "channel", "ts", "thread", "user", "text")),
            (old.state == "answering").label("sending"),
            *(old[name] for name in ("outcome", "reply", "reply_ts", "reference")),
        ),
        key.not_in(select(questions.c.key)),
    )
    # The previous version counted every restart as an attempt: nothing can be concluded from its number.
    _insert_jobs(connection, "question", key, old.received_at, literal(0), old.state == "answered")


def _move_events(connection: Connection, former: Table) -> None:
    _insert_jobs(
        connection, "event", former.c.event_id, former.c.seen_at, literal(0), former.c.event_id.is_not(None)
    )


def _move_submissions(connection: Connection, former: Table) -> None:
    old = former.c
    names = ("key", "team", "channel", "ts", "thread", "user", "text", "files", "response_url")
    _insert(
        connection,
        uploads,
        select(*(old[name] for name in names), old.ts.label("given_ts"), old.status_channel, old.status_ts),
        old.key.not_in(select(uploads.c.key)),
    )
    # Its number counted who has it now, too; whoever let go of it was taken off.
    _insert_jobs(connection, "upload", old.key, old.received_at, old.attempts - 1, old.state == "done")


def _move_digests(connection: Connection, former: Table) -> None:
    old = former.c
    key = old.channel + "/" + old.day
    _insert(
        connection,
        digests,
        select(key.label("key"), old.channel, old.day, old.ts, old.knew),
        key.not_in(select(digests.c.key)),
    )
    _insert_jobs(connection, "digest", key, old.claimed_at, literal(0), old.state == "posted")


_MOVES = {
    "slack_questions": _move_questions,
    "slack_events": _move_events,
    "slack_submissions": _move_submissions,
    "digest_runs": _move_digests,
}


def _insert_jobs(
    connection: Connection,
    kind: str,
    key: ColumnElement[str],
    created_at: ColumnElement[float],
    failures: ColumnElement[int],
    done: ColumnElement[bool],
) -> None:
    rows = select(
        literal(kind).label("kind"),
        key.label("key"),
        null().label("holder"),
        literal(0).label("term"),
        literal(0.0).label("expires_at"),
        created_at.label("created_at"),
        failures.label("failures"),
        done.label("done"),
    )
    _insert(connection, jobs, rows, key.not_in(select(jobs.c.key).where(jobs.c.kind == kind)))


def _insert(
    connection: Connection, table: Table, rows: Select[*tuple[Any, ...]], missing: ColumnElement[bool]
) -> None:
    names = [column.name for column in rows.selected_columns]
    connection.execute(insert(table).from_select(names, rows.where(missing)))
