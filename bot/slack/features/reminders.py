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
from typing import Literal

from bot.locales import N_, _, and_more, commas, in_language, joined, listed, ngettext
from bot.register import RegisterEntry
from bot.register.following import DAYS_BEFORE, current_entry, moment_before, reminder_day
from bot.register.wording import (
    day,
    distance,
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
    option,
    plain_message,
    section,
)
from bot.slack.core.ui.entry_lines import quotation
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.core.words import CommandWord, ParsedCommand
from store.audiences import of_channel
from store.jobs import Notice, Reminder, ReminderStore, SlackMessage

ENTRY_REMIND, REMINDER_CANCEL = "entry_remind", "reminder_cancel"

# What became of the date of an event.
DateChange = Literal["moved", "stated", "postponed", "cancelled", "gone"]

_TITLE_CHARS = 200
_LINE_CHARS = 400
# Reminders that a list shows: the Home tab has more besides.
_MOST_LISTED = 20

_LOG = logging.getLogger(__name__)


def days_before(days: int) -> str:
    """Return "1 day before"."""
    return ngettext("{count} day before", "{count} days before", days)


def reminder_made_message(
    reminder: Reminder, entry: RegisterEntry, moment: datetime, *, new: bool
) -> Message:
    """Return the confirmation of a reminder; not `new`: there was one already."""
    values = {
        "title": escape_short(title(entry), _TITLE_CHARS),
        "moment": _moment(moment),
        "dates": escape_short(when(entry), _LINE_CHARS),
    }
    if new:
        text = ngettext(
            "I will remind you of *{title}* on {moment}, {count} day before {dates}.",
            "I will remind you of *{title}* on {moment}, {count} days before {dates}.",
            reminder.days,
            **values,
        )
    else:
        text = ngettext(
            "You have this reminder already: I will remind you of *{title}* on {moment}, {count} day before {dates}.",
            "You have this reminder already: I will remind you of *{title}* on {moment}, {count} days before {dates}.",
            reminder.days,
            **values,
        )
    text += _counted_from(entry) + " " + _("If the date moves, the reminder moves with it.")
    return Message.of([section(text), actions(_cancel(reminder))])


def reminder_too_late_message(entry: RegisterEntry, days: int, left: Sequence[int]) -> Message:
    """Return the refusal of a reminder whose moment has passed; `left` are the days before that can still be chosen."""
    refusal = ngettext(
        "{title}: {dates}. A reminder {count} day before would be in the past.",
        "{title}: {dates}. A reminder {count} days before would be in the past.",
        days,
        title=title(entry),
        dates=when(entry),
    )
    choice = (
        _("Choose {days} instead.", days=listed([str(each) for each in left], "or"))
        if left
        else _("There is nothing left to remind you of.")
    )
    return plain_message(joined(refusal, choice))


def no_day_message(entry: RegisterEntry) -> Message:
    """Return the refusal of a reminder for an entry without an upcoming day."""
    return plain_message(
        _(
            "{title} has no upcoming date ({dates}), so I cannot remind you of it.",
            title=title(entry),
            dates=when(entry),
        )
    )


def reminder_message(entry: RegisterEntry, as_of: date) -> Message:
    """Return the reminder itself."""
    off = distance(entry, as_of)
    facts = escape_short(when(entry), _LINE_CHARS) + (f" ({off})" if off else "")
    if entry.location:
        facts += f", {escape_short(entry.location, _TITLE_CHARS)}"
    text = _("*{title}*: {facts}.", title=escape_short(title(entry), _TITLE_CHARS), facts=facts)
    return Message.of(_with_source(f":alarm_clock: {text}{_counted_from(entry)}", entry))


