"""Actions: pressed buttons and chosen options."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers import Handlers, UploadHandler
from bot.slack.handlers.presses import Press
from bot.slack.listeners.claims import acknowledged, claim_and_start
from bot.slack.listeners.payloads import press_of_action, share_of_button, upload_of_button

Listener = Callable[[dict[str, Any], AsyncAck], Awaitable[None]]


def acknowledge_and(start: Callable[[Press], None]) -> Listener:
    """Return the listener that acknowledges a press, then starts what it is for."""

    async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
        await ack()
        start(press_of_action(body))

    return listener


def acknowledge_after(work: Callable[[Press], Awaitable[None]]) -> Listener:
    """Return the listener that stores what a press is for, then acknowledges it: a kill in between loses nothing."""

    async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
        await acknowledged(work(press_of_action(body)), ack)

    return listener


async def share_with_everybody(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Share files with everybody, if the user who uploaded them presses the button."""
    uploads: UploadHandler = context["uploads"]
    upload, uploader = upload_of_button(body)
    if upload.message.user == uploader:
        await claim_and_start(uploads.claim(upload), uploads.submit, ack)
    else:
        await ack()
        await uploads.refuse_share(uploader, press_of_action(body).recipient)


async def share_reply(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Share a reply that only the user sees with its channel."""
    handlers: Handlers = context["handlers"]
    share = share_of_button(body)
    if not await claim_and_start(handlers.shares.claim(share), handlers.shares.submit, ack):
        await handlers.shares.tell_shared(share)
