"""Files for the library: sent to the bot directly, or pointed at with the message shortcut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.library.handler import LibraryDesk
from bot.slack.library.uploads import read_gift, read_share, read_shortcut


async def brings_files(body: dict[str, Any], context: AsyncBoltContext) -> bool:
    """Say whether a message brings files for the library."""
    return read_gift(body, context.bot_user_id or "") is not None


async def take(
    body: dict[str, Any],
    context: AsyncBoltContext,
    ack: AsyncAck,
    next: Callable[[], Awaitable[None]],
) -> BoltResponse | None:
    """Claim the files before Slack is told that they were heard of, as a question is claimed.

    A shortcut is not delivered again: where claiming fails, Slack tells its user so.
    """
    desk: LibraryDesk = context["gifts"]
    gift = read_gift(body, context.bot_user_id or "") if "event" in body else read_shortcut(body)
    job = await desk.take(gift) if gift is not None else None
    if job is None:
        return await ack()
    context["gift"] = job
    await next()
    return None


async def share(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Let everybody have the files that a button is of, if their giver presses it."""
    desk: LibraryDesk = context["gifts"]
    gift, giver = read_share(body)
    if gift.asked.user == giver:
        job = await desk.take(gift)
        await ack()
        if job is not None:
            desk.begin(job)
        return
    await ack()
    await desk.refuse_share(giver, str(body.get("response_url") or ""))


async def accept(context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Start with the files that were claimed."""
    await ack()
    desk: LibraryDesk = context["gifts"]
    desk.begin(context["gift"])
