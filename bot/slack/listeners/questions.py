"""Mentions and direct messages: the questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers.questions import Desk
from bot.slack.incoming import read_question


async def take(
    body: dict[str, Any],
    context: AsyncBoltContext,
    ack: AsyncAck,
    next: Callable[[], Awaitable[None]],
) -> BoltResponse | None:
    """Claim the question before the event is acknowledged.

    What is no question, or was claimed before, is acknowledged and goes no further. If claiming
    fails there is no acknowledgement, and Slack delivers the event again: an event that is acknowledged
    first is lost if the process ends before the claim is on the disk. One acknowledged too late comes twice,
    and is claimed once.
    """
    asked = read_question(body, context.bot_user_id or "")
    desk: Desk = context["desk"]
    job = await desk.take(asked) if asked is not None else None
    if job is None:
        return await ack()
    context["question"] = job
    await next()
    return None


async def answer(context: AsyncBoltContext) -> None:
    """Start answering the question that was claimed."""
    desk: Desk = context["desk"]
    desk.begin(context["question"])
