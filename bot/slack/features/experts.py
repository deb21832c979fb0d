"""Questions that the documents do not answer, passed on to people; their answers come back.

Both are jobs that are claimed before Slack's request is acknowledged: each is posted once, also after a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.answering.answer import Answer
from bot.locales import N_, _, in_language
from bot.register.wording import day
from bot.safe_text import visible
from bot.slack.core.access import QUESTION_COST
from bot.slack.core.errors import InvalidForm, NotDone
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press, follow_up_of_event
from bot.slack.core.receiving import Next, Routes, claim_and_go_on
from bot.slack.core.sending.clients import FAILURES, error_code
from bot.slack.core.sending.posting import Poster, Refused, unasked, update_message
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    TEXT_CHARS,
    Block,
    Message,
    actions,
    button,
    confirmed,
    context,
    one_line,
    plain_message,
    section,
)
from bot.slack.core.ui.forms import entered, input_field, known, modal, text_area, typed
from bot.slack.core.ui.messages import quoted
from bot.slack.core.ui.mrkdwn import channel_link, escape, mention, split_text, with_mentions
from store.jobs import (
    NO_EVIDENCE,
    ExpertAnswer,
    ExpertAnswerStore,
    ExpertQuestion,
    ExpertQuestionStore,
    Job,
    MessageRef,
    QuestionJob,
    SlackMessage,
)

EXPERTS_ASK, EXPERTS_ANSWER, EXPERTS_FORM = "experts_ask", "experts_answer", "experts_form"

_QUESTION_CHARS = 2_800
# Blocks of an answer's text in one message.
_MOST_PARTS = 4
_LOG = logging.getLogger(__name__)
# What people who answer are told.
_FORGOTTEN = N_("This question is too old: I keep questions for 30 days.")
_ANSWERED = N_("Somebody has answered this question already.")


def _not_passed_on() -> list[Message]:
    line = _(
        "I could not pass the question on: I cannot write in the channel of the people who answer. "
        "Please tell {contact}."
    )
    return [plain_message(line)]


def experts_button(key: str) -> Block:
    """Return the button that passes the question `key` on; Slack asks first, as others will see the question."""
    asks = _(
        "Your question, your name and the place where you ask are posted in the channel of the people who "
        "answer. All of its members see them, and their answer comes back to you."
    )
    ask = button(_("Ask the secretariat"), EXPERTS_ASK, key)
    return actions(confirmed(ask, _("Ask the secretariat?"), asks, _("Ask")))


def experts_post(question: SlackMessage, answered_by: str = "") -> Message:
    """Return the message in the people's channel; once it is answered, without the button."""
    asker, channel, person = mention(question.user), channel_link(question.channel), mention(answered_by)
    if question.is_direct:
        opening = _(
            "*{asker} asks in a direct message*. The documents do not answer this question:", asker=asker
        )
    else:
        opening = _(
            "*{asker} asks in {channel}*. The documents do not answer this question:",
            asker=asker,
            channel=channel,
        )
    blocks = [section(opening), section(quoted(question.text, _QUESTION_CHARS))]
    if answered_by:
        closing = _("{person} has answered; the answer is with the person who asks.", person=person)
        blocks.append(context(closing))
    else:
        how_to = _(
            "Reply in this thread or press *Answer*. The first reply goes back to the person who asks, with your name."
        )
        blocks += [context(how_to), actions(button(_("Answer"), EXPERTS_ANSWER, question.key))]
    return Message.of(blocks)


def experts_form(question: SlackMessage, post: MessageRef) -> Block:
    """Return the form for an answer to the question that is posted as `post`."""
    asker, asked = mention(question.user), quoted(question.text, _QUESTION_CHARS)
    hint = _("It is posted where the question was asked, with your name.")
    blocks = [
        section(_("{asker} asks: {question}", asker=asker, question=asked)),
        input_field("answer", _("Your answer"), text_area(), hint=hint),
    ]
    return modal(
        EXPERTS_FORM,
        _("Answer a question"),
        blocks,
        submit=_("Send"),
        close=_("Cancel"),
        known=[post.channel, post.ts],
    )


def experts_replies(expert: str, asker: str, answer: str) -> list[Message]:
    """Return a person's answer as it is posted where the question was asked: whole, in as many messages as it needs."""
    parts = [section(with_mentions(escape(part))) for part in split_text(visible(answer), TEXT_CHARS)]
    by, to = mention(expert), mention(asker)
    head = section(_("*{expert} answers {asker}:*", expert=by, asker=to))
    note = context(_("A person's answer. It is not from the documents."))
    return [Message.of([head, *parts[n : n + _MOST_PARTS], note]) for n in range(0, len(parts), _MOST_PARTS)]


