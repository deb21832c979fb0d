"""Actions: the list and the buttons below register entries, and the button that shares uploaded files."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.handlers import Handlers
from bot.slack.listeners.payloads import read_interaction, read_share
from store.jobs import Submission


async def show_details(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Show the details of the chosen entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.show(read_interaction(body, body["actions"][0]["selected_option"]["value"]))


async def open_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form that corrects an entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.open_form(read_interaction(body, body["actions"][0]["value"]))


async def undo(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Undo the correction of an entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    entry_id, _, revision = body["actions"][0]["value"].partition(" ")
    handlers.entries.undo(read_interaction(body, entry_id), int(revision or 0))


async def share_with_everybody(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Share files with everybody, if the user who uploaded them presses the button."""
    handlers: Handlers = context["handlers"]
    upload, giver = read_share(body)
    if upload.message.user == giver:
        await start_upload(upload, context, ack)
        return
    await ack()
    if handlers.uploads is not None:
        await handlers.uploads.refuse_share(giver, str(body.get("response_url") or ""))


async def start_upload(upload: Submission, context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Claim an upload, acknowledge the payload, and start adding the files unless they were claimed before."""
    handlers: Handlers = context["handlers"]
    if handlers.uploads is None:
        return
    job = await handlers.uploads.claim(upload)
    await ack()
    if job is not None:
        handlers.uploads.submit(job)
