"""Questions from Slack as jobs, and the conversations that they are part of.

Until `start_reply` nothing of the reply was sent; after it only a look into Slack can tell. A reply that is told
piece by piece is named while it is on its way, so that whoever adopts its question ends it in the same message.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import RowMapping, delete, or_, select, update

from store.jobs.database import insert_new
from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.schema import jobs, questions

Outcome = Literal["answer", "apology", "notice", "undeliverable"]

# The kind of what is noticed and is no work of its own.
_EVENT = "event"


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
class Question:
    """A question and how far it is: `sending`: its reply may be in Slack.

    `begun` is the `ts` of a reply that was begun, where that is known.
    """

    asked: Asked
    sending: bool = False
    begun: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation, by the assistant or a person; `ts` is its time in Slack."""

    ts: str
    speaker: Literal["user", "assistant"]
    text: str


class State(JobStore[Question]):
    """The questions, shared by all processes that are given the same URL, and the events that were seen."""

    kind = "question"
    details = questions

    def claim(self, asked: Asked, holder: Holder) -> Job[Question] | None:
        """Take a question for `holder`; None if anybody has taken it before."""
        return self._claim(asked.key, Question(asked), holder, sending=False, **asdict(asked))

    def claim_event(self, event_id: str) -> bool:
        """Take an event that is no question; False if it was seen before."""
        with self._begin() as connection:
            row = (
                insert_new(connection, jobs)
                .values(kind=_EVENT, key=event_id, term=1, failures=0, done=True)
                .values(expires_at=self._now, created_at=self._now)
                .returning(jobs.c.key)
            )
            return connection.execute(row).first() is not None

    def start_reply(self, lease: Lease) -> None:
        """Write down that the reply goes out now. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            connection.execute(update(questions).where(questions.c.key == lease.key).values(sending=True))

    def begin_reply(self, lease: Lease, reply_ts: str) -> None:
        """Write down which message the reply is that was begun and is not whole yet. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            connection.execute(
                update(questions).where(questions.c.key == lease.key).values(reply_ts=reply_ts)
            )

    def finish(
        self,
        lease: Lease,
        *,
        outcome: Outcome,
        reply: str = "",
        reply_ts: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Write down how a question ended; `reference` is the number given to the user with an apology.

        Raises LeaseLost.
        """
        with self._fenced(lease, holder=None, done=True) as connection:
            connection.execute(
                update(questions)
                .where(questions.c.key == lease.key)
                .values(outcome=outcome, reply=reply, reply_ts=reply_ts, reference=reference)
            )

    def replies(self, asked: Asked) -> set[str]:
        """Return the `ts` of every reply known, whole or not, to other questions of the same place."""
        query = select(questions.c.reply_ts).where(
            questions.c.team == asked.team,
            questions.c.channel == asked.channel,
            questions.c.thread == asked.thread,
            questions.c.ts != asked.ts,
            questions.c.reply_ts.is_not(None),
        )
        with self._begin() as connection:
            return {str(ts) for ts in connection.execute(query).scalars()}

    def conversation(self, asked: Asked, *, limit: int = 20) -> list[Said]:
        """Return what was asked and answered before `asked` in its conversation, oldest first.

        A conversation is a thread with the exchange it hangs on, or a direct message outside threads.
        `limit` counts exchanges, the latest ones. Apologies and notices are not part of it.
        """
        column = questions.c
        here = column.thread == asked.thread
        if asked.thread:
            here = or_(here, column.ts == asked.thread, column.reply_ts == asked.thread)
        query = (
            select(column.ts, column.text, column.outcome, column.reply, column.reply_ts)
            .where(column.team == asked.team, column.channel == asked.channel, here)
            .where(column.ts < asked.ts)
            .order_by(column.ts.desc())
            .limit(limit)
        )
        with self._begin() as connection:
            rows = connection.execute(query).all()
        said: list[Said] = []
        for row in reversed(rows):
            said.append(Said(row.ts, "user", row.text))
            if row.outcome == "answer" and row.reply:
                said.append(Said(row.reply_ts or row.ts, "assistant", row.reply))
        return said

    def outcome(self, asked: Asked) -> Outcome | None:
        """Return how a question ended, None while it has not."""
        query = select(questions.c.outcome).where(questions.c.key == asked.key)
        with self._begin() as connection:
            found: Outcome | None = connection.execute(query).scalar_one_or_none()
        return found

    def forget(self, *, older_than: float) -> None:
        """Remove the questions that are done, and the events, that came in more than that many seconds ago."""
        super().forget(older_than=older_than)
        old = jobs.c.created_at < self._now - older_than
        with self._begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.kind == _EVENT, old))

    def _work(self, row: RowMapping) -> Question:
        return Question(asked_of(row), row["sending"], row["reply_ts"])


def asked_of(row: RowMapping) -> Asked:
    """Return the message that a row is about."""
    return Asked(row["team"], row["channel"], row["ts"], row["thread"], row["user"], row["text"])
