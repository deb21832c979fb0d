"""What happened in Slack: which questions were taken, what was answered, which events were seen.

A database of its own, so that a long ingest never blocks a reply. A question goes

    received ──► answering ──► answered
    taken, being   the reply is on    the reply is known
    worked on      its way to Slack   to have arrived

and belongs meanwhile to one process, its owner, which says every few seconds that it is alive.
What a dead owner left behind can be adopted: in `received` nothing was sent yet, in `answering` only
a look into Slack can tell. A reply that is told piece by piece is named while it is on its way, so that
whoever adopts its question ends it where it stands. Every method is one short transaction, safe between
processes; all of them block, and raise StoreError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    or_,
    select,
    update,
)

from store.engines import storage_errors
from store.state_database import NAME, StateTables

Outcome = Literal["answer", "apology", "notice", "undeliverable"]

metadata = MetaData()

_questions = Table(
    "slack_questions",
    metadata,
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("ts", String, primary_key=True),
    Column("thread", String, nullable=False),
    Column("user", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String),
    # Seconds since 1970: when the owner was last heard of, and when the question was taken.
    Column("alive_at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("outcome", String),
    Column("reply", Text),
    Column("reply_ts", String),
    Column("reference", String, index=True),
)
Index("slack_questions_thread", _questions.c.team, _questions.c.channel, _questions.c.thread)
Index("slack_questions_state", _questions.c.state)

_events = Table(
    "slack_events",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("seen_at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in; (team, channel, ts) is its name in Slack.

    `thread` is the `ts` under which the reply hangs, empty where it is given in place.
    """

    team: str
    channel: str
    ts: str
    thread: str
    user: str
    text: str

    @property
    def key(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}"


