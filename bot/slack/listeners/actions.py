"""Actions: the list and the buttons below register entries, and the button that shares uploaded files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks.home import page_of
from bot.slack.handlers import Handlers, ReminderHandler, SubscriptionHandler, UploadHandler
from bot.slack.handlers.presses import Press
from bot.slack.listeners.claims import claim_and_start
from bot.slack.listeners.payloads import press_of_action, share_of_button, upload_of_button


async def show_details(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Show the details of the chosen entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.show(press_of_action(body))


async def open_form(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Open the form that corrects an entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.open_form(press_of_action(body))


async def undo(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Undo the correction of an entry."""
    await ack()
    handlers: Handlers = context["handlers"]
    press = press_of_action(body)
    entry_id, _, revision = press.value.partition(" ")
    handlers.entries.undo(press, entry_id, int(revision or 0))


async def send_calendar(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Send the calendar file of an entry to the user."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.send_calendar(press_of_action(body))


async def share_entry(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Post an entry to the channel that was shown it."""
    await ack()
    handlers: Handlers = context["handlers"]
    handlers.entries.share(press_of_action(body))


async def remind(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
    """Make a reminder of an entry."""
    await ack()
    reminders: ReminderHandler = context["scheduled"].reminders
    press = press_of_action(body)
    days, _, entry_id = press.value.partition(" ")
    reminders.add(press, entry_id, int(days))


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
    start_ending: Callable[[Press], None],
    end: Callable[[str, str], Awaitable[object]],
) -> None:
    """End what a button names by its id, for the user; in the Home tab, show it without that."""
    handlers: Handlers = context["handlers"]
    press = press_of_action(body)
    if press.view:
        await end(press.value, press.user)
        handlers.home.show(press.user, {}, page_of(press.view))
    else:
        start_ending(press)


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
