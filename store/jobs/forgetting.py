"""Deletes what is kept of a person or a workspace: rows of jobs and of people, never documents."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Column, ColumnElement, Engine, Table, delete, func, or_, select, true

from store.engines import READER_SECONDS, connected, empty_log, storage_errors, write_transaction
from store.errors import StoreBusy
from store.schema import installations, jobs, metadata

# The names of the columns that have a person's id in Slack.
_PERSON = ("user", "expert")


def person_columns() -> list[Column[str]]:
    """Return every column of the database that has a person's id."""
    return [column for table in metadata.sorted_tables for column in table.c if column.name in _PERSON]


def forget_person(engine: Engine, user: str) -> dict[str, int]:
    """Delete every row with the person's id; on SQLite, no file has their words afterwards.

    Jobs of others that are about the person's questions are deleted too: somebody else may have passed one on. Return
    what `kept_of_person` does. Raises StoreBusy if the rows are deleted, but another process reads the state before, so
    that SQLite's log keeps their words; a later call then removes these. Raises other StoreErrors.
    """
    kept = kept_of_person(engine, user)
    with write_transaction(engine) as connection:
        for table, condition in _about(user).items():
            connection.execute(delete(table).where(condition))
    # SQLite overwrites deleted rows with zeros. What they were is still in its log.
    with storage_errors():
        if not empty_log(engine, READER_SECONDS):
            raise StoreBusy(
                f"the rows of {user} are deleted, but another program, such as `itubot backup`, still reads the state "
                "before, which its files keep until then; when it has ended, run `itubot forget` again"
            )
    return kept


def kept_of_person(engine: Engine, user: str) -> dict[str, int]:
    """Return what -> how many rows `forget_person` deletes: a table, or of jobs their kind, as in "expert_questions".

    Raises StoreError.
    """
    found: Counter[str] = Counter()
    with connected(engine) as connection:
        for table, condition in _about(user).items():
            if table is jobs:
                kinds = select(jobs.c.kind, func.count()).where(condition).group_by(jobs.c.kind)
                found.update({f"{kind.replace(' ', '_')}s": n for kind, n in connection.execute(kinds)})
            else:
                found[table.name] = (
                    connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
                )
    return dict(+found)


def forget_workspace(engine: Engine, team: str, *, unless_installed: bool) -> None:
    """Delete every row of a workspace, its jobs, and its token. Raises StoreError.

    `unless_installed`: nothing is deleted if there is a token.
    """
    is_installed = select(installations.c.team).where(installations.c.team == team).exists()
    may_go = ~is_installed if unless_installed else true()
    # The keys of recorded events contain the workspace.
    is_seen = jobs.c.key.contains(f"/{team}/", autoescape=True) & (jobs.c.team == "")
    with write_transaction(engine) as connection:
        # The token last: the condition of the others asks for it.
        for table in sorted(metadata.sorted_tables, key=lambda table: table is installations):
            if "team" in table.c:
                own = or_(table.c.team == team, is_seen) if table is jobs else table.c.team == team
                connection.execute(delete(table).where(own & may_go))


def _about(user: str) -> dict[Table, ColumnElement[bool]]:
    """Return table -> the condition that a row is about a person, the tables first that refer to others."""
    columns = person_columns()
    own = {
        table: or_(*(column == user for column in columns if column.table is table))
        for table in reversed(metadata.sorted_tables)
        if any(column.table is table for column in columns)
    }
    # With a question, the database deletes the votes on it, and what experts say of it has the same key.
    asked = select(jobs.c.key).where(jobs.c.kind == "question", jobs.c.user == user)
    return {
        table: or_(condition, jobs.c.key.in_(asked)) if table is jobs else condition
        for table, condition in own.items()
    }
