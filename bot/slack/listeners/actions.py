"""Actions: the list and the buttons below register entries, and the button that shares uploaded files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.home import page_of
from bot.slack.handlers import Handlers, ReminderHandler, SubscriptionHandler, UploadHandler
from bot.slack.handlers.interactions import Interaction
from bot.slack.listeners.claims import claim_and_start
from bot.slack.listeners.payloads import interaction_of_action, share_of_button, upload_of_button


async def show_details(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Show the details of the chosen entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.show(interaction_of_action(body, body["actions"][0]["selected_option"]["value"]))


async def open_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form that corrects an entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.open_form(interaction_of_action(body, body["actions"][0]["value"]))


async def undo(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Undo the correction of an entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    entry_id, _, revision = body["actions"][0]["value"].partition(" ")
    handlers.entries.undo(interaction_of_action(body, entry_id), int(revision or 0))


async def send_calendar(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Send the calendar file of an entry to the user."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.send_calendar(interaction_of_action(body, body["actions"][0]["value"]))


async def share_entry(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Post an entry to the channel that was shown it."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.share(interaction_of_action(body, body["actions"][0]["value"]))


async def remind(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Make a reminder of an entry."""
    await ack()
    reminders: ReminderHandler = context["scheduled"].reminders
    days, _, entry_id = body["actions"][0]["selected_option"]["value"].partition(" ")
    reminders.add(interaction_of_action(body, entry_id), int(days))


async def cancel_reminder(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Cancel a reminder of the user; in the Home tab, show it without that."""
    await ack()
    reminders: ReminderHandler = context["scheduled"].reminders
    await _end(body, context, reminders.cancel, reminders.remove)


async def end_subscription(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """End a subscription of the conversation; in the Home tab, one of the user's own, and show it without that."""
    await ack()
    subscriptions: SubscriptionHandler = context["scheduled"].subscriptions
    await _end(body, context, subscriptions.end, subscriptions.remove)


async def _end(
    body: dict[str, Any],
    context: AsyncBoltContext,
    start_ending: Callable[[Interaction, str], None],
    end: Callable[[str, str], Awaitable[object]],
) -> None:
    """End what a button names by its id, for the user; in the Home tab, show it without that."""
    handlers: Handlers = context["handlers"]
    id_, user = body["actions"][0]["value"], body["user"]["id"]
    if "view" in body:
        await end(id_, user)
        handlers.home.show(user, {}, page_of(body["view"]))
    else:
        start_ending(interaction_of_action(body, ""), id_)


async def share_with_everybody(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Share files with everybody, if the user who uploaded them presses the button."""
    uploads: UploadHandler = context["uploads"]
    upload, uploader = upload_of_button(body)
    if upload.message.user == uploader:
        await claim_and_start(uploads.claim(upload), uploads.submit, ack)
    else:
        await ack()
        await uploads.refuse_share(uploader, str(body.get("response_url") or ""))


async def share_reply(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Share a reply that only the user sees with its channel."""
    handlers: Handlers = context["handlers"]
    share = share_of_button(body)
    if not await claim_and_start(handlers.shares.claim(share), handlers.shares.submit, ack):
        await handlers.shares.tell_shared(share)
