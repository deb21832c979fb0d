"""The message shortcut "Add to the library"."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.listeners.actions import claim_and_start
from bot.slack.listeners.payloads import upload_of_shortcut


async def add_to_library(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Add the message's files to the library. Where the claim fails, Slack tells the user that it did not work."""
    await claim_and_start(upload_of_shortcut(body), context, ack)
