"""The button that passes a question on to people, and the two ways in which they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.experts import read_experts_form
from bot.slack.handlers import Handlers
from bot.slack.listeners.payloads import follow_up_of_event, post_of_button, press_of_action
from store.jobs import MessageRef


async def ask_experts(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Pass a question on."""
    handlers: Handlers = context["handlers"]
    if handlers.experts is not None:
        await handlers.experts.ask(press_of_action(body))
    await ack()


async def open_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form for an answer."""
    await ack()
    handlers: Handlers = context["handlers"]
    if handlers.experts is not None:
        handlers.experts.open_form(press_of_action(body), post_of_button(body))


async def submit_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Post the answer that somebody wrote into the form."""
    handlers: Handlers = context["handlers"]
    post, text = read_experts_form(body["view"])
    question = await handlers.experts.posted_as(post) if handlers.experts else None
    if handlers.experts is None or question is None:
        return await _refuse(ack, "This question is too old: I keep questions for 30 days.")
    job = await handlers.experts.claim_answer(question, body["user"]["id"], text)
    if job is None:
        return await _refuse(ack, "Somebody has answered this question already.")
    await ack()
    handlers.experts.submit_answer(job)


async def is_answer(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Return True for a person's reply in the thread of a question that was passed on."""
    handlers: Handlers = context["handlers"]
    reply = follow_up_of_event(body, context.bot_user_id or "")
    if handlers.experts is None or reply is None or reply.channel != handlers.experts.channel:
        return False
    context["expert_question"] = await handlers.experts.posted_as(MessageRef(reply.channel, reply.thread))
    context["expert_reply"] = reply
    return context["expert_question"] is not None


async def claim_answer(
    context: AsyncBoltContext, ack: AsyncAck, next: Callable[[], Awaitable[None]]
) -> BoltResponse | None:
    """Claim the answer; what comes after the first one is only acknowledged."""
    handlers: Handlers = context["handlers"]
    reply = context["expert_reply"]
    job = None
    if handlers.experts is not None:
        job = await handlers.experts.claim_answer(context["expert_question"], reply.user, reply.text)
    if job is None:
        return await ack()
    context["job"] = job
    await next()
    return None


async def start_answer(context: AsyncBoltContext) -> None:
    """Start posting the claimed answer."""
    handlers: Handlers = context["handlers"]
    if handlers.experts is not None:
        handlers.experts.submit_answer(context["job"])


async def _refuse(ack: AsyncAck, line: str) -> None:
    await ack(response_action="errors", errors={"answer": line})
