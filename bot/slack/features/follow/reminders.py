"""Reminders: people choose how many days before an event they want one, list them, and cancel them.

Every minute they are compared with the register and the clock: which are due, and which events moved. Each result is
stored together with the notice about it (`ReminderStore.settle`), so of several bots one sends it, and a bot that is
killed loses none.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial, reduce
from itertools import groupby

from bot.locales import _, commas, in_language, joined, ngettext
from bot.register import RegisterEntry
from bot.register.following import DAYS_BEFORE, current_entry, moment_before, reminder_day
from bot.register.wording import (
    add_days,
    day,
    entry_facts,
    is_same_dating,
    stated_in,
    stored_dating,
    stored_words,
    title,
    when,
)
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.schedule import for_each
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    menu,
    one_line,
    option,
    plain_message,
    section,
)
from bot.slack.core.ui.entry_lines import quotation
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.features.follow.subscriptions import gone_line, listed, moved_line
from store.audiences import of_channel
from store.jobs import Notice, Reminder, ReminderStore

ENTRY_REMIND, REMINDER_CANCEL = "entry_remind", "reminder_cancel"

_TITLE_CHARS = 200
_LINE_CHARS = 400
# Reminders that a list shows: the Home tab has more besides.
_MOST_LISTED = 20

_LOG = logging.getLogger(__name__)


def days_before(days: int) -> str:
    """Return "1 day before"."""
    return ngettext("{count} day before", "{count} days before", days)


def reminder_made_message(reminder: Reminder, entry: RegisterEntry, moment: datetime) -> Message:
    """Return the confirmation of a reminder."""
    text = ngettext(
        "I will remind you of *{title}* on {moment}, {count} day before {dates}.",
        "I will remind you of *{title}* on {moment}, {count} days before {dates}.",
        reminder.days,
        title=escape_short(title(entry), _TITLE_CHARS),
        moment=_moment(moment),
        dates=escape_short(when(entry), _LINE_CHARS),
    )
    moves = _("If the date moves, the reminder moves with it.")
    return Message.of([section(joined(text, _counted_from(entry), moves)), actions(_cancel(reminder))])


def not_reminded_message(entry: RegisterEntry, days: int) -> Message:
    """Return the refusal of a reminder whose moment has passed, or of an entry without an upcoming day."""
    return plain_message(
        ngettext(
            "{title}: {dates}. I cannot remind you {count} day before.",
            "{title}: {dates}. I cannot remind you {count} days before.",
            days,
            title=title(entry),
            dates=when(entry),
        )
    )


def reminder_message(entry: RegisterEntry, as_of: date) -> Message:
    """Return the reminder itself."""
    facts = escape_short(entry_facts(entry, as_of), _LINE_CHARS)
    text = _("*{title}*: {facts}.", title=escape_short(title(entry), _TITLE_CHARS), facts=facts)
    line = _("{heading}: {line}", heading=_("Reminder"), line=joined(text, _counted_from(entry)))
    return Message.of(_with_source(line, entry))


def date_change_message(
    known: Reminder, entry: RegisterEntry | None, moments: Sequence[datetime], left: Sequence[Reminder]
) -> Message:
    """Return what became of the date of an event, and when the next reminders are.

    `left` are the reminders that stay, one of which can be cancelled.
    """
    if entry is None:
        line = gone_line(known.title, known.dates)
    else:
        after = stored_words(stored_dating([entry]))
        line = moved_line(known.title, stored_words(known.dates), after)
    if moments:
        # Each moment has a comma, so commas would not tell them apart.
        coming = reduce(lambda some, one: _("{some} and {one}", some=some, one=one), map(_moment, moments))
        follows = _("I will remind you on {moments}.", moments=coming)
    elif left:
        follows = _("I will tell you once there is a new date.")
    elif entry is None or entry.is_off:
        follows = _("Your reminder is cancelled.")
    else:
        follows = _("That is sooner than you wanted to be reminded, so this is the reminder.")
    text = f"{line}\n{follows}"
    blocks = _with_source(text, entry) if entry else [section(text)]
    return Message.of([*blocks, *([actions(_cancel(left[0]))] if left else [])])


def _listed(reminder: Reminder) -> str:
    name = f"*{escape_short(reminder.title, _TITLE_CHARS)}*"
    dates = escape_short(stored_words(reminder.dates), _TITLE_CHARS)
    return commas([name, dates, days_before(reminder.days)])


def _cancel(reminder: Reminder) -> Block:
    return button(_("Cancel reminder"), REMINDER_CANCEL, reminder.id)


def _counted_from(entry: RegisterEntry) -> str:
    """Return the sentence that says from which day it is counted where the day is not stated."""
    first = reminder_day(entry)
    if entry.precision == "day" or first is None:
        return ""
    return _("The day is not stated; I count from the first possible one, {day}.", day=day(first))


def _with_source(text: str, entry: RegisterEntry) -> list[Block]:
    return [section(text), *quotation(entry), context(escape_short(stated_in(entry), _LINE_CHARS))]


def _moment(moment: datetime) -> str:
    return commas([day(moment.date()), f"{moment:%H:%M}"])


def _key(reminder: Reminder) -> tuple[str, ...]:
    """Return what is the same for all reminders that one notice is about."""
    day = str(reminder.day or "")
    return reminder.team, reminder.user, reminder.channel, reminder.chain, day, reminder.dates


class Reminders(Feature):
    """Makes, lists and cancels reminders, and sends them at an hour in each person's time zone.

    A person who may receive nothing now gets theirs once they may.
    """

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = ReminderStore.beside(services.question_store)
        self._people = services.people
        self._at, self._clock = services.options.settings.digest_time, services.options.clock

    def add_routes(self, routes: Routes) -> None:
        """Route the menu and the button."""
        routes.press_stored(ENTRY_REMIND, self.remind)
        routes.press_stored(REMINDER_CANCEL, self.cancel)

    @staticmethod
    def entry_buttons(entry: RegisterEntry, as_of: date) -> Sequence[Block]:
        """Return the menu of the reminders that can still come; none without a day."""
        first = reminder_day(entry)
        options = [
            option(f"{days} {entry.id}", days_before(days))
            for days in DAYS_BEFORE
            if first and add_days(first, -days) >= as_of
        ]
        return [menu(_("Remind me …"), ENTRY_REMIND, options)] if options else []

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return a person's reminders, each with a button that cancels it."""
        own = await asyncio.to_thread(self._store.all, team=self._services.team, user=user)
        heading = _("Reminder")
        lines = ((_("{heading}: {line}", heading=heading, line=_listed(one)), _cancel(one)) for one in own)
        return listed(lines, _MOST_LISTED)

    async def remind(self, press: Press) -> Message:
        """Make a reminder; the value is how many days before, and the entry's id. Raises NotDone, StoreError."""
        chosen, _, entry_id = press.value.partition(" ")
        days = int(chosen)
        channel, found = await self._services.find_for_direct_message(press, entry_id)
        entry = found.entry
        day = reminder_day(entry)
        moment = None
        if day is not None:
            moment = moment_before(day, days, self._at, await self._people.zone(press.user))
        if moment is None or moment <= self._clock():
            return not_reminded_message(entry, days)
        reminder = Reminder(
            id=secrets.token_hex(8),
            team=press.team,
            user=press.user,
            channel=channel,
            chain=entry.chain_id,
            days=days,
            title=title(entry),
            day=day,
            dates=stored_dating([entry]),
        )
        # The one that there is already, if it is the same.
        stored = await asyncio.to_thread(self._store.add, reminder)
        return reminder_made_message(stored, entry, moment)

    async def cancel(self, press: Press) -> Message:
        """Cancel the reminder of the user whose id is the value, and return the confirmation. Raises StoreError."""
        reminder = await asyncio.to_thread(self._store.cancel, press.value, press.user)
        if reminder is None:
            return plain_message(_("This reminder is cancelled already, or was sent."))
        return one_line(_("Reminder cancelled: {line}.", line=_listed(reminder)))

    async def review(self, now: datetime) -> None:
        """Settle what is due or has changed as of `now`, an aware time. Raises StoreError."""
        reminders = await asyncio.to_thread(self._store.all)
        alike = sorted(reminders, key=lambda one: (*_key(one), one.days))
        groups = [list(group) for _, group in groupby(alike, key=_key)]
        await for_each(partial(self._review_event, now), groups, "the review of a person's reminders")

    async def _review_event(self, now: datetime, alike: Sequence[Reminder]) -> None:
        """Settle a person's reminders of one event."""
        known = alike[0]
        entry, has_documents = await asyncio.to_thread(self._read, known)
        if not has_documents:
            # That all are gone may be a mistake, which a next ingest mends.
            return

        # Slack is asked for the zone only where the hour matters.
        day = reminder_day(entry) if entry else None
        soonest = day and day - timedelta(days=max(one.days for one in alike) + 1)
        zone = (
            await self._people.zone(known.user)
            if soonest and soonest <= now.date()
            else self._people.default_zone
        )
        moments = {one: moment_before(day, one.days, self._at, zone) for one in alike} if day else {}
        dates = stored_dating([entry]) if entry else ""

        # What is due is sent, unless the date is another one: that is told, and the reminders move with it.
        with in_language(await self._services.language_of(known.channel, known.user)):
            changes: list[tuple[Reminder, Reminder | None]]
            if entry is not None and day == known.day and is_same_dating(dates, known.dates):
                changes = [(one, None) for one in alike if one in moments and moments[one] <= now]
                # In some zones it is another day than that of the register.
                message = reminder_message(entry, now.astimezone(zone).date())
            else:
                ends = entry is None or entry.status == "cancelled"
                left = [one for one in alike if not ends and (not day or moments[one] > now)]
                changes = [
                    (one, replace(one, day=day, dates=dates) if one in left else None) for one in alike
                ]
                coming = sorted(moments[one] for one in left if one in moments)
                message = date_change_message(known, entry, coming, left)
        if changes:
            await self._settle(changes, message)

    def _read(self, reminder: Reminder) -> tuple[RegisterEntry | None, bool]:
        """Return the event of a reminder, None if it is gone, and whether there are documents at all."""
        data = self._services.channel_data(of_channel(reminder.team, reminder.channel))
        today = data.today()
        entry = current_entry(data.register(today), reminder.chain, reminder.day, today)
        return entry, entry is not None or bool(data.documents())

    async def _settle(self, changes: Sequence[tuple[Reminder, Reminder | None]], message: Message) -> None:
        first, _ = changes[0]
        if not await self._services.admission.may_receive(first.channel, first.user):
            return
        notice = Notice(first.team, first.channel, message.text, message.blocks, first.user)
        if await asyncio.to_thread(self._store.settle, changes, notice):
            _LOG.info("a notice about %d reminders", len(changes))
