"""Entries of the register: chosen for their details, corrected, and back again."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.entry import read_form
from bot.slack.handlers.entries import EntryDesk, Press
from bot.slack.incoming import audience_of


async def show(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Tell the details of the entry that was chosen."""
    await ack()
    _desk(context).show(_press(body, body["actions"][0]["selected_option"]["value"]))


async def open_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form for an entry. Slack takes it within three seconds of the press."""
    await ack()
    _desk(context).open_form(_press(body, body["actions"][0]["value"]))


async def undo(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Take back the correction of an entry that the button is of."""
    await ack()
    entry_id, _, revision = body["actions"][0]["value"].partition(" ")
    _desk(context).undo(_press(body, entry_id), int(revision or 0))


async def correct(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Correct an entry as the form says, or say in the form what is wrong with it."""
    submitted = read_form(body["view"])
    if submitted.errors:
        await ack(response_action="errors", errors=dict(submitted.errors))
        return
    await ack()
    press = Press(
        _trigger(body), body["user"]["id"], submitted.entry_id, submitted.response_url, submitted.audience
    )
    _desk(context).correct(press, submitted.change)


def _desk(context: AsyncBoltContext) -> EntryDesk:
    desk: EntryDesk = context["entries"]
    return desk


def _press(body: dict[str, Any], entry_id: str) -> Press:
    url = str(body.get("response_url") or "")
    return Press(_trigger(body), body["user"]["id"], entry_id, url, audience_of(body))


def _trigger(body: dict[str, Any]) -> str:
    return str(body.get("trigger_id") or "")
