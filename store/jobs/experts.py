"""Questions that are passed on to people, and the answers of people, as jobs: each is posted once."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import RowMapping, select

from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.questions import SlackMessage, to_message
from store.jobs.schema import expert_answers, expert_questions
from store.jobs.uploads import MessageRef


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
    details = expert_questions

    def claim(
        self, key: str, message: SlackMessage, channel: str, holder: Holder
    ) -> Job[ExpertQuestion] | None:
        """Claim a question for `holder`; None if it was passed on before."""
        work = ExpertQuestion(key, message, channel)
        return self._claim(key, work, holder, expert_channel=channel, **asdict(message))

    def finish(self, lease: Lease, *, post_ts: str) -> None:
        """Record that the question was posted. Raises LeaseLost."""
        self._update(lease, {"post_ts": post_ts}, holder=None, done=True)

    def posted_as(self, post: MessageRef) -> ExpertQuestion | None:
        """Return the question that was posted as a message; None if there is none."""
        column = expert_questions.c
        query = select(expert_questions).where(
            column.expert_channel == post.channel, column.post_ts == post.ts
        )
        with self._transaction() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else self._work(row)

    def _work(self, row: RowMapping) -> ExpertQuestion:
        return ExpertQuestion(row["key"], to_message(row), row["expert_channel"], row["post_ts"])


class ExpertAnswerStore(JobStore[ExpertAnswer]):
    """The first answer of a person to each question, by the key of the question. The job is to post it."""

    kind = "expert answer"
    details = expert_answers

    def claim(self, answer: ExpertAnswer, holder: Holder) -> Job[ExpertAnswer] | None:
        """Claim an answer for `holder`; None if the question was answered before."""
        return self._claim(
            answer.key,
            answer,
            holder,
            expert_channel=answer.post.channel,
            post_ts=answer.post.ts,
            expert=answer.expert,
            answer=answer.answer,
            **asdict(answer.message),
        )

    def has(self, key: str) -> bool:
        """Whether a person has answered the question."""
        with self._transaction() as connection:
            found = connection.scalar(select(expert_answers.c.key).where(expert_answers.c.key == key))
        return found is not None

    def _work(self, row: RowMapping) -> ExpertAnswer:
        post = MessageRef(row["expert_channel"], row["post_ts"])
        return ExpertAnswer(row["key"], to_message(row), post, row["expert"], row["answer"])
