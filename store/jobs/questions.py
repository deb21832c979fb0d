"""Questions from Slack as jobs, and the conversations that they are part of.

Before `mark_sending`, nothing of the reply was sent; after it, the reply may be in Slack. The `ts` of a streamed reply
is saved at its start, so that a process that adopts the question completes the same message.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import RowMapping, delete, or_, select

from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.schema import jobs, questions

QuestionOutcome = Literal["answer", "apology", "notice", "undeliverable"]

# Kind of the jobs that only record that an event was seen.
_EVENT = "event"


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message from Slack, which identifies it by (team, channel, ts).

    `thread` is the `ts` of the thread for the reply, empty if the reply is posted in the channel itself.
    """

    team: str
    channel: str
    ts: str
    thread: str
    user: str
    text: str

    @property
    def key(self) -> str:
        """Key of the job."""
        return f"{self.team}/{self.channel}/{self.ts}"


@dataclass(frozen=True, slots=True)
class QuestionJob:
    """A question and the state of its reply.

    `sending`: the reply may be in Slack. `reply_ts` is the `ts` of an unfinished reply, if it is known.
    """

    message: SlackMessage
    sending: bool = False
    reply_ts: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationMessage:
    """A message of a conversation, by the assistant or a person; `ts` is its time in Slack."""

    ts: str
    speaker: Literal["user", "assistant"]
    text: str


class QuestionStore(JobStore[QuestionJob]):
    """The questions, and the events that were seen; shared by all processes that open the same URL."""

    kind = "question"
    details = questions

    def claim(self, message: SlackMessage, holder: Holder) -> Job[QuestionJob] | None:
        """Claim a question for `holder`; None if it was claimed before."""
        return self._claim(message.key, QuestionJob(message), holder, sending=False, **asdict(message))

    def claim_event(self, event_id: str) -> bool:
        """Record an event that is no question; False if it was recorded before."""
        with self._begin() as connection:
            seen = self._insert_job(connection, _EVENT, event_id, expires_at=self._now, done=True)
            return seen is not None

    def mark_sending(self, lease: Lease) -> None:
        """Record that the reply is about to be sent. Raises LeaseLost."""
        self._update(lease, {"sending": True})

    def save_reply_ts(self, lease: Lease, reply_ts: str) -> None:
        """Record which message is the unfinished reply. Raises LeaseLost."""
        self._update(lease, {"reply_ts": reply_ts})

    def finish(
        self,
        lease: Lease,
        *,
        outcome: QuestionOutcome,
        reply: str = "",
        reply_ts: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Record how a question ended; `reference` is the number in an apology. Raises LeaseLost."""
        details = {"outcome": outcome, "reply": reply, "reply_ts": reply_ts, "reference": reference}
        self._update(lease, details, holder=None, done=True)

    def replies(self, message: SlackMessage) -> set[str]:
        """Return the `ts` of all known replies, finished or not, to other questions of the same thread or channel."""
        query = select(questions.c.reply_ts).where(
            questions.c.team == message.team,
            questions.c.channel == message.channel,
            questions.c.thread == message.thread,
            questions.c.ts != message.ts,
            questions.c.reply_ts.is_not(None),
        )
        with self._begin() as connection:
            return {str(ts) for ts in connection.execute(query).scalars()}

    def conversation(self, message: SlackMessage, *, limit: int = 20) -> list[ConversationMessage]:
        """Return the messages before `message` in its conversation, oldest first, without apologies and notices.

        A conversation is a thread with the exchange that it starts from, or a direct message outside threads.
        `limit` is the number of exchanges, the latest ones.
        """
        column = questions.c
        here = column.thread == message.thread
        if message.thread:
            here = or_(here, column.ts == message.thread, column.reply_ts == message.thread)
        query = (
            select(column.ts, column.text, column.outcome, column.reply, column.reply_ts)
            .where(column.team == message.team, column.channel == message.channel, here)
            .where(column.ts < message.ts)
            .order_by(column.ts.desc())
            .limit(limit)
        )
        with self._begin() as connection:
            rows = connection.execute(query).all()
        messages: list[ConversationMessage] = []
        for row in reversed(rows):
            messages.append(ConversationMessage(row.ts, "user", row.text))
            if row.outcome == "answer" and row.reply:
                messages.append(ConversationMessage(row.reply_ts or row.ts, "assistant", row.reply))
        return messages

    def forget(self, *, older_than: float) -> None:
        """Delete finished questions and events that came in more than that many seconds ago."""
        super().forget(older_than=older_than)
        old = jobs.c.created_at < self._now - older_than
        with self._begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.kind == _EVENT, old))

    def _work(self, row: RowMapping) -> QuestionJob:
        return QuestionJob(to_message(row), row["sending"], row["reply_ts"])


def to_message(row: RowMapping) -> SlackMessage:
    """Return the message of a row of questions or uploads."""
    return SlackMessage(row["team"], row["channel"], row["ts"], row["thread"], row["user"], row["text"])
