"""The slash command."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers import Handlers
from bot.slack.handlers.command_parser import parse_command
from bot.slack.handlers.commands import SlashCommand
from bot.slack.listeners.payloads import installed_team

_LOADING = "I have just started and am still loading. Your answer follows in a moment."


async def start_command(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Acknowledge a command, then start answering it."""
    handlers: Handlers = context["handlers"]
    text = body.get("text") or ""
    if parse_command(text).name == "question" and not handlers.questions.warm:
        await ack(_LOADING)
    else:
        await ack()
    handlers.commands.start(
        SlashCommand(
            key=str(body["trigger_id"]),
            command=body.get("command") or "",
            text=text,
            team=installed_team(body),
            channel=body.get("channel_id") or "",
            user=body.get("user_id") or "",
            response_url=body["response_url"],
        )
    )
