"""The kinds of jobs: what each is to do, and what is known of it.

Each kind is a dataclass, which the job has as its payload, and a store with what is asked of its jobs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, select

from store.engines import insert_or_replace
from store.jobs.leases import ONCE, Job, JobStore, is_job
from store.records import Citation
from store.schema import feedback, jobs

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
    """The question is not a message in Slack, but of a command or a shortcut: the reply is for the asker alone.

    `response_url`, if any, reaches the asker for half an hour.
    """

    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


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


@dataclass(frozen=True, slots=True)
class QuestionJob:
    """A question and the state of its reply.

    `sending`: the reply may be in Slack. `reply_ts` is the `ts` of an unfinished reply, if it is known. `stopped`: a
    person wants no answer any more. `followed`: the message mentions nobody, and may be for others in its thread.
    `delivery` is None for a question that is a message in Slack and is answered where it was asked. `outcome` is how it
    ended: then only the status below the thread may be left to clear. `reference` is the number in an apology.
    `content` has the text and the blocks of a reply that only the asker saw.
    """

    message: SlackMessage
    sending: bool = False
    reply_ts: str | None = None
    stopped: bool = False
    followed: bool = False
    delivery: Delivery | None = None
    outcome: QuestionOutcome | None = None
    reply: str = ""
    record: AnswerRecord | None = None
    reference: str | None = None
    content: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Key of the job."""
        return self.message.key

    @property
    def ended(self) -> bool:
        """Whether its outcome is recorded."""
        return self.outcome is not None


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


