"""What people do with reminders: they make, list and cancel them."""

from __future__ import annotations

import asyncio
import secrets

from bot.register.digest import dating_words
from bot.register.reminders import DAYS_BEFORE, moment_before, reminder_day
from bot.slack.blocks.elements import Message
from bot.slack.blocks.reminders import (
    no_day_message,
    reminder_cancelled_message,
    reminder_list_message,
    reminder_made_message,
    reminder_too_late_message,
)
from bot.slack.handlers.services import WorkspaceServices
from bot.slack.payloads import Press
from store.jobs import Reminder


class ReminderHandler:
    """Makes, lists and cancels reminders."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = services.options.schedule.reminders
        self._at, self._clock = services.options.schedule.at, services.options.schedule.clock

    async def remind(self, press: Press) -> Message:
        """Make a reminder; the value is how many days before, and the entry's id. Raises NotDone, StoreError."""
        chosen, _, entry_id = press.value.partition(" ")
        days = int(chosen)
        channel, found = await self._services.find_for_direct_message(press, entry_id)
        entry = found.entry
        day = reminder_day(entry)
        if day is None:
            return no_day_message(entry)
        zone = await self._services.zones.of(press.user)
        moments = {before: moment_before(day, before, self._at, zone) for before in (days, *DAYS_BEFORE)}
        moment = moments[days]
        if moment <= self._clock():
            return reminder_too_late_message(
                entry, days, [other for other in moments if moments[other] > self._clock()]
            )
        name, dates = secrets.token_hex(8), dating_words(entry)
        reminder = Reminder(
            name, press.team, press.user, channel, entry.chain_id, days, entry.title, day, dates
        )
        stored = await asyncio.to_thread(self._store.add, reminder)
        return reminder_made_message(stored, entry, moment, new=stored == reminder)

    async def cancel(self, press: Press) -> Message:
        """Cancel the reminder of the user whose id is the value, and return the confirmation. Raises StoreError."""
        return reminder_cancelled_message(
            await asyncio.to_thread(self._store.cancel, press.value, press.user)
        )

    async def of_person(self, user: str) -> Message:
        """Return the list of a user's reminders. Raises StoreError."""
        return reminder_list_message(await asyncio.to_thread(self._store.of_user, self._services.team, user))
