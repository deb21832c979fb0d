"""Events: mentions and direct messages, with questions or files, and stops.

Questions and uploads are claimed, and stops recorded, in a listener's middleware (see `claims`): if that fails, Slack
delivers the event again.
"""

from __future__ import annotations

from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers import Handlers, UploadHandler
from bot.slack.listeners.claims import Next, claim_and_go_on
from bot.slack.listeners.payloads import (
    follow_up_of_event,
    installed_team,
    pane_of_event,
    question_of_event,
    upload_of_event,
)
from store.jobs import Job, QuestionJob


async def claim_question(
    body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck, next: Next
) -> BoltResponse | None:
    """Claim the question, or a message that may be one; what is none, or claimed already, is only acknowledged."""
    handlers: Handlers = context["handlers"]
    bot_user = context.bot_user_id or ""

    async def claim() -> Job[QuestionJob] | None:
        if question := question_of_event(body, bot_user):
            return await handlers.questions.claim(question)
        if follow_up := follow_up_of_event(body, bot_user):
            return await handlers.questions.claim_follow_up(follow_up)
        return None

    return await claim_and_go_on(claim(), handlers.questions.submit, context, ack, next)


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
    context["upload"] = upload_of_event(body, context.bot_user_id or "")
    return context["upload"] is not None


async def claim_upload(context: AsyncBoltContext, ack: AsyncAck, next: Next) -> BoltResponse | None:
    """Claim the files; those that are claimed already are only acknowledged."""
    uploads: UploadHandler = context["uploads"]
    return await claim_and_go_on(uploads.claim(context["upload"]), uploads.submit, context, ack, next)
