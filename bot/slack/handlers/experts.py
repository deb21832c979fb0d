"""Passes questions that the documents do not answer on to people, and brings their answers back.

Both are jobs that are claimed before Slack's request is acknowledged: each is posted once, also after a crash.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from bot.slack.access.admission import Admission
from bot.slack.background import BackgroundTasks
from bot.slack.blocks.elements import Message, notice, one_line
from bot.slack.blocks.experts import (
    ANSWERED,
    ANSWERED_ALREADY,
    ASKED_ALREADY,
    FILES_LEFT,
    FORGOTTEN,
    NO_ANSWER,
    NOT_PASSED_ON,
    PASSED_ON,
    PASSED_ON_DIRECTLY,
    TOO_OLD,
    experts_form,
    experts_post,
    experts_replies,
    returned_answer,
)
from bot.slack.blocks.forms import NOT_OPENED
from bot.slack.handlers.deliveries import where_asked
from bot.slack.handlers.interactions import Interactions, open_direct
from bot.slack.handlers.presses import Press
from bot.slack.options import ExpertOptions, Timing
from bot.slack.sending.clients import (
    FAILURES,
    SlackClients,
    error_code,
    open_view,
)
from bot.slack.sending.posting import Poster, Refused, unasked, update_message
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.jobs import (
    AnsweredQuestion,
    ExpertAnswer,
    ExpertQuestion,
    Job,
    MessageRef,
    QuestionStore,
    Runner,
    SlackMessage,
)

_LOG = logging.getLogger(__name__)


class ExpertHandler:
    """Posts questions in the channel of the people who answer, and their answers where the questions were asked."""

    def __init__(
        self,
        options: ExpertOptions,
        question_store: QuestionStore,
        poster: Poster,
        clients: SlackClients,
        admission: Admission,
        timing: Timing,
        tasks: BackgroundTasks,
        interactions: Interactions,
    ) -> None:
        self.channel = options.channel
        self._options = options
        self._question_store = question_store
        self._poster = poster
        self._clients = clients
        self._admission = admission
        self._questions = Runner(options.questions, self._post, **timing.leases)
        self._answers = Runner(options.answers, self._deliver, **timing.leases)
        self._tasks = tasks
        self._interactions = interactions

    def start(self) -> None:
        """Start to work on jobs."""
        self._questions.start()
        self._answers.start()

    def stop(self) -> None:
        """Begin no more jobs."""
        self._questions.stop()
        self._answers.stop()

    async def close(self, shutdown_patience: float) -> None:
        """Finish running jobs within `shutdown_patience` seconds; release the others for the next process."""
        await asyncio.gather(self._questions.close(shutdown_patience), self._answers.close(shutdown_patience))

    async def ask(self, press: Press) -> None:
        """Claim a question that somebody passes on, and start posting it. Raises StoreError."""
        asked = await self._questions.call(self._question_store.answered, press.value)
        if asked is None:
            return self._interactions.reply(press, TOO_OLD)
        message = await self._answered_at(asked, press.user)
        if isinstance(message, Message):
            return self._interactions.reply(press, message)
        claim = self._options.questions.claim
        job = await self._questions.call(claim, press.value, message, self.channel, self._questions.holder)
        if job is not None:
            self._questions.submit(job)
            return self._interactions.reply(
                press, PASSED_ON if message.channel == press.channel else PASSED_ON_DIRECTLY
            )
        answered = await self._answers.call(self._options.answers.has, press.value)
        self._interactions.reply(press, ANSWERED_ALREADY if answered else ASKED_ALREADY)

    async def _answered_at(self, asked: AnsweredQuestion, user: str) -> SlackMessage | Message:
        """Return the question, with the place for a person's answer as its channel and thread; else what to tell them.

        That is a direct message where only the asker saw the reply.
        """
        message = replace(asked.message, user=user)
        if asked.delivery is None:
            return message
        if asked.delivery.public:
            return where_asked(message)
        channel = await open_direct(self._clients.retrying, user)
        return channel if isinstance(channel, Message) else replace(message, channel=channel, thread="")

    async def posted_as(self, post: MessageRef) -> ExpertQuestion | None:
        """Return the question that was posted as a message. Raises StoreError."""
        return await self._questions.call(self._options.questions.posted_as, post)

    def open_form(self, press: Press, post: MessageRef) -> None:
        """Start opening the form for an answer to the question that is posted as `post`."""

        async def work() -> Message | None:
            question = await self.posted_as(post)
            if question is None:
                return notice(FORGOTTEN)
            if await self._answers.call(self._options.answers.has, question.key):
                return notice(ANSWERED)
            view = experts_form(question.message, post)
            return None if await open_view(self._clients.unretried, press.trigger, view) else NOT_OPENED

        self._interactions.start(press, work)

    async def refusal(self, expert: str, text: str) -> str | None:
        """Return None where a person's words are an answer that is passed on, else the reason in a line of mrkdwn."""
        return await self._admission.refusal(expert, self.channel) if text else NO_ANSWER

    async def claim_answer(
        self, question: ExpertQuestion, post: MessageRef, expert: str, text: str
    ) -> Job[ExpertAnswer] | None:
        """Claim an answer to the question that is posted as `post`; None if there was one. Raises StoreError."""
        answer = ExpertAnswer(question.key, question.message, post, expert, text)
        return await self._answers.call(self._options.answers.claim, answer, self._answers.holder)

    def submit_answer(self, job: Job[ExpertAnswer]) -> None:
        """Start posting a claimed answer where the question was asked."""
        self._answers.submit(job)

    def refuse_reply(self, question: ExpertQuestion, reply: SlackMessage, line: str) -> None:
        """Start telling a person once why their reply to a question that is still open is not passed on."""

        async def work() -> None:
            if await self._answers.call(self._options.answers.has, question.key):
                return  # People go on talking in the thread.
            event = f"refused/{reply.key}"
            if await asyncio.to_thread(self._question_store.claim_event, event):
                await self._reply(reply, one_line(f"I did not pass this on. {line}"))

        self._tasks.start(work())

    def leave_files(self, reply: SlackMessage) -> None:
        """Start telling a person that the files of their reply are not passed on."""
        self._tasks.start(self._reply(reply, FILES_LEFT))

    async def _reply(self, reply: SlackMessage, message: Message) -> None:
        await reply_privately(self._clients, Recipient.of(reply), message)

    async def _post(self, job: Job[ExpertQuestion]) -> None:
        """Post a question in the channel of the people who answer. Raises Undelivered, LeaseLost."""
        work, lease = job.work, job.lease
        poster = self._poster.for_job(job, self._questions)
        there = replace(work.message, channel=work.channel, thread="")
        try:
            posted = await poster.post(there, experts_post(work.message), f"/experts/{work.key}")
        except Refused as refused:
            code = refused.code
            _LOG.error("a question cannot be posted in %s (ITUBOT_EXPERTS_CHANNEL): %s", work.channel, code)
            with suppress(Refused):
                await _post_to_asker(poster, work.message, [NOT_PASSED_ON], f"/not passed on/{lease.term}")
            return await self._questions.withdraw(lease)
        await self._questions.call(partial(self._options.questions.finish, post_ts=posted.ts), lease)

    async def _deliver(self, job: Job[ExpertAnswer]) -> None:
        """Post an answer where the question was asked. Raises Undelivered, LeaseLost."""
        work = job.work
        poster = self._poster.for_job(job, self._answers)
        replies = experts_replies(work.expert, work.message.user, work.answer)
        try:
            await _post_to_asker(poster, work.message, replies, "/expert")
        except Refused as refused:
            _LOG.error("the answer to %s goes back to %s: %s", work.key, work.expert, refused.code)
            expert = await poster.open_direct(work.expert)
            origin = unasked(work.message.team, expert, job.created_at)
            returned = returned_answer(work.message.user, work.answer)
            await _post_all(poster, origin, returned, f"/returned/{work.key}")
            return await self._answers.withdraw(job.lease)
        await self._answers.call(self._options.answers.mark_done, job.lease)
        try:
            answered = experts_post(work.message, work.expert)
            await update_message(self._clients.retrying, work.post, answered)
        except FAILURES as error:
            _LOG.warning("the question of an answer was not marked as answered: %s", error_code(error))


async def _post_to_asker(
    poster: Poster, question: SlackMessage, messages: Sequence[Message], key_suffix: str
) -> None:
    """Post messages where a question was asked, or else to its asker. Raises Refused, Undelivered, LeaseLost."""
    try:
        await _post_all(poster, question, messages, key_suffix)
    except Refused as refused:
        _LOG.warning("a reply goes to %s, not to the channel: %s", question.user, refused.code)
        direct = replace(question, channel=await poster.open_direct(question.user), thread="")
        await _post_all(poster, direct, messages, key_suffix)


async def _post_all(
    poster: Poster, question: SlackMessage, messages: Sequence[Message], key_suffix: str
) -> None:
    for number, message in enumerate(messages):
        await poster.post(question, message, f"{key_suffix}/{number}" if number else key_suffix)