class QuestionStore(JobStore[QuestionJob]):
    """The questions, and the events that were seen.

    Before `mark_sending`, nothing of the reply was sent; after it, the reply may be in Slack. The `ts` of a streamed
    reply is saved at its start, so that a process that adopts the question completes the same message.
    """

    kind = "question"
    work = QuestionJob
    waits = True

    def claim_event(self, event_id: str) -> bool:
        """Record an event that is no question; False if it was recorded before."""
        with self._writing() as connection:
            return self._record_event(connection, event_id)

    def claim_once(self, name: str) -> bool:
        """Record what is done once ever; False if it was recorded before."""
        with self._writing() as connection:
            return self._record_event(connection, name, ONCE)

    def stop(self, team: str, channel: str, thread: str) -> set[str]:
        """Record that the open questions of a thread need no answer any more; return their keys."""
        is_unanswered = jobs.c.payload["outcome"].as_string().is_(None)
        return self._stop(is_unanswered, *_in_thread(team, channel, thread))

    def answered(self, key: str) -> QuestionJob | None:
        """Return a question that was answered or refused, by its key; None once it is forgotten.

        Its buttons may be pressed as soon as the reply is sent, before the outcome is recorded.
        """
        work = self.work_of(key)
        is_answered = work is not None and (
            work.outcome == "answer" or (not work.ended and work.record is not None)
        )
        return work if is_answered else None

    def unanswered(self, *, newer_than: float) -> list[UnansweredQuestion]:
        """Return the questions of the last `newer_than` seconds that the documents did not answer, the latest first."""
        is_new = jobs.c.created_at >= self._now - newer_than
        rows = self._find(is_new, self._is_own(jobs.c.team), _answered())
        found = [(self._work(row.payload), row.created_at) for row in rows]
        return [
            UnansweredQuestion(work.message, at, work.delivery is not None)
            for work, at in found
            if work.record is not None and work.record.reason == NO_EVIDENCE
        ]

    def save_vote(
        self, key: str, user: str, vote: Vote, reason: str | None = None, comment: str | None = None
    ) -> bool:
        """Record a person's vote on the answer to the question `key`; False if the question is forgotten."""
        values = {"key": key, "user": user, "vote": vote, "reason": reason, "comment": comment}
        question = select(jobs.c.key).where(is_job(self.kind, key))
        with self._writing() as connection:
            # Locked, as a question that is forgotten takes its votes with it.
            if connection.scalar(question.with_for_update(key_share=True)) is None:
                return False
            row = insert_or_replace(connection, feedback, ["key", "user"])
            connection.execute(row.values(**values, at=self._now))
        return True

    def votes(self, newer_than: float | None = None, vote: Vote | None = None) -> list[AnswerVote]:
        """Return the votes, or those of the last `newer_than` seconds or of one kind, the latest first.

        A vote is deleted with its question.
        """
        is_its = (jobs.c.kind == self.kind) & (jobs.c.key == feedback.c.key) & self._is_own(jobs.c.team)
        order = feedback.c.at.desc(), feedback.c.key, feedback.c.user
        query = select(feedback, jobs.c.payload).join(jobs, is_its).order_by(*order)
        if newer_than is not None:
            query = query.where(feedback.c.at >= self._now - newer_than)
        if vote is not None:
            query = query.where(feedback.c.vote == vote)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [
            AnswerVote(
                key=row.key,
                user=row.user,
                vote=row.vote,
                reason=row.reason,
                comment=row.comment,
                at=row.at,
                question=(work := self._work(row.payload)).message.text,
                reply=work.reply,
                record=work.record,
            )
            for row in rows
        ]

    def replies(self, message: SlackMessage) -> set[str]:
        """Return the `ts` of all known replies, finished or not, to other questions of the same thread or channel."""
        here = _in_thread(message.team, message.channel, message.thread)
        known = jobs.c.kind == self.kind, jobs.c.ts != message.ts, jobs.c.reply_ts.is_not(None)
        with self._reading() as connection:
            return set(connection.scalars(select(jobs.c.reply_ts).where(*here, *known)))

    def has_answer(self, message: SlackMessage) -> bool:
        """Whether the bot has answered in the message's thread before it."""
        here = _in_thread(message.team, message.channel, message.thread)
        # A reply that only the asker saw has no `ts`, and does not belong to the thread.
        return bool(
            self._find(*here, _answered(), jobs.c.reply_ts.is_not(None), jobs.c.ts < message.ts, latest=1)
        )

    def conversation(
        self, message: SlackMessage, *, seconds: float | None = None, limit: int = 20
    ) -> list[ConversationMessage]:
        """Return the messages before `message` in its conversation, oldest first, without apologies and notices.

        A conversation is a thread with the exchange that it starts from; with `seconds`, everything that was asked in
        the channel within so many seconds before. The latest `limit` exchanges are returned. A question is left out if
        only another person saw its reply.
        """
        column = jobs.c
        if seconds is not None:
            here = column.ts >= f"{float(message.ts) - seconds:.6f}"
        else:
            thread = message.thread or message.ts
            here = (column.thread == thread) | (column.ts == thread) | (column.reply_ts == thread)
        is_message = column.payload["delivery"].as_string().is_(None)
        readable = is_message | column.reply_ts.is_not(None) | (column.user == message.user)
        query = (
            select(column.payload)
            .where(column.kind == self.kind, column.team == message.team, column.channel == message.channel)
            .where(here, readable, column.ts < message.ts)
            .order_by(column.ts.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            found = [self._work(payload) for payload in connection.scalars(query)]
        messages: list[ConversationMessage] = []
        for work in reversed(found):
            messages.append(ConversationMessage(work.message.ts, "user", work.message.text))
            if work.outcome == "answer" and work.reply:
                at = work.reply_ts or work.message.ts
                messages.append(ConversationMessage(at, "assistant", work.reply))
        return messages


def _in_thread(team: str, channel: str, thread: str) -> Sequence[ColumnElement[bool]]:
    return jobs.c.team == team, jobs.c.channel == channel, jobs.c.thread == thread


def _answered() -> ColumnElement[bool]:
    outcome: ColumnElement[str] = jobs.c.payload["outcome"].as_string()
    return outcome == "answer"


@dataclass(frozen=True, slots=True)
class BriefJob:
    """Who asked for a brief, and where; the text of the message is the topic.

    `response_url`, if any, reaches the person alone for half an hour. `stopped`: the person wants no more of it.
    `content` has the text and the blocks of the brief once it is made.
    """

    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)
    stopped: bool = False
    content: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Key of the job."""
        return self.message.key


class BriefStore(JobStore[BriefJob]):
    """The briefs."""

    kind = "brief"
    work = BriefJob

    def is_first(self, job: Job[BriefJob]) -> bool:
        """Whether no other brief of the person, which was claimed before, is open."""
        message = job.work.message
        is_other = (jobs.c.key != job.lease.key) & (jobs.c.created_at <= job.created_at)
        is_persons = (jobs.c.team == message.team) & (jobs.c.user == message.user)
        return not self._find(jobs.c.done.is_(False), is_other, is_persons, latest=1)


@dataclass(frozen=True, slots=True)
class DraftJob:
    """Who asked for the check of a draft, and where: a message without its text.

    `key` is the same whenever Slack delivers the same request again. `response_url`, if any, reaches the person alone
    for half an hour. `stopped`: the person wants no more of it.
    """

    key: str
    message: SlackMessage
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)
    stopped: bool = False


class DraftJobStore(JobStore[DraftJob]):
    """The checks of drafts. Nothing of a draft is stored."""

    kind = "check"
    work = DraftJob


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file in Slack: its id, its name, and the digest under which it is stored; "" before that."""

    id: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """Files that a person sent; `key` is the same whenever Slack delivers the same submission again.

    `message` is the message with the files; its `user` is the sender. `submitted_ts` is Slack's time of the submission.
    `response_url`, if any, reaches the sender alone for half an hour.
    """

    key: str
    message: SlackMessage
    files: tuple[SlackFile, ...]
    submitted_ts: str
    # Kept out of logs: whoever has it can write to that person.
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Channel and `ts` of a message that the bot posted."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A submission, and the message that shows its progress."""

    submission: Submission
    status: MessageRef | None = None

    @property
    def key(self) -> str:
        """Key of the job."""
        return self.submission.key

    @property
    def message(self) -> SlackMessage:
        """The message with the files."""
        return self.submission.message


class SubmissionStore(JobStore[Upload]):
    """The jobs that ingest submissions."""

    kind = "upload"
    work = Upload
    waits = True


@dataclass(frozen=True, slots=True)
class ExpertQuestion:
    """The question `key` for the people in `channel`.

    `message` says where the answer goes; its `user` is the person who passes the question on. `post_ts` is the `ts` of
    the message in that channel, once it is posted.
    """

    key: str
    message: SlackMessage
    channel: str
    post_ts: str | None = None

    @property
    def reply_ts(self) -> str | None:
        """The message in that channel, by which the question is found."""
        return self.post_ts


@dataclass(frozen=True, slots=True)
class ExpertAnswer:
    """What a person answers to the question `key`.

    `message` says where the answer goes, `post` is the message that showed the question to that person.
    """

    key: str
    message: SlackMessage
    post: MessageRef
    expert: str
    answer: str


class ExpertQuestionStore(JobStore[ExpertQuestion]):
    """The questions that are passed on, by the key of the question. The job is to post it."""

    kind = "expert question"
    work = ExpertQuestion

    def posted_as(self, post: MessageRef) -> ExpertQuestion | None:
        """Return the question that was posted as a message; None if there is none."""
        found = (self._work(row.payload) for row in self._find(jobs.c.reply_ts == post.ts))
        return next((work for work in found if work.channel == post.channel), None)


class ExpertAnswerStore(JobStore[ExpertAnswer]):
    """The first answer of a person to each question, by the key of the question. The job is to post it."""

    kind = "expert answer"
    work = ExpertAnswer


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for a channel or a direct message, by its id; `blocks` are those of Slack.

    `user` is the person whom it is for or whom it names, "" for none.
    """

    team: str
    channel: str
    text: str
    blocks: Sequence[dict[str, Any]]
    user: str


class NoticeStore(JobStore[Notice]):
    """The notices; each is free to be adopted."""

    kind = "notice"
    work = Notice


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A rebuild of the vectors' index: there is one at a time, by any bot."""

    key: str = "index"


class RebuildStore(JobStore[Rebuild]):
    """The rebuild of the index. It is not claimed again if it failed too often in the last days."""

    kind = "rebuild"
    work = Rebuild
    is_shared = True


@dataclass(frozen=True, slots=True)
class DailyDigest:
    """The digest of one day for one subscription, by its id.

    Once it is posted, `ts` is its message, and `state` what it said, as JSON: the next digest is compared with it.
    """

    subscription: str
    day: date
    team: str = ""
    ts: str | None = None
    state: str | None = None

    @property
    def key(self) -> str:
        """Key of the job."""
        return f"{self.subscription}/{self.day.isoformat()}"


class DigestStore(JobStore[DailyDigest]):
    """The jobs that post digests."""

    kind = "digest"
    work = DailyDigest

    def is_posted(self, subscription: str, day: date) -> bool:
        """Whether the digest of a day is known to be posted."""
        return bool(self._find(jobs.c.key == DailyDigest(subscription, day).key, jobs.c.done.is_(True)))

    def last_day(self, subscription: str) -> date | None:
        """Return the latest day whose digest was posted or claimed; None if there is none."""
        return max((run.day for run in self._runs(subscription)), default=None)

    def last_state(self, subscription: str, before: date) -> str | None:
        """Return the state, as JSON, of the last digest posted before a day."""
        runs = [run for run in self._runs(subscription) if run.day < before and run.state is not None]
        return max(runs, key=lambda run: run.day).state if runs else None

    def _runs(self, subscription: str) -> list[DailyDigest]:
        """Return the digests of a subscription; they are kept for some weeks."""
        own = jobs.c.key.startswith(f"{subscription}/", autoescape=True)
        return [self._work(row.payload) for row in self._find(own)]
