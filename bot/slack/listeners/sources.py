"""The buttons of sources: below an answer, and in the modal that they open."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers import Handlers
from bot.slack.listeners.payloads import press_of_action


async def open_source(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the modal of a source."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.sources.open(press_of_action(body))


async def choose_source(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Show another source of the answer."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.sources.choose(press_of_action(body))


async def turn_paragraph(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Show another paragraph of the document."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.sources.turn(press_of_action(body))


async def send_file(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Send the original file of the document to the user."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.sources.send_file(press_of_action(body))
