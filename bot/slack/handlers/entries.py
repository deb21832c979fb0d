"""Shows single entries of the register, sends and shares them, and lets those who may correct them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import BotError
from bot.slack.access.library_users import LibraryUsers
from bot.slack.acknowledging import acknowledge_stored
from bot.slack.blocks.elements import Message, one_line, plain_message
from bot.slack.blocks.entry import (
    correction_made_message,
    correction_undone_message,
    entry_details_message,
    entry_form,
    fits_calendar,
    read_entry_form,
    shared_entry_message,
)
from bot.slack.blocks.register import event_file
from bot.slack.handlers.replies import explanation, refused_post
from bot.slack.handlers.services import ENTRY_GONE, NOT_NOW, WorkspaceServices
from bot.slack.options import CorrectionAccess
from bot.slack.payloads import Press
from bot.slack.sending.posting import Refused, Undelivered, unasked

_NO_DAY = plain_message("This date is not known to the day, so a calendar cannot hold it.")
_SENT = plain_message("I sent you the calendar file in a direct message.")


class EntryHandler:
    """Handles presses about single entries; most have the entry's id as their value."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._corrections = services.options.corrections
        self._library_users = LibraryUsers(
            self._corrections.users, services.clients.retrying, "correct the register"
        )

    async def show(self, press: Press) -> Message:
        """Return an entry's details."""
        found = await self._services.find(press.audience, press.value)
        if found is None:
            return ENTRY_GONE
        return entry_details_message(
            found.entry,
            found.register,
            found.today,
            may_correct=await self._library_users.may(press.user),
            may_share=not press.channel.startswith("D"),
        )

    async def send_calendar(self, press: Press) -> Message | None:
        """Send an entry's calendar file to the user, in a direct message. Raises NotDone."""
        channel, found = await self._services.find_for_direct_message(press, press.value)
        if not fits_calendar(found.entry):
            return _NO_DAY
        file = event_file(found.entry, found.register, found.today, datetime.now(UTC))
        await self._services.send_file(channel, file)
        return None if channel == press.channel else _SENT

    async def share(self, press: Press) -> Message | None:
        """Post an entry to the channel that was shown it."""
        found = await self._services.find(press.audience, press.value)
        if found is None:
            return ENTRY_GONE
        message = shared_entry_message(found.entry, found.register, found.today, press.user)
        origin = unasked(press.team, press.channel, time.time())
        try:
            await self._services.poster.post(origin, message, f"/shared/{press.trigger}")
        except Refused as refused:
            return refused_post(refused)
        except Undelivered:
            return NOT_NOW
        return None

    async def open_form(self, press: Press) -> Message | None:
        """Open the form that corrects an entry; Slack allows three seconds for it."""
        line, found = await asyncio.gather(
            self._library_users.refusal(press.user), self._services.find(press.audience, press.value)
        )
        if line is not None:
            return one_line(line)
        if found is None:
            return ENTRY_GONE
        view = entry_form(found.entry, press.response_url, press.audience)
        return await self._services.open_form(press.trigger, view)

    async def submit_form(self, body: dict[str, Any], ack: AsyncAck) -> None:
        """Correct an entry, and start saying so; or show in the form what is wrong."""
        shown, edit, errors = read_entry_form(body["view"])
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        trigger, user, entry_id = str(body.get("trigger_id") or ""), body["user"]["id"], shown["id"]
        press = Press(trigger, user, shown["audience"], entry_id, response_url=shown["url"])

        def change(corrections: CorrectionAccess) -> Message:
            # "@": unlike any login name of the command line
            return correction_made_message(
                corrections.correct(press.audience, entry_id, edit, f"@{user}"), edit
            )

        async def correct() -> None:
            try:
                message = await self._edited(press, change)
            except BotError as error:
                message = explanation(error, "the correction")
            self._services.tell(press.recipient, message)

        await acknowledge_stored(correct(), ack, "title")

    async def undo(self, press: Press) -> Message:
        """Undo a correction; the value is the entry's id and the revision of the correction."""
        entry_id, _, revision = press.value.partition(" ")

        def change(corrections: CorrectionAccess) -> Message:
            return correction_undone_message(corrections.undo(press.audience, entry_id, int(revision or 0)))

        return await self._edited(press, change)

    async def _edited(self, press: Press, change: Callable[[CorrectionAccess], Message]) -> Message:
        """Change the register, and return the confirmation, or the refusal. Raises BotError, StoreError."""
        # Checked again: the user may have lost the right since the button was shown.
        line = await self._library_users.refusal(press.user)
        if line is not None:
            return one_line(line)
        return await asyncio.to_thread(change, self._corrections)
