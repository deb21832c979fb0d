"""The app's own pages: the Home tab, and what is pressed there."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.home import page_of
from bot.slack.handlers import Handlers
from bot.slack.listeners.claims import claim_and_start
from bot.slack.listeners.events import greet
from bot.slack.listeners.payloads import command_for


async def opened(body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show the Home tab to whoever opens it, and greet whoever opens the messages."""
    handlers: Handlers = context["handlers"]
    event = body["event"]
    if event.get("tab") == "home":
        published = event.get("view") or {}
        handlers.home.show(event["user"], published, page_of(published))
    else:
        await greet(body, context)


async def is_pressed(body: dict[str, Any]) -> bool:
    """Return True for what is pressed in the Home tab."""
    return (body.get("view") or {}).get("type") == "home"


async def send(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Send the list or the file of a button as a direct message."""
    handlers: Handlers = context["handlers"]
    share = command_for(body, f"{handlers.commands.name} {body['actions'][0]['value']}")
    await claim_and_start(handlers.shares.claim(share), handlers.shares.submit, ack)
