"""Deletes what the state database has about a person or a workspace."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, delete, func, or_, select, true, tuple_

from store.engines import read_transaction, rewrite, storage_errors, write_transaction
from store.errors import StoreBusy
from store.jobs.database import NAME
from store.jobs.leases import EVENT, ONCE
from store.jobs.schema import installations, jobs, metadata, questions

# The names of the columns that have a person's id in Slack.
_PERSON = ("user", "expert")
# A bot reads for milliseconds; a backup may read for minutes.
READER_SECONDS = 5.0


def person_columns() -> list[Column[str]]:
    """Return every column of the state database that has a person's id."""
    return _columns(*_PERSON)


def forget_person(engine: Engine, user: str) -> dict[str, int]:
    """Delete every row with the person's id, and the jobs of such rows; on SQLite, no file has their words afterwards.

    Rows of others that are about the person's questions are deleted too: somebody else may have passed one on. Return
    table -> number of its rows. Raises StoreBusy if the rows are deleted, but another process reads the state before,
    so that SQLite keeps their words; a later call then removes these. Raises other StoreErrors.
    """
    deleted: dict[str, int] = {}
    with storage_errors(NAME), write_transaction(engine) as connection:
        asked = connection.scalars(select(questions.c.key).where(questions.c.user == user)).all()
        # The tables that refer to questions first: with a question, the database would delete their rows uncounted.
        for column in reversed(person_columns()):
            name = column.table.name
            count = _delete(connection, column, _is_about(column, user, asked))
            if count:
                deleted[name] = deleted.get(name, 0) + count
    # SQLite leaves the words of deleted rows in free parts of its pages, and in its log.
    with storage_errors(NAME):
        if not rewrite(engine, READER_SECONDS):
            raise StoreBusy(
                f"the rows of {user} are deleted, but another program, such as `itubot backup`, still reads the state "
                "before, which its files keep until then; when it has ended, run `itubot forget` again"
            )
    return deleted


def kept_of_person(engine: Engine, user: str) -> dict[str, int]:
    """Return table -> number of the rows with the person's id, which `forget_person` deletes. Raises StoreError."""
    with storage_errors(NAME), read_transaction(engine) as connection:
        asked = select(questions.c.key).where(questions.c.user == user)
        about = {
            table: or_(
                *(_is_about(column, user, asked) for column in person_columns() if column.table is table)
            )
            for table in {column.table for column in person_columns()}
        }
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
            for table, condition in about.items()
        }
    return {name: count for name, count in counts.items() if count}


def forget_workspace(engine: Engine, team: str, *, unless_installed: bool) -> None:
    """Delete every row of a workspace, the jobs of such rows, and its token. Raises StoreError.

    `unless_installed`: nothing is deleted if there is a token.
    """
    is_installed = select(installations.c.team).where(installations.c.team == team).exists()
    may_go = ~is_installed if unless_installed else true()
    with storage_errors(NAME), engine.begin() as connection:
        for column in _columns("team"):
            _delete(connection, column, (column == team) & may_go)
        # The keys of some recorded events contain the workspace.
        seen = (jobs.c.kind.in_((EVENT, ONCE))) & jobs.c.key.contains(f"/{team}/", autoescape=True)
        connection.execute(delete(jobs).where(seen & may_go))


def _is_about(column: Column[str], user: str, asked: Any) -> ColumnElement[bool]:
    """Return the condition that a row has the person's id in a column, or is about a question that they `asked`."""
    own = column == user
    return or_(own, column.table.c.key.in_(asked)) if "kind" in column.table.c else own


def _columns(*names: str) -> list[Column[str]]:
    return [column for table in metadata.sorted_tables for column in table.c if column.name in names]


def _delete(connection: Connection, column: Column[str], condition: ColumnElement[bool]) -> int:
    """Delete the rows of a column's table that meet a condition, and return their number."""
    table = column.table
    if "kind" in table.c:
        # A table with details of jobs: they are deleted with the jobs.
        own = select(table.c.kind, table.c.key).where(condition)
        return connection.execute(delete(jobs).where(tuple_(jobs.c.kind, jobs.c.key).in_(own))).rowcount
    return connection.execute(delete(table).where(condition)).rowcount