@dataclass(frozen=True, slots=True)
class Orphan:
    """A question that its owner left unfinished. `attempts` counts the owners it has had so far.

    `begun` is the `ts` of a reply that was begun, where that is known.
    """

    asked: Asked
    state: Literal["received", "answering"]
    attempts: int
    begun: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation, by the assistant or a person; `ts` is its time in Slack."""

    ts: str
    speaker: Literal["user", "assistant"]
    text: str


class State(StateTables):
    """The state database, shared by all processes that are given the same URL."""

    tables = metadata

    def claim(self, asked: Asked, owner: str) -> bool:
        """Take a question for `owner`; False if anybody has taken it before."""
        now = self._clock()
        row = _questions.insert().values(
            team=asked.team,
            channel=asked.channel,
            ts=asked.ts,
            thread=asked.thread,
            user=asked.user,
            text=asked.text,
            state="received",
            owner=owner,
            alive_at=now,
            received_at=now,
            attempts=1,
        )
        return self._inserted(row)

    def claim_event(self, event_id: str) -> bool:
        """Take an event that is no question; False if it was seen before."""
        return self._inserted(_events.insert().values(event_id=event_id, seen_at=self._clock()))

    def start_reply(self, asked: Asked, owner: str) -> bool:
        """Write down that the reply goes out now; False if the question is no longer `owner`'s to answer."""
        change = (
            update(_questions)
            .where(_is(asked), _questions.c.owner == owner, _questions.c.state != "answered")
            .values(state="answering", alive_at=self._clock())
        )
        return self._changed(change) == 1

    def begin_reply(self, asked: Asked, owner: str, reply_ts: str) -> None:
        """Write down which message the reply is that was begun and is not whole yet."""
        self._changed(
            update(_questions)
            .where(_is(asked), _questions.c.owner == owner, _questions.c.state == "answering")
            .values(reply_ts=reply_ts)
        )

    def replies(self, asked: Asked) -> set[str]:
        """Return the `ts` of every reply known, whole or not, to other questions of the same place."""
        questions = _questions.c
        query = select(questions.reply_ts).where(
            questions.team == asked.team,
            questions.channel == asked.channel,
            questions.thread == asked.thread,
            questions.ts != asked.ts,
            questions.reply_ts.is_not(None),
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            return {str(ts) for ts in connection.execute(query).scalars()}

    def finish(
        self,
        asked: Asked,
        *,
        outcome: Outcome,
        reply: str = "",
        reply_ts: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Write down how a question ended; `reference` is the number given to the user with an apology."""
        self._changed(
            update(_questions)
            .where(_is(asked))
            .values(
                state="answered",
                owner=None,
                outcome=outcome,
                reply=reply,
                reply_ts=reply_ts,
                reference=reference,
            )
        )

    def keep_alive(self, owner: str) -> None:
        """Say that `owner` still works on the questions it holds."""
        self._changed(
            update(_questions)
            .where(_questions.c.owner == owner, _questions.c.state != "answered")
            .values(alive_at=self._clock())
        )

    def let_go(self, owner: str, asked: Asked | None = None) -> None:
        """Give up what `owner` holds unfinished (or one question of it), for anyone to adopt at once."""
        mine = and_(_questions.c.owner == owner, _questions.c.state != "answered")
        where = mine if asked is None else and_(mine, _is(asked))
        self._changed(update(_questions).where(where).values(owner=None))

    def adopt(self, owner: str, *, silent_for: float) -> list[Orphan]:
        """Take over, oldest first, what nobody owns or whose owner was silent for that many seconds.

        What `owner` itself holds it works on, however long it was silent.
        """
        questions = _questions.c
        silent = and_(questions.owner != owner, questions.alive_at < self._clock() - silent_for)
        abandoned = or_(questions.owner.is_(None), silent)
        # Only one process gets each row: the update is one statement, and it changes what it asks for.
        change = (
            update(_questions)
            .where(questions.state != "answered", abandoned)
            .values(owner=owner, alive_at=self._clock(), attempts=questions.attempts + 1)
            .returning(*questions)
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            rows = connection.execute(change).all()
        orphans = [
            Orphan(
                Asked(row.team, row.channel, row.ts, row.thread, row.user, row.text),
                row.state,
                row.attempts - 1,
                row.reply_ts,
            )
            for row in rows
        ]
        return sorted(orphans, key=lambda orphan: orphan.asked.ts)

    def conversation(self, asked: Asked, *, limit: int = 20) -> list[Said]:
        """Return what was asked and answered before `asked` in its conversation, oldest first.

        A conversation is a thread with the exchange it hangs on, or a direct message outside threads.
        `limit` counts exchanges, the latest ones. Apologies and notices are not part of it.
        """
        questions = _questions.c
        here = questions.thread == asked.thread
        if asked.thread:
            here = or_(here, questions.ts == asked.thread, questions.reply_ts == asked.thread)
        query = (
            select(questions.ts, questions.text, questions.outcome, questions.reply, questions.reply_ts)
            .where(questions.team == asked.team, questions.channel == asked.channel, here)
            .where(questions.ts < asked.ts)
            .order_by(questions.ts.desc())
            .limit(limit)
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            rows = connection.execute(query).all()
        said: list[Said] = []
        for row in reversed(rows):
            said.append(Said(row.ts, "user", row.text))
            if row.outcome == "answer" and row.reply:
                said.append(Said(row.reply_ts or row.ts, "assistant", row.reply))
        return said

    def forget(self, *, older_than: float) -> None:
        """Remove the questions and events that came in more than that many seconds ago."""
        before = self._clock() - older_than
        with storage_errors(NAME), self._engine.begin() as connection:
            connection.execute(_questions.delete().where(_questions.c.received_at < before))
            connection.execute(_events.delete().where(_events.c.seen_at < before))

    def outcome(self, asked: Asked) -> Outcome | None:
        """Return how a question ended, None while it has not."""
        query = select(_questions.c.outcome).where(_is(asked))
        with storage_errors(NAME), self._engine.begin() as connection:
            found: Outcome | None = connection.execute(query).scalar_one_or_none()
        return found

    def by_reference(self, reference: str) -> Asked | None:
        """Return the question that was met with an apology of this reference number."""
        query = select(_questions).where(_questions.c.reference == reference)
        with storage_errors(NAME), self._engine.begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else Asked(row.team, row.channel, row.ts, row.thread, row.user, row.text)


def _is(asked: Asked) -> ColumnElement[bool]:
    questions = _questions.c
    return and_(questions.team == asked.team, questions.channel == asked.channel, questions.ts == asked.ts)
