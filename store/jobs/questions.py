"""Questions from Slack as jobs, the conversations that they are part of, and what people do with the answers.

Before `mark_sending`, nothing of the reply was sent; after it, the reply may be in Slack. The `ts` of a streamed reply
is saved at its start, so that a process that adopts the question (see `runner.py`) completes the same message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from sqlalchemy import RowMapping, literal, or_, select, update

from store.engines import insert_new
from store.jobs import forgetting
from store.jobs.leases import ONCE, Holder, Job, JobStore, Lease, StoppableJobStore
from store.jobs.schema import feedback, jobs, questions, shares
from store.records import Citation

Vote = Literal["good", "bad"]
# The `reason` of an answer which says that the documents do not answer the question.
NO_EVIDENCE = "no evidence"
QuestionOutcome = Literal["answer", "apology", "notice", "undeliverable"]


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message from Slack, which identifies it by (team, channel, ts).

    `team` is the workspace that the app is installed in, `author_team` that of the author, if it is known to be another
    one. `thread` is the `ts` of the thread for the reply, which may begin with this message; empty if the reply is
    posted in the channel itself.
    """

    team: str
    channel: str
    ts: str
    thread: str
    user: str
    text: str
    author_team: str = ""

    @property
    def key(self) -> str:
        """Key of the job."""
        return f"{self.team}/{self.channel}/{self.ts}"

    @property
    def is_direct(self) -> bool:
        """True for a direct message. The person may write the next one in its thread or below it."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the reply goes if the question is not a message in Slack, but of a command, a shortcut or a form.

    `public`: to the channel or thread of the question; otherwise, or if the bot may not write there, to the asker
    alone. `response_url`, if any, reaches the asker for half an hour.
    """

    public: bool = False
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class QuestionJob:
    """A question and the state of its reply.

    `sending`: the reply may be in Slack. `reply_ts` is the `ts` of an unfinished reply, if it is known. `stopped`: a
    person wants no answer any more. `followed`: the message mentions nobody, and may be for others in its thread.
    `delivery` is None for a question that is a message in Slack and is answered where it was asked. `ended`: the
    outcome is recorded, and only the status below the thread may be left to clear.
    """

    message: SlackMessage
    sending: bool = False
    reply_ts: str | None = None
    stopped: bool = False
    followed: bool = False
    delivery: Delivery | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer's citations with the version of each document, and how the answer was made.

    `reason` says why a question is not `answered`; then `citations` are the nearest sections. `model` is a chat model's
    name, or "extractive"; `judged` is None without a model. `computed`: the answer is lines of the register. `details`
    says in words what was searched and checked.
    """

    answered: bool
    reason: str | None = None
    model: str = ""
    judged: bool | None = None
    computed: bool = False
    citations: tuple[Citation, ...] = ()
    details: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> AnswerRecord | None:
        """Return the record that a row has as JSON; None if it has none."""
        if stored is None:
            return None
        citations = tuple(Citation(**values) for values in stored["citations"])
        return cls(**{**stored, "citations": citations})


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question and the reply to it; `record` is None for notices.

    `delivery` is that of the question's job.
    """

    message: SlackMessage
    reply: str
    record: AnswerRecord | None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class AnswerVote:
    """One person's vote on an answer, with the question and what is stored of the answer.

    `reason` is one of those that the form offers. `at`: seconds since 1970.
    """

    key: str
    user: str
    vote: Vote
    reason: str | None
    comment: str | None
    at: float
    question: str
    reply: str
    record: AnswerRecord | None


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question that the documents did not answer; `asked_at`: seconds since 1970.

    `private`: only the asker saw the reply.
    """

    message: SlackMessage
    asked_at: float
    private: bool = False


@dataclass(frozen=True, slots=True)
class ConversationMessage:
    """A message of a conversation, by the assistant or a person; `ts` is its time in Slack."""

    ts: str
    speaker: Literal["user", "assistant"]
    text: str


class QuestionStore(StoppableJobStore[QuestionJob]):
    """The questions, and the events that were seen; shared by all processes that open the same URL."""

    kind = "question"
    details = questions
    waits = True

    def claim(
        self,
        message: SlackMessage,
        holder: Holder,
        delivery: Delivery | None = None,
        event_id: str = "",
        *,
        followed: bool = False,
    ) -> Job[QuestionJob] | None:
        """Claim a question for `holder`; None if it was claimed before.

        If it is not a message in Slack, the `ts` of `message` is the time of its arrival, and `event_id` is the same
        whenever Slack delivers it again.
        """
        return self._claim(
            message.key,
            QuestionJob(message, followed=followed, delivery=delivery),
            holder,
            event_id=event_id,
            sending=False,
            followed=followed,
            delivery=asdict(delivery) if delivery else None,
            **asdict(message),
        )

    def kept_of_person(self, user: str) -> dict[str, int]:
        """Return what `forgetting.kept_of_person` does of the whole database."""
        return forgetting.kept_of_person(self._engine, user)

    def forget_person(self, user: str) -> dict[str, int]:
        """Delete what `forgetting.forget_person` does. Raises StoreError."""
        return forgetting.forget_person(self._engine, user)

    def claim_event(self, event_id: str) -> bool:
        """Record an event that is no question; False if it was recorded before."""
        with self._transaction() as connection:
            return self._record_event(connection, event_id)

    def claim_once(self, name: str) -> bool:
        """Record what is done once ever; False if it was recorded before."""
        with self._transaction() as connection:
            return self._record_event(connection, name, ONCE)

    def stop(self, team: str, channel: str, thread: str) -> set[str]:
        """Record that the open questions of a thread need no answer any more; return their keys."""
        column = questions.c
        in_thread = (column.team == team) & (column.channel == channel) & (column.thread == thread)
        return self._stop(column.outcome.is_(None), in_thread)

    def mark_sending(self, lease: Lease) -> None:
        """Record that a part of the reply is about to be sent. Raises LeaseLost."""
        self._update(lease, {"sending": True})

    def save_reply(
        self,
        lease: Lease,
        reply: str,
        record: AnswerRecord | None,
        message: Mapping[str, Any] | None = None,
    ) -> None:
        """Record the reply that is about to be sent, whole. Raises LeaseLost.

        `message` is the content of the reply, if it may be sent to the asker alone.
        """
        details = {"sending": True, "reply": reply, "answer_record": asdict(record) if record else None}
        self._update(lease, details | ({"message": dict(message)} if message else {}))

    def message_of(self, key: str) -> tuple[SlackMessage, Mapping[str, Any]] | None:
        """Return a question and the message that only its asker saw; None if there is no such message any more."""
        query = select(questions).where(questions.c.key == key, questions.c.message.is_not(None))
        with self._transaction() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return (to_message(row), row["message"]) if row else None

    def save_reply_ts(self, lease: Lease, reply_ts: str) -> None:
        """Record which message is the unfinished reply. Raises LeaseLost."""
        self._update(lease, {"reply_ts": reply_ts})

    def finish(
        self,
        lease: Lease,
        *,
        outcome: QuestionOutcome,
        reply_ts: str | None = None,
        reference: str | None = None,
        channel: str | None = None,
        done: bool = True,
    ) -> None:
        """Record how a question ended; `reference` is the number in an apology. Raises LeaseLost.

        `channel` is where it was answered, if that was not known before. The job is kept unless it is `done`.
        """
        details = {"outcome": outcome, "reply_ts": reply_ts, "reference": reference}
        details |= {"channel": channel} if channel else {}
        self._update(lease, details, **({"holder": None, "done": True} if done else {}))

    def answered(self, key: str) -> AnsweredQuestion | None:
        """Return a question that was answered or refused, by its key; None once it is forgotten.

        Its buttons may be pressed as soon as the reply is sent, before the outcome is recorded.
        """
        with self._transaction() as connection:
            query = select(questions).where(questions.c.key == key)
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        record = AnswerRecord.of(row["answer_record"])
        is_recorded = row["outcome"] == "answer" or (row["outcome"] is None and record is not None)
        if not is_recorded:
            return None
        return AnsweredQuestion(to_message(row), row["reply"] or "", record, self._work(row).delivery)

    def unanswered(self, *, newer_than: float) -> list[UnansweredQuestion]:
        """Return the questions of the last `newer_than` seconds that the documents did not answer, the latest first."""
        query = (
            select(questions, jobs.c.created_at)
            .join(jobs, (jobs.c.kind == self.kind) & (jobs.c.key == questions.c.key))
            .where(questions.c.outcome == "answer", jobs.c.created_at >= self._now - newer_than)
            .where(self._is_own(questions))
            .order_by(jobs.c.created_at.desc(), questions.c.key)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            UnansweredQuestion(
                to_message(row), row["created_at"], bool(row["delivery"]) and not row["delivery"]["public"]
            )
            for row in rows
            if (row["answer_record"] or {}).get("reason") == NO_EVIDENCE
        ]

    def save_vote(
        self, key: str, user: str, vote: Vote, reason: str | None = None, comment: str | None = None
    ) -> bool:
        """Record a person's vote on the answer to the question `key`; False if the question is forgotten."""
        first = select(questions.c.key, literal(user), literal(vote), self._now).where(questions.c.key == key)
        own = (feedback.c.key == key) & (feedback.c.user == user)
        change = update(feedback).where(own).values(vote=vote, reason=reason, comment=comment, at=self._now)
        with self._transaction() as connection:
            # The first statement writes: SQLite refuses to write after another process has, once something is read.
            connection.execute(
                insert_new(connection, feedback).from_select(["key", "user", "vote", "at"], first)
            )
            return connection.execute(change).rowcount == 1

    def votes(self, newer_than: float | None = None, vote: Vote | None = None) -> list[AnswerVote]:
        """Return the votes, or those of the last `newer_than` seconds or of one kind, the latest first.

        A vote is deleted with its question.
        """
        column = questions.c
        query = (
            select(feedback, column.text.label("question"), column.reply, column.answer_record)
            .join(questions, (column.key == feedback.c.key) & self._is_own(questions))
            .order_by(feedback.c.at.desc(), feedback.c.key, feedback.c.user)
        )
        if newer_than is not None:
            query = query.where(feedback.c.at >= self._now - newer_than)
        if vote is not None:
            query = query.where(feedback.c.vote == vote)
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            AnswerVote(
                **{
                    name: row[name] for name in ("key", "user", "vote", "reason", "comment", "at", "question")
                },
                reply=row["reply"] or "",
                record=AnswerRecord.of(row["answer_record"]),
            )
            for row in rows
        ]

    def replies(self, message: SlackMessage) -> set[str]:
        """Return the `ts` of all known replies, finished or not, to other questions of the same thread or channel."""
        query = select(questions.c.reply_ts).where(
            questions.c.team == message.team,
            questions.c.channel == message.channel,
            questions.c.thread == message.thread,
            questions.c.ts != message.ts,
            questions.c.reply_ts.is_not(None),
        )
        with self._transaction() as connection:
            return {str(ts) for ts in connection.execute(query).scalars()}

    def has_answer(self, message: SlackMessage) -> bool:
        """Whether the bot has answered in the message's thread before it."""
        column = questions.c
        thread = (
            column.team == message.team,
            column.channel == message.channel,
            column.thread == message.thread,
        )
        # A reply that only the asker saw has no `ts`, and does not belong to the thread.
        answered = column.outcome == "answer", column.reply_ts.is_not(None), column.ts < message.ts
        query = select(column.key).where(*thread, *answered).limit(1)
        with self._transaction() as connection:
            return connection.scalar(query) is not None

    def conversation(
        self, message: SlackMessage, *, seconds: float | None = None, limit: int = 20
    ) -> list[ConversationMessage]:
        """Return the messages before `message` in its conversation, oldest first, without apologies and notices.

        A conversation is a thread with the exchange that it starts from; with `seconds`, everything that was asked in
        the channel within so many seconds before. The latest `limit` exchanges are returned. A question is left out if
        only another person saw its reply.
        """
        column = questions.c
        if seconds is not None:
            here = column.ts >= f"{float(message.ts) - seconds:.6f}"
        else:
            thread = message.thread or message.ts
            here = or_(column.thread == thread, column.ts == thread, column.reply_ts == thread)
        readable = or_(column.delivery.is_(None), column.reply_ts.is_not(None), column.user == message.user)
        query = (
            select(column.ts, column.text, column.outcome, column.reply, column.reply_ts)
            .where(column.team == message.team, column.channel == message.channel, here, readable)
            .where(column.ts < message.ts)
            .order_by(column.ts.desc())
            .limit(limit)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        messages: list[ConversationMessage] = []
        for row in reversed(rows):
            messages.append(ConversationMessage(row.ts, "user", row.text))
            if row.outcome == "answer" and row.reply:
                messages.append(ConversationMessage(row.reply_ts or row.ts, "assistant", row.reply))
        return messages

    def _work(self, row: RowMapping) -> QuestionJob:
        delivery = Delivery(**row["delivery"]) if row["delivery"] else None
        return QuestionJob(
            to_message(row),
            row["sending"],
            row["reply_ts"],
            row["stopped"],
            row["followed"],
            delivery,
            row["outcome"] is not None,
        )


def to_message(row: RowMapping) -> SlackMessage:
    """Return the message of a row of questions or uploads."""
    return SlackMessage(**{field.name: row[field.name] for field in fields(SlackMessage)})


@dataclass(frozen=True, slots=True)
class Share:
    """A reply for the channel of `message`, whose `user` shares it.

    The text of `message` is a command such as "/itu deadlines 30d", whose reply is computed again, or a command that
    begins or ends a subscription of the channel. If it is empty, the answer to the question with the key of `message`
    is shared. A `channel` that is the id of `user` stands for the direct messages of that person. `response_url`, if
    any, reaches the user alone for half an hour.
    """

    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(repr=False)


class ShareStore(JobStore[Share]):
    """The jobs that share replies, shared by all processes that open the same URL."""

    kind = "share"
    details = shares

    def claim(self, share: Share, holder: Holder, event_id: str = "") -> Job[Share] | None:
        """Claim a share for `holder`; None if it was claimed before. `event_id` is as for a question."""
        details = {"response_url": share.response_url, **asdict(share.message)}
        return self._claim(share.message.key, share, holder, event_id=event_id, **details)

    def _work(self, row: RowMapping) -> Share:
        return Share(to_message(row), row["response_url"])
