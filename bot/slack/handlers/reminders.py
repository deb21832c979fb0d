"""Makes, lists and cancels reminders."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial

from bot.register.digest import dating_words
from bot.register.reminders import DAYS_BEFORE, moment_before, reminder_day
from bot.slack.access.people import TimeZones
from bot.slack.blocks.elements import Message
from bot.slack.blocks.reminders import cancelled, made, no_day, reminder_list, too_late
from bot.slack.handlers.interactions import Interactions
from bot.slack.handlers.presses import Press
from bot.slack.options import ScheduleOptions
from store.jobs import Reminder


class ReminderHandler:
    """Handles what people do with reminders."""

    def __init__(
        self,
        interactions: Interactions,
        zones: TimeZones,
        options: ScheduleOptions,
    ) -> None:
        self._store = options.reminders
        self._interactions = interactions
        self._zones = zones
        self._at = options.at
        self._clock = options.clock

    async def add(self, press: Press) -> None:
        """Make a reminder, then start the reply; the value is how many days before, and the entry's id."""
        chosen, _, entry_id = press.value.partition(" ")
        days = int(chosen)

        async def work() -> Message:
            sendable = await self._interactions.find_for_direct_message(press, entry_id)
            if isinstance(sendable, Message):
                return sendable
            channel, _, entry = sendable
            day = reminder_day(entry)
            if day is None:
                return no_day(entry)
            zone = await self._zones.of(press.user)
            moments = {before: moment_before(day, before, self._at, zone) for before in (days, *DAYS_BEFORE)}
            moment = moments[days]
            if moment <= self._clock():
                return too_late(entry, days, [other for other in moments if moments[other] > self._clock()])
            reminder = Reminder(
                secrets.token_hex(8),
                press.team,
                press.user,
                channel,
                entry.chain_id,
                days,
                entry.title,
                day,
                dating_words(entry),
            )
            stored = await asyncio.to_thread(self._store.add, reminder)
            return made(stored, entry, moment, new=stored == reminder)

        await self._interactions.store(press, work)

    async def cancel(self, press: Press) -> None:
        """Cancel the reminder of the user whose id is the value, then start the reply."""
        await self._interactions.store(press, partial(self.remove, press))

    async def remove(self, press: Press) -> Message:
        """Cancel the reminder of the user whose id is the value, and return the confirmation. Raises StoreError."""
        return cancelled(await asyncio.to_thread(self._store.cancel, press.value, press.user))

    async def listed(self, team: str, user: str) -> Message:
        """Return the list of a user's reminders. Raises StoreError."""
        return reminder_list(await asyncio.to_thread(self._store.of_user, team, user))
