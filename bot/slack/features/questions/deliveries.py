"""Where the reply goes to a question that no message in Slack asks: to a channel or thread, or to the asker alone."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.slack.core.payloads import where_asked
from bot.slack.core.sending.posting import Poster, Refused
from bot.slack.core.sending.private_replies import respond
from bot.slack.core.ui.elements import Message, context
from bot.slack.core.ui.messages import with_question, with_share_button
from bot.slack.features.questions.messages import Reply, queue_place_message
from store.jobs import Delivery, MessageRef, QuestionJob, SlackMessage

_LOG = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
# Returns None if the reply may not have arrived. Raises Refused, Undelivered, LeaseLost.
Send = Callable[[Reply], Awaitable[MessageRef | None]]

NOT_POSTED = "I did not post this in the channel, as I am not a member of it (`/invite`). Only you see it."


async def places(
    poster: Poster, work: QuestionJob, delivery: Delivery, check: Check
) -> AsyncIterator[tuple[str, Send]]:
    """Yield the places of a delivery in their order: the channel whose documents a reply may use, and how to send it.

    The first that takes the reply gets it; `check` is called before each attempt. Raises Undelivered. A reply in a
    channel or in direct messages is posted once. Whether one arrived by a `response_url` cannot be looked up: in doubt
    the next place gets it too, and if a process ends just then, the next one sends it again.
    """
    question = work.message
    guarded = poster.guarded(check, resumed=work.sending)
    if delivery.public:
        yield question.channel, partial(_post, guarded, where_asked(question))
    if delivery.response_url:
        yield question.channel, partial(_respond, check, question, delivery)
    try:
        direct = await poster.open_direct(question.user)
    except Refused as refused:
        _LOG.error("no direct message to the asker can be opened: %s", refused.code)
        return
    yield direct, partial(_post, guarded, replace(question, channel=direct, thread=""))


async def respond_queue_place(delivery: Delivery, place: int) -> None:
    """Tell the asker the question's place in the queue."""
    if delivery.response_url and not delivery.public:
        await respond(delivery.response_url, queue_place_message(place))


async def _post(poster: Poster, question: SlackMessage, reply: Reply) -> MessageRef | None:
    asker = "" if question.is_direct else question.user
    return await poster.post(question, with_question(reply.message, question.text, asker))


async def _respond(
    check: Check, question: SlackMessage, delivery: Delivery, reply: Reply
) -> MessageRef | None:
    await check()
    told = with_question(reply.message, question.text)
    if delivery.public:
        told = with_note(told, NOT_POSTED)
    if reply.outcome == "answer":
        told = with_share_button(told, question.channel, f"answer {question.key}")
    outcome = await respond(delivery.response_url, told)
    return MessageRef(question.channel, "") if outcome == "shown" else None


def with_note(message: Message, note: str) -> Message:
    """Return a reply with small print below it, as mrkdwn."""
    return Message(f"{message.text}\n{note}", (*message.blocks, context(note)))