def date_change_message(
    kind: DateChange,
    known: Reminder,
    entry: RegisterEntry | None,
    moments: Sequence[datetime],
    again: Reminder | None,
) -> Message:
    """Return what became of the date of an event, and when the next reminders are, if any.

    `again` is a reminder that stays, which can be cancelled.
    """
    values = {
        "title": escape_short(known.title, _TITLE_CHARS),
        "before": escape_short(stored_words(known.dates), _LINE_CHARS),
    }
    after = escape_short(when(entry), _LINE_CHARS) if entry else ""
    match kind:
        case "moved":
            text = _("*{title}* moved from {before} to {after}.", after=after, **values)
        case "stated":
            text = _("*{title}* is now dated {after}; before: {before}.", after=after, **values)
        case "postponed" if entry is not None and entry.status == "postponed":
            text = _(
                "*{title}* is postponed, and no new date is stated; it was {before}. I will tell you once there is a "
                "new date.",
                **values,
            )
        case "postponed":
            text = _(
                "*{title}* has no date any more; it was {before}. I will tell you once there is a new date.",
                **values,
            )
        case "cancelled":
            text = _("*{title}* is cancelled; it was {before}. Your reminder is cancelled too.", **values)
        case "gone":
            text = _(
                "*{title}* is no longer among the dates in my documents; it was {before}. Your reminder is cancelled.",
                **values,
            )
    if moments:
        # Each moment has a comma, so commas would not tell them apart.
        coming = reduce(lambda some, one: _("{some} and {one}", some=some, one=one), map(_moment, moments))
        text += " " + _("I will remind you on {moments}.", moments=coming)
    elif kind in ("moved", "stated"):
        text += " " + _("That is sooner than you wanted to be reminded, so this is the reminder.")
    blocks = _with_source(text, entry) if entry else [section(text)]
    return Message.of([*blocks, *([actions(_cancel(again))] if again else [])])


def reminder_list_message(reminders: Sequence[Reminder]) -> Message:
    """Return a user's reminders, each with a button that cancels it."""
    if not reminders:
        return plain_message(
            _("You have no reminders. Choose “Remind me …” below the details of a date to get one.")
        )
    return Message.of(_lines(reminders))


def _lines(reminders: Sequence[Reminder]) -> list[Block]:
    """Return a line for each reminder, with a button that cancels it; further ones are counted."""
    lines: list[Block] = []
    for each in reminders[:_MOST_LISTED]:
        line = _("{heading}: {line}", heading=_("Reminder"), line=_listed(each))
        lines.append({**section(line), "accessory": _cancel(each)})
    return [*lines, *map(context, and_more(len(reminders) - _MOST_LISTED))]


def reminder_cancelled_message(reminder: Reminder | None) -> Message:
    """Return the confirmation that a reminder is cancelled; None: there is none any more."""
    if reminder is None:
        return plain_message(_("This reminder is cancelled already, or was sent."))
    return plain_message(
        ngettext(
            "Cancelled: I will not remind you of {title} {count} day before.",
            "Cancelled: I will not remind you of {title} {count} days before.",
            reminder.days,
            title=reminder.title,
        )
    )


def _listed(reminder: Reminder) -> str:
    values = {
        "title": escape_short(reminder.title, _TITLE_CHARS),
        "dates": escape_short(stored_words(reminder.dates), _TITLE_CHARS),
    }
    if reminder.day:
        return ngettext(
            "*{title}*, {dates}: {count} day before",
            "*{title}*, {dates}: {count} days before",
            reminder.days,
            **values,
        )
    return ngettext(
        "*{title}*, {dates}: {count} day before; once it has a new date",
        "*{title}*, {dates}: {count} days before; once it has a new date",
        reminder.days,
        **values,
    )


def _cancel(reminder: Reminder) -> Block:
    return button(_("Cancel reminder"), REMINDER_CANCEL, reminder.id)


def _counted_from(entry: RegisterEntry) -> str:
    """Return the sentence that says from which day it is counted where the day is not stated."""
    first = reminder_day(entry)
    if entry.precision == "day" or first is None:
        return ""
    return " " + _("The day is not stated; I count from the first possible one, {day}.", day=day(first))


def _with_source(text: str, entry: RegisterEntry) -> list[Block]:
    return [section(text), *quotation(entry), context(escape_short(stated_in(entry), _LINE_CHARS))]


