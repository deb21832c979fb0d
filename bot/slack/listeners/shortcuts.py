"""Shortcuts: "Add to the library", "Ask about this message", "Ask" and "Upcoming deadlines"."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.mrkdwn import to_plain_text
from bot.slack.handlers import Handlers, UploadHandler
from bot.slack.listeners.claims import claim_and_start
from bot.slack.listeners.payloads import command_for, origin_of_form, upload_of_shortcut


async def add_to_library(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Add the message's files to the library."""
    uploads: UploadHandler = context["uploads"]
    await claim_and_start(uploads.claim(upload_of_shortcut(body)), uploads.submit, ack)


async def ask(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form that asks, filled in with the text of a message where somebody asks about one."""
    await ack()
    handlers: Handlers = context["handlers"]
    text = to_plain_text((body.get("message") or {}).get("text") or "", without=context.bot_user_id)
    handlers.asking.open(str(body["trigger_id"]), body["user"]["id"], origin_of_form(body), text)


async def upcoming_deadlines(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Send the user the deadlines as a direct message."""
    handlers: Handlers = context["handlers"]
    share = command_for(body, f"{handlers.commands.name} deadlines")
    await claim_and_start(handlers.shares.claim(share), handlers.shares.submit, ack)
