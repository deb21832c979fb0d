"""Passes questions that the documents do not answer on to people, and brings their answers back.

Both are jobs that are claimed before Slack's request is acknowledged: each is posted once, also after a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.acknowledging import Next, claim_and_go_on
from bot.slack.blocks.elements import Message, one_line, plain_message
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
    read_experts_form,
    returned_answer,
)
from bot.slack.handlers.deliveries import where_asked
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.options import ExpertOptions
from bot.slack.payloads import Press, follow_up_of_event
from bot.slack.sending.clients import (
    FAILURES,
    error_code,
)
from bot.slack.sending.posting import Poster, Refused, unasked, update_message
from bot.slack.sending.private_replies import Recipient, reply_privately
from store.jobs import (
    AnsweredQuestion,
    ExpertAnswer,
    ExpertQuestion,
    Job,
    MessageRef,
    Runner,
    SlackMessage,
)

_LOG = logging.getLogger(__name__)


class ExpertHandler:
    """Posts questions in the channel of the people who answer, and their answers where the questions were asked.

    People answer in a form, or by a reply in the thread of a question.
    """

    def __init__(self, services: WorkspaceServices, options: ExpertOptions) -> None:
        self._services = services
        self._options = options
        leases = services.options.timing.leases
        self._questions = Runner(options.questions, self._post, **leases)
        self._answers = Runner(options.answers, self._deliver, **leases)
        self.runners = (self._questions, self._answers)

    async def ask(self, press: Press) -> Message:
        """Claim a question that somebody passes on, and start posting it. Raises NotDone, StoreError."""
        asked = await self._questions.call(self._services.question_store.answered, press.value)
        if asked is None:
            return TOO_OLD
        message = await self._with_answer_place(asked, press.user)
        claim, channel = self._options.questions.claim, self._options.channel
        job = await self._questions.call(claim, press.value, message, channel, self._questions.holder)
        if job is not None:
            self._questions.submit(job)
            return PASSED_ON if message.channel == press.channel else PASSED_ON_DIRECTLY
        return ANSWERED_ALREADY if await self._is_answered(press.value) else ASKED_ALREADY

    async def _with_answer_place(self, asked: AnsweredQuestion, user: str) -> SlackMessage:
        """Return the question, with the place for a person's answer as its channel and thread.

        That is a direct message where only the asker saw the reply. Raises NotDone.
        """
        message = replace(asked.message, user=user)
        if asked.delivery is None:
            return message
        if asked.delivery.public:
            return where_asked(message)
        return replace(message, channel=await self._services.open_direct(user), thread="")

    async def open_form(self, press: Press) -> Message | None:
        """Open the form for an answer to the question that is posted as the message of the button."""
        post = MessageRef(press.channel, press.ts)
        question = await self._posted_as(post)
        if question is None:
            return plain_message(FORGOTTEN)
        if await self._is_answered(question.key):
            return plain_message(ANSWERED)
        return await self._services.open_form(press.trigger, experts_form(question.message, post))

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Post the answer that somebody wrote into the form."""
        post, text = read_experts_form(body["view"])
        question = await self._posted_as(post)
        if question is None:
            return await _refuse(ack, FORGOTTEN)
        expert = body["user"]["id"]
        if line := await self._refusal(expert, text):
            return await _refuse(ack, line)
        job = await self._claim(question, post, expert, text)
        if job is None:
            return await _refuse(ack, ANSWERED)
        await ack()
        self._answers.submit(job)

    async def is_answer(self, body: dict[str, Any], context: AsyncBoltContext) -> bool:
        """Return True for a person's reply in the thread of a question that was passed on."""
        reply = follow_up_of_event(body, context.bot_user_id or "")
        if reply is None or reply.channel != self._options.channel:
            return False
        context["expert_question"] = await self._posted_as(MessageRef(reply.channel, reply.thread))
        context["expert_reply"] = reply
        return context["expert_question"] is not None

    async def claim_reply(
        self, body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
    ) -> BoltResponse | None:
        """Claim the answer, or say why it is not passed on; what comes after the first one is only acknowledged."""
        question, reply = context["expert_question"], context["expert_reply"]
        if line := await self._refusal(reply.user, reply.text):
            self._services.tasks.start(self._refuse_reply(question, reply, line))
            return await ack()

        def submit(job: Job[ExpertAnswer]) -> None:
            self._answers.submit(job)
            if body["event"].get("files"):
                self._services.tell(Recipient.of(reply), FILES_LEFT)

        post = MessageRef(reply.channel, reply.thread)
        claim = self._claim(question, post, reply.user, reply.text)
        return await claim_and_go_on(claim, submit, context, ack, next)

    async def _posted_as(self, post: MessageRef) -> ExpertQuestion | None:
        """Return the question that was posted as a message. Raises StoreError."""
        return await self._questions.call(self._options.questions.posted_as, post)

    async def _is_answered(self, key: str) -> bool:
        return await self._answers.call(self._options.answers.has, key)

    async def _refusal(self, expert: str, text: str) -> str | None:
        """Return None where a person's words are an answer that is passed on, else the reason in a line of mrkdwn."""
        return await self._services.admission.refusal(expert, self._options.channel) if text else NO_ANSWER

    async def _claim(
        self, question: ExpertQuestion, post: MessageRef, expert: str, text: str
    ) -> Job[ExpertAnswer] | None:
        """Claim an answer to the question that is posted as `post`; None if there was one. Raises StoreError."""
        answer = ExpertAnswer(question.key, question.message, post, expert, text)
        return await self._answers.call(self._options.answers.claim, answer, self._answers.holder)

    async def _refuse_reply(self, question: ExpertQuestion, reply: SlackMessage, line: str) -> None:
        """Tell a person once why their reply to a question that is still open is not passed on."""
        # People go on talking in the thread after an answer.
        if not await self._is_answered(question.key) and await self._services.is_new(f"refused/{reply.key}"):
            told = one_line(f"I did not pass this on. {line}")
            await reply_privately(self._services.clients, Recipient.of(reply), told)

    async def _post(self, job: Job[ExpertQuestion]) -> None:
        """Post a question in the channel of the people who answer. Raises Undelivered, LeaseLost."""
        work, lease = job.work, job.lease
        poster = self._services.poster.for_job(job, self._questions)
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
        poster = self._services.poster.for_job(job, self._answers)
        replies = experts_replies(work.expert, work.message.user, work.answer)
        try:
            await _post_to_asker(poster, work.message, replies, "/expert")
        except Refused as refused:
            _LOG.error("the answer of a person goes back to them: %s", refused.code)
            expert = await poster.open_direct(work.expert)
            origin = unasked(work.message.team, expert, job.created_at)
            returned = returned_answer(work.message.user, work.answer)
            await _post_all(poster, origin, returned, f"/returned/{work.key}")
            return await self._answers.withdraw(job.lease)
        await self._answers.call(self._options.answers.mark_done, job.lease)
        try:
            answered = experts_post(work.message, work.expert)
            await update_message(self._services.clients.retrying, work.post, answered)
        except FAILURES as error:
            _LOG.warning("the question of an answer was not marked as answered: %s", error_code(error))


async def _refuse(ack: AsyncAck, line: str) -> None:
    await ack(response_action="errors", errors={"answer": line})


async def _post_to_asker(
    poster: Poster, question: SlackMessage, messages: Sequence[Message], key_suffix: str
) -> None:
    """Post messages where a question was asked, or else to its asker. Raises Refused, Undelivered, LeaseLost."""
    try:
        await _post_all(poster, question, messages, key_suffix)
    except Refused as refused:
        _LOG.warning("a reply goes to the asker, not to the channel: %s", refused.code)
        direct = replace(question, channel=await poster.open_direct(question.user), thread="")
        await _post_all(poster, direct, messages, key_suffix)


async def _post_all(
    poster: Poster, question: SlackMessage, messages: Sequence[Message], key_suffix: str
) -> None:
    for number, message in enumerate(messages):
        await poster.post(question, message, f"{key_suffix}/{number}" if number else key_suffix)
