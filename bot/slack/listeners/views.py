"""The submitted form that corrects a register entry."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.entry import read_form
from bot.slack.handlers import Handlers
from bot.slack.handlers.interactions import Interaction


async def submit_correction(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Correct an entry, or show in the form what is wrong."""
    form = read_form(body["view"])
    if form.errors:
        await ack(response_action="errors", errors=dict(form.errors))
        return
    await ack()
    handlers: Handlers = context["handlers"]
    trigger, user = str(body.get("trigger_id") or ""), body["user"]["id"]
    interaction = Interaction(trigger, user, form.entry_id, form.response_url, form.audience)
    handlers.entries.correct(interaction, form.edit)
