"""Which files people gave in Slack to be taken in: one row for a message that brought some.

    (no row) ──claim──► open ──finish──► done
                          │
                          └── owner silent, or gone: adopted, and begun again

A row belongs to one process, its owner, which says every few seconds that it is alive. A table beside those
of `store.state`, in the same database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    or_,
    update,
)

from store.engines import storage_errors
from store.state import Asked
from store.state_database import NAME, StateTables

metadata = MetaData()

_submissions = Table(
    "slack_submissions",
    metadata,
    Column("key", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("ts", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("user", String, nullable=False),
    Column("text", Text, nullable=False),
    # JSON: [[id, name], ...]
    Column("files", Text, nullable=False),
    Column("response_url", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String),
    # Seconds since 1970: when the owner was last heard of, and when the files were given.
    Column("alive_at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Where the message stands that tells how it goes.
    Column("status_channel", String),
    Column("status_ts", String),
)


@dataclass(frozen=True, slots=True)
class Given:
    """A file by Slack's id, and the name that it had when it was given."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Files that somebody gave; `key` is the same for each delivery of the same gift.

    `asked` is the message that they hang on, with what its writer wants to know, if anything; its `user` is who
    gave them to the bot. `response_url`, where there is one, reaches that person alone for half an hour.
    """

    key: str
    asked: Asked
    files: tuple[Given, ...]
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of the bot in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A submission that its owner left. `attempts` counts the owners who died over it; `status` is its message."""

    submission: Submission
    attempts: int
    status: Standing | None


class Submissions(StateTables):
    """The table of submissions. Every method is one short transaction; all block, and raise StoreError."""

    tables = metadata

    def claim(self, submission: Submission, owner: str) -> bool:
        """Take a submission for `owner`; False if anybody has taken it before."""
        asked, now = submission.asked, self._clock()
        row = _submissions.insert().values(
            key=submission.key,
            team=asked.team,
            channel=asked.channel,
            ts=asked.ts,
            thread=asked.thread,
            user=asked.user,
            text=asked.text,
            files=json.dumps([[file.id, file.name] for file in submission.files]),
            response_url=submission.response_url,
            state="open",
            owner=owner,
            alive_at=now,
            received_at=now,
            attempts=1,
        )
        return self._inserted(row)

    def told(self, key: str, status: Standing) -> None:
        """Write down where the message stands that tells how it goes."""
        self._changed(
            update(_submissions)
            .where(_submissions.c.key == key)
            .values(status_channel=status.channel, status_ts=status.ts)
        )

    def finish(self, key: str) -> None:
        """Write down that nothing is left to do."""
        self._changed(update(_submissions).where(_submissions.c.key == key).values(state="done", owner=None))

    def keep_alive(self, owner: str) -> None:
        """Say that `owner` still works on the submissions it holds."""
        mine = and_(_submissions.c.owner == owner, _submissions.c.state == "open")
        self._changed(update(_submissions).where(mine).values(alive_at=self._clock()))

    def let_go(self, owner: str, key: str | None = None) -> None:
        """Give up what `owner` holds (or one of them), for anyone to adopt at once: no death, and not counted."""
        mine = and_(_submissions.c.owner == owner, _submissions.c.state == "open")
        where = mine if key is None else and_(mine, _submissions.c.key == key)
        self._changed(
            update(_submissions).where(where).values(owner=None, attempts=_submissions.c.attempts - 1)
        )

    def adopt(self, owner: str, *, silent_for: float) -> list[Unfinished]:
        """Take over, oldest first, what nobody owns or whose owner was silent for that many seconds."""
        column = _submissions.c
        silent = and_(column.owner != owner, column.alive_at < self._clock() - silent_for)
        change = (
            update(_submissions)
            .where(column.state == "open", or_(column.owner.is_(None), silent))
            .values(owner=owner, alive_at=self._clock(), attempts=column.attempts + 1)
            .returning(*column)
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            rows = connection.execute(change).all()
        return [
            Unfinished(
                Submission(
                    row.key,
                    Asked(row.team, row.channel, row.ts, row.thread, row.user, row.text),
                    tuple(Given(*file) for file in json.loads(row.files)),
                    row.response_url,
                ),
                row.attempts - 1,
                Standing(row.status_channel, row.status_ts) if row.status_ts else None,
            )
            for row in sorted(rows, key=lambda row: (row.received_at, row.key))
        ]

    def forget(self, *, older_than: float) -> None:
        """Remove what was given more than that many seconds ago and is finished."""
        before = self._clock() - older_than
        self._changed(
            _submissions.delete().where(_submissions.c.received_at < before, _submissions.c.state == "done")
        )
