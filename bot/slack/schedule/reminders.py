"""Compares the reminders with the register and the clock: which are due, and which events moved.

Each result is stored together with the notice about it (`ReminderStore.settle`), so of several bots one sends it, and
a bot that is killed loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import groupby

from bot.register import RegisterEntry
from bot.register.digest import dating_words
from bot.register.reminders import current_entry, moment_before, reminder_day
from bot.slack.access.admission import MayReceive
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.people import TimeZones
from bot.slack.blocks.elements import Message
from bot.slack.blocks.reminders import DateChange, date_change_message, reminder_message
from bot.slack.schedule.every_minute import for_each
from store.audiences import Audience, of_channel
from store.jobs import Notice, Reminder, ReminderStore

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReminderReview:
    """Reviews all reminders. `channel_data` may block; `at` is the hour of reminders in each person's time zone.

    A person who `may_receive` nothing now gets theirs once they may.
    """

    store: ReminderStore
    channel_data: Callable[[Audience], ChannelData]
    may_receive: MayReceive
    zones: TimeZones
    at: time

    async def tick(self, now: datetime) -> None:
        """Settle what is due or has changed as of `now`, an aware time. Raises StoreError."""
        reminders = await asyncio.to_thread(self.store.all)
        alike = sorted(reminders, key=lambda one: (*_key(one), one.days))
        groups = [list(group) for _, group in groupby(alike, key=_key)]
        await for_each(partial(self._review, now), groups, "the review of a person's reminders")

    async def _review(self, now: datetime, alike: Sequence[Reminder]) -> None:
        """Settle a person's reminders of one event."""
        known = alike[0]
        entry, has_documents = await asyncio.to_thread(self._read, known)
        if not has_documents:
            # That all are gone may be a mistake, which a next ingest mends.
            return
        day = reminder_day(entry) if entry else None
        soonest = day and day - timedelta(days=max(one.days for one in alike) + 1)
        # Slack is asked only where the hour matters.
        zone = await self.zones.of(known.user) if soonest and soonest <= now.date() else self.zones.default
        moments = {one: moment_before(day, one.days, self.at, zone) for one in alike} if day else {}
        kind = what_changed(known, entry)
        if kind is None:
            ready = [one for one in alike if one in moments and moments[one] <= now]
            if ready and entry is not None:
                # In some zones it is another day than that of the register.
                today = now.astimezone(zone).date()
                await self._settle([(one, None) for one in ready], reminder_message(entry, today))
            return
        left = (
            [] if kind in ("cancelled", "gone") else [one for one in alike if not day or moments[one] > now]
        )
        dates = dating_words(entry) if entry else ""
        changes = [(one, replace(one, day=day, dates=dates) if one in left else None) for one in alike]
        coming = sorted(moments[one] for one in left if one in moments)
        again = left[0] if left else None
        await self._settle(changes, date_change_message(kind, known, entry, coming, again))

    def _read(self, reminder: Reminder) -> tuple[RegisterEntry | None, bool]:
        """Return the event of a reminder, None if it is gone, and whether there are documents at all."""
        data = self.channel_data(of_channel(reminder.team, reminder.channel))
        today = data.today()
        entry = current_entry(data.register(today), reminder.chain, reminder.day, today)
        return entry, entry is not None or bool(data.documents())

    async def _settle(self, changes: Sequence[tuple[Reminder, Reminder | None]], message: Message) -> None:
        first, _ = changes[0]
        if not await self.may_receive(first.channel, first.user):
            return
        notice = Notice(first.team, first.channel, message.text, message.blocks, first.user)
        if await asyncio.to_thread(self.store.settle, changes, notice):
            _LOG.info("a notice about %d reminders", len(changes))


def what_changed(known: Reminder, entry: RegisterEntry | None) -> DateChange | None:
    """Return what became of the date of an event, None for nothing that its user does not know."""
    if entry is None:
        return "gone"
    if entry.status == "cancelled":
        return "cancelled"
    day = reminder_day(entry)
    if day is None:
        return "postponed" if known.day is not None else None
    if day != known.day:
        return "moved"
    return "stated" if dating_words(entry) != known.dates else None


def _key(reminder: Reminder) -> tuple[str, ...]:
    """Return what is the same for all reminders that one notice is about."""
    day = str(reminder.day or "")
    return reminder.team, reminder.user, reminder.channel, reminder.chain, day, reminder.dates
