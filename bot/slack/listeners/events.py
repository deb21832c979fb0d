"""Events: mentions and direct messages, with questions or files, and stops.

Bolt acknowledges an event before its listener runs, and an acknowledged event is not delivered again. So questions and
uploads are claimed, and stops recorded, in a listener's middleware: if that fails, Slack repeats the event, and if the
acknowledgement comes too late, the second delivery is already claimed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers import Handlers
from bot.slack.listeners.payloads import (
    follow_up_of_event,
    installed_team,
    pane_of_event,
    question_of_event,
    upload_of_event,
)

Next = Callable[[], Awaitable[None]]


async def claim_question(
    body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
) -> BoltResponse | None:
    """Claim the question, or a message that may be one; what is none, or claimed already, is only acknowledged."""
    handlers: Handlers = context["handlers"]
    bot_user = context.bot_user_id or ""
    job = None
    if question := question_of_event(body, bot_user):
        job = await handlers.questions.claim(question)
    elif follow_up := follow_up_of_event(body, bot_user):
        job = await handlers.questions.claim_follow_up(follow_up)
    if job is None:
        return await ack()
    context["job"] = job
    await next()
    return None


async def start_answer(context: AsyncBoltContext) -> None:
    """Start answering the claimed question."""
    handlers: Handlers = context["handlers"]
    handlers.questions.submit(context["job"])


async def record_stop(body: dict[str, Any], context: AsyncBoltContext, next: Next) -> None:
    """Record that somebody pressed Slack's stop button in a thread."""
    handlers: Handlers = context["handlers"]
    event = body["event"]
    place = str(event.get("channel") or ""), str(event.get("thread_ts") or "")
    context["place"] = place
    context["stopped"] = await handlers.questions.record_stop(installed_team(body), *place)
    await next()


async def stop_answers(context: AsyncBoltContext) -> None:
    """End the work on the stopped questions."""
    handlers: Handlers = context["handlers"]
    await handlers.questions.stop_answers(context["stopped"], *context["place"])


async def greet(body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Greet the person who opened a conversation, and suggest questions; other tabs are only acknowledged."""
    handlers: Handlers = context["handlers"]
    pane = pane_of_event(body)
    if pane is not None:
        handlers.pane.open(pane)


async def acknowledge(ack: AsyncAck) -> None:
    """Acknowledge an event of which nothing follows; Slack would repeat it."""
    await ack()


async def has_files(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Return True for a direct message or a mention with files."""
    return upload_of_event(body, context.bot_user_id or "") is not None


async def claim_upload(
    body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
) -> BoltResponse | None:
    """Claim the files; those that are claimed already are only acknowledged."""
    handlers: Handlers = context["handlers"]
    upload = upload_of_event(body, context.bot_user_id or "")
    job = await handlers.uploads.claim(upload) if handlers.uploads and upload else None
    if job is None:
        return await ack()
    context["job"] = job
    await next()
    return None


async def start_upload(context: AsyncBoltContext) -> None:
    """Start adding the claimed files to the library."""
    handlers: Handlers = context["handlers"]
    if handlers.uploads is not None:
        handlers.uploads.submit(context["job"])