def _moment(moment: datetime) -> str:
    return commas([day(moment.date()), f"{moment:%H:%M}"])


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
    return None if is_same_dating(stored_dating([entry]), known.dates) else "stated"


def _key(reminder: Reminder) -> tuple[str, ...]:
    """Return what is the same for all reminders that one notice is about."""
    day = str(reminder.day or "")
    return reminder.team, reminder.user, reminder.channel, reminder.chain, day, reminder.dates


class Reminders(Feature):
    """Makes, lists and cancels reminders, and sends them at an hour in each person's time zone.

    A person who may receive nothing now gets theirs once they may.
    """

    words = (CommandWord("remind", "reply", N_("your reminders")),)

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
        """Return the menu of reminders, unless the entry is past or has no day."""
        first = reminder_day(entry)
        if first is None or first <= as_of:
            return []
        options = [option(f"{days} {entry.id}", days_before(days)) for days in DAYS_BEFORE]
        return [menu(_("Remind me …"), ENTRY_REMIND, options)]

    async def carry_out(self, message: SlackMessage, _request: ParsedCommand) -> Message:
        """Return the list of a person's reminders."""
        return reminder_list_message(await self._of_person(message.user))

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return a person's reminders, each with a button that cancels it."""
        return _lines(await self._of_person(user))

    async def remind(self, press: Press) -> Message:
        """Make a reminder; the value is how many days before, and the entry's id. Raises NotDone, StoreError."""
        chosen, _, entry_id = press.value.partition(" ")
        days = int(chosen)
        channel, found = await self._services.find_for_direct_message(press, entry_id)
        entry = found.entry
        day = reminder_day(entry)
        if day is None:
            return no_day_message(entry)
        zone = await self._people.zone(press.user)
        moments = {before: moment_before(day, before, self._at, zone) for before in (days, *DAYS_BEFORE)}
        moment = moments[days]
        if moment <= self._clock():
            return reminder_too_late_message(
                entry, days, [other for other in moments if moments[other] > self._clock()]
            )
        reminder = Reminder(
            id=secrets.token_hex(8),
            team=press.team,
            user=press.user,
            channel=channel,
            chain=entry.chain_id,
            days=days,
            title=entry.title,
            day=day,
            dates=stored_dating([entry]),
        )
        stored = await asyncio.to_thread(self._store.add, reminder)
        return reminder_made_message(stored, entry, moment, new=stored == reminder)

    async def cancel(self, press: Press) -> Message:
        """Cancel the reminder of the user whose id is the value, and return the confirmation. Raises StoreError."""
        return reminder_cancelled_message(
            await asyncio.to_thread(self._store.cancel, press.value, press.user)
        )

    async def _of_person(self, user: str) -> list[Reminder]:
        return await asyncio.to_thread(self._store.of_user, self._services.team, user)

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
        day = reminder_day(entry) if entry else None
        soonest = day and day - timedelta(days=max(one.days for one in alike) + 1)
        # Slack is asked only where the hour matters.
        zone = (
            await self._people.zone(known.user)
            if soonest and soonest <= now.date()
            else self._people.default_zone
        )
        moments = {one: moment_before(day, one.days, self._at, zone) for one in alike} if day else {}
        kind = what_changed(known, entry)
        if kind is None:
            ready = [one for one in alike if one in moments and moments[one] <= now]
            if ready and entry is not None:
                # In some zones it is another day than that of the register.
                today = now.astimezone(zone).date()
                with in_language(await self._services.language_of(known.channel, known.user)):
                    message = reminder_message(entry, today)
                await self._settle([(one, None) for one in ready], message)
            return
        left = (
            [] if kind in ("cancelled", "gone") else [one for one in alike if not day or moments[one] > now]
        )
        dates = stored_dating([entry]) if entry else ""
        changes = [(one, replace(one, day=day, dates=dates) if one in left else None) for one in alike]
        coming = sorted(moments[one] for one in left if one in moments)
        again = left[0] if left else None
        with in_language(await self._services.language_of(known.channel, known.user)):
            message = date_change_message(kind, known, entry, coming, again)
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