def returned_answer(asker: str, answer: str) -> list[Message]:
    """Return what a person gets whose answer could not be passed on, with the answer; without blocks."""
    to = mention(asker)
    introduction = _(
        "I could not pass your answer on to {asker}: Slack takes it neither where they asked nor in a direct message. "
        "Please send it to them yourself, and tell {contact}. You wrote:",
        asker=to,
    )
    parts = [with_mentions(escape(part)) for part in split_text(visible(answer), TEXT_CHARS)]
    return [Message(text if n else f"{introduction}\n{text}", ()) for n, text in enumerate(parts)]


async def _post_all(
    poster: Poster, question: SlackMessage, messages: Sequence[Message], key_suffix: str
) -> None:
    for number, message in enumerate(messages):
        await poster.post(question, message, f"{key_suffix}/{number}" if number else key_suffix)


class Experts(Feature):
    """Posts questions in the channel of the people who answer, and their answers where the questions were asked.

    People answer in a form, or by a reply in the thread of a question.
    """

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._channel = services.options.settings.experts_channel
        self._question_store = ExpertQuestionStore.beside(services.question_store)
        self._answer_store = ExpertAnswerStore.beside(services.question_store)
        self._runner = services.runner
        self._runner.do(self._question_store, self._post)
        self._runner.do(self._answer_store, self._deliver)

    def add_routes(self, routes: Routes) -> None:
        """Route the buttons, the form, and replies in the threads of questions."""
        # Free, as the answer to each question is passed on once.
        routes.messages(self.claim_reply, self.is_answer, cost=0, mentions=False)
        routes.press_stored(EXPERTS_ASK, self.ask, cost=QUESTION_COST)
        routes.press(EXPERTS_ANSWER, self.open_form)
        routes.form(EXPERTS_FORM, self.submit_form)

    @staticmethod
    def below_answer(answer: Answer, key: str) -> Sequence[Block]:
        """Return the button that passes a question on which the documents do not answer, or may not."""
        unanswered = answer.reason == NO_EVIDENCE or (answer.answered and answer.confidence == "low")
        return [experts_button(key)] if unanswered else []

    async def ask(self, press: Press) -> Message:
        """Claim a question that somebody passes on, and start posting it. Raises NotDone, StoreError."""
        asked = await self._runner.call(self._services.question_store.answered, press.value)
        if asked is None:
            return plain_message(
                _("This question is too old: I keep questions for 30 days. Please ask it again.")
            )
        message = await self._with_answer_place(asked, press.user)
        passed_on = ExpertQuestion(press.value, message, self._channel)
        job = await self._runner.call(self._question_store.claim, passed_on, self._runner.holder)
        if job is not None:
            self._runner.submit(job)
            if message.channel == press.channel:
                return plain_message(
                    _(
                        "I am passing your question on. When a person has answered it, I will post the answer here."
                    )
                )
            return plain_message(
                _(
                    "I am passing your question on. When a person has answered it, I will send you the answer in a "
                    "direct message."
                )
            )
        if await self._is_answered(press.value):
            return plain_message(
                _("A person has answered this question already, and I posted the answer then.")
            )
        since = await self._runner.call(self._question_store.created_at, press.value) or 0.0
        zone = await self._services.people.zone(press.user)
        return plain_message(
            _(
                "This question has been with the secretariat since {day}. I will post the answer once somebody has "
                "written it.",
                day=day(datetime.fromtimestamp(since, zone).date()),
            )
        )

    async def _with_answer_place(self, asked: QuestionJob, user: str) -> SlackMessage:
        """Return the question, with the place for a person's answer as its channel and thread.

        That is a direct message where only the asker saw the reply. Raises NotDone.
        """
        message = replace(asked.message, user=user)
        if asked.delivery is None:
            return message
        return replace(message, channel=await self._services.open_direct(user), thread="")

    async def open_form(self, press: Press) -> None:
        """Open the form for an answer to the question that is posted as the message of the button.

        Raises NotDone, StoreError.
        """
        await self._services.open_window(press, self._form(press))

    async def _form(self, press: Press) -> Block:
        post = MessageRef(press.channel, press.ts)
        question = await self._posted_as(post)
        if question is None:
            raise NotDone(plain_message(_(_FORGOTTEN)))
        if await self._is_answered(question.key):
            raise NotDone(plain_message(_(_ANSWERED)))
        return experts_form(question.message, post)

    async def submit_form(self, press: Press) -> None:
        """Post the answer that somebody wrote into the form. Raises InvalidForm, StoreError."""
        post, text = MessageRef(*known(press.view)), typed(entered(press.view)["answer"])
        question = await self._posted_as(post)
        if question is None:
            raise InvalidForm({"answer": _(_FORGOTTEN)})
        if line := await self._refusal(press.user, text):
            raise InvalidForm({"answer": line})
        job = await self._claim(question, post, press.user, text)
        if job is None:
            raise InvalidForm({"answer": _(_ANSWERED)})
        self._runner.submit(job)

    async def is_answer(self, body: dict[str, Any], context: AsyncBoltContext) -> bool:
        """Return True for a person's reply in the thread of a question that was passed on."""
        reply = follow_up_of_event(body, context.bot_user_id or "")
        if reply is None or reply.channel != self._channel:
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
            self._runner.submit(job)
            if body["event"].get("files"):
                left = _(
                    "I passed on what you wrote, but not the file. Please send it to the person who asks yourself."
                )
                self._services.tell(Recipient.of(reply), plain_message(left))

        post = MessageRef(reply.channel, reply.thread)
        claim = self._claim(question, post, reply.user, reply.text)
        return await claim_and_go_on(claim, submit, context, ack, next)

    async def _posted_as(self, post: MessageRef) -> ExpertQuestion | None:
        """Return the question that was posted as a message. Raises StoreError."""
        return await self._runner.call(self._question_store.posted_as, post)

    async def _is_answered(self, key: str) -> bool:
        return await self._runner.call(self._answer_store.work_of, key) is not None

    async def _refusal(self, expert: str, text: str) -> str | None:
        """Return None where a person's words are an answer that is passed on, else the reason in a line of mrkdwn."""
        return (
            await self._services.admission.refusal(expert, self._channel)
            if text
            else _("Please write an answer.")
        )

    async def _claim(
        self, question: ExpertQuestion, post: MessageRef, expert: str, text: str
    ) -> Job[ExpertAnswer] | None:
        """Claim an answer to the question that is posted as `post`; None if there was one. Raises StoreError."""
        answer = ExpertAnswer(question.key, question.message, post, expert, text)
        return await self._runner.call(self._answer_store.claim, answer, self._runner.holder)

    async def _refuse_reply(self, question: ExpertQuestion, reply: SlackMessage, line: str) -> None:
        """Tell a person once why their reply to a question that is still open is not passed on."""
        # People go on talking in the thread after an answer.
        if not await self._is_answered(question.key) and await self._services.is_new(f"refused/{reply.key}"):
            refusal = one_line(_("I did not pass this on. {reason}", reason=line))
            await reply_privately(self._services.clients, Recipient.of(reply), refusal)

    async def _post(self, job: Job[ExpertQuestion]) -> None:
        """Post a question in the channel of the people who answer. Raises Undelivered, LeaseLost."""
        work, lease = job.work, job.lease
        poster = self._services.poster.for_job(job, self._runner)
        there = replace(work.message, channel=work.channel, thread="")
        try:
            with in_language(await self._services.language_of(work.channel, "")):
                posted = await poster.post(there, experts_post(work.message), f"/experts/{work.key}")
        except Refused as refused:
            code = refused.code
            _LOG.error("a question cannot be posted in %s (ITUBOT_EXPERTS_CHANNEL): %s", work.channel, code)
            with suppress(Refused):
                await self._post_to_asker(
                    poster, work.message, _not_passed_on, f"/not passed on/{lease.term}"
                )
            return await self._runner.withdraw(lease)
        await self._runner.call(partial(self._question_store.change, lease, True, post_ts=posted.ts))

    async def _deliver(self, job: Job[ExpertAnswer]) -> None:
        """Post an answer where the question was asked. Raises Undelivered, LeaseLost."""
        work = job.work
        poster = self._services.poster.for_job(job, self._runner)
        replies = partial(experts_replies, work.expert, work.message.user, work.answer)
        try:
            await self._post_to_asker(poster, work.message, replies, "/expert")
        except Refused as refused:
            _LOG.error("the answer of a person goes back to them: %s", refused.code)
            expert = await poster.open_direct(work.expert)
            origin = unasked(work.message.team, expert, job.created_at)
            with in_language(await self._services.language_of(expert, work.expert)):
                returned = returned_answer(work.message.user, work.answer)
            await _post_all(poster, origin, returned, f"/returned/{work.key}")
            return await self._runner.withdraw(job.lease)
        await self._runner.call(self._answer_store.mark_done, job.lease)
        try:
            with in_language(await self._services.language_of(work.post.channel, "")):
                answered_post = experts_post(work.message, work.expert)
            await update_message(self._services.clients.retrying, work.post, answered_post)
        except FAILURES as error:
            _LOG.warning("the question of an answer was not marked as answered: %s", error_code(error))

    async def _post_to_asker(
        self,
        poster: Poster,
        question: SlackMessage,
        make: Callable[[], Sequence[Message]],
        key_suffix: str,
    ) -> None:
        """Post messages where a question was asked, or else to its asker. Raises Refused, Undelivered, LeaseLost.

        `make` returns them in the language in use: that of the place.
        """
        language_of = self._services.language_of
        try:
            with in_language(await language_of(question.channel, question.user)):
                await _post_all(poster, question, make(), key_suffix)
        except Refused as refused:
            _LOG.warning("a reply goes to the asker, not to the channel: %s", refused.code)
            direct = replace(question, channel=await poster.open_direct(question.user), thread="")
            with in_language(await language_of(direct.channel, question.user)):
                await _post_all(poster, direct, make(), key_suffix)
