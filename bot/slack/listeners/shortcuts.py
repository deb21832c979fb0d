"""The shortcuts of a message, "Add to the library" and "Ask about this message"; and "Ask" and "Upcoming deadlines"."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.ask import AskOrigin
from bot.slack.blocks.mrkdwn import to_plain_text
from bot.slack.handlers import Handlers, UploadHandler
from bot.slack.listeners.claims import claim_and_start
from bot.slack.listeners.payloads import acted_at, command_for, upload_of_shortcut


async def add_to_library(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Add the message's files to the library."""
    uploads: UploadHandler = context["uploads"]
    await claim_and_start(uploads.claim(upload_of_shortcut(body)), uploads.submit, ack)


async def ask_about_message(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form that asks, filled in with the message's text."""
    await ack()
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or "")
    thread = str(message.get("thread_ts") or message.get("ts") or "")
    origin = AskOrigin(acted_at(body), channel, thread, str(body.get("response_url") or ""))
    handlers: Handlers = context["handlers"]
    handlers.asking.open(str(body["trigger_id"]), origin, to_plain_text(message.get("text") or ""))


async def ask(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form that asks."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.asking.open(str(body["trigger_id"]), AskOrigin(acted_at(body)))


async def upcoming_deadlines(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Send the user the deadlines as a direct message."""
    handlers: Handlers = context["handlers"]
    share = command_for(body, f"{handlers.commands.name} deadlines")
    await claim_and_start(handlers.shares.claim(share), handlers.shares.submit, ack)
