"""Reminders as messages: what is reminded of, what became of its date, and the list of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from bot.plural import counted
from bot.register import RegisterEntry
from bot.register.date_format import day, distance, when
from bot.register.entry_text import stated_in
from bot.register.reminders import DAYS_BEFORE, reminder_day
from bot.slack.blocks.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    header,
    menu,
    option,
    plain_message,
    section,
)
from bot.slack.blocks.entry_lines import quotation
from bot.slack.blocks.mrkdwn import escape_short
from store.jobs import Reminder

ENTRY_REMIND, REMINDER_CANCEL = "entry_remind", "reminder_cancel"

# What became of the date of an event.
DateChange = Literal["moved", "stated", "postponed", "cancelled", "gone"]

# What is said of an event that the register does not have any more: no document has it, or it was corrected away.
EVENT_GONE = "no longer among the dates in my documents"

_TITLE_CHARS = 200
_LINE_CHARS = 400
# Reminders that a list shows: the Home tab has more besides.
_MOST_LISTED = 20


def remind_menu(entry: RegisterEntry, as_of: date) -> Block | None:
    """Return the menu of reminders for an entry; None if it is past, or has no day."""
    first = reminder_day(entry)
    if first is None or first <= as_of:
        return None
    options = [option(f"{days} {entry.id}", days_before(days)) for days in DAYS_BEFORE]
    return menu("Remind me …", ENTRY_REMIND, options)


def days_before(days: int) -> str:
    """Return "1 day before"."""
    return f"{counted(days, 'day')} before"


def reminder_made_message(
    reminder: Reminder, entry: RegisterEntry, moment: datetime, *, new: bool
) -> Message:
    """Return the confirmation of a reminder; not `new`: there was one already."""
    opening = "I will remind you" if new else "You have this reminder already: I will remind you"
    text = (
        f"{opening} of *{escape_short(entry.title, _TITLE_CHARS)}* on {_moment(moment)}, {days_before(reminder.days)} "
        f"{escape_short(when(entry), _LINE_CHARS)}.{_counted_from(entry)} "
        "If the date moves, the reminder moves with it."
    )
    return Message.of([section(text), actions(_cancel(reminder))])


def reminder_too_late_message(entry: RegisterEntry, days: int, left: Sequence[int]) -> Message:
    """Return the refusal of a reminder whose moment has passed; `left` are the days before that can still be chosen."""
    choice = (
        f"Choose {' or '.join(map(str, left))} instead."
        if left
        else "There is nothing left to remind you of."
    )
    return plain_message(
        f"{entry.title}: {when(entry)}. A reminder {days_before(days)} would be in the past. {choice}"
    )


def no_day_message(entry: RegisterEntry) -> Message:
    """Return the refusal of a reminder for an entry without an upcoming day."""
    return plain_message(f"{entry.title} has no upcoming date ({when(entry)}), so I cannot remind you of it.")


def reminder_message(entry: RegisterEntry, as_of: date) -> Message:
    """Return the reminder itself."""
    off = distance(entry, as_of)
    text = (
        f":alarm_clock: *{escape_short(entry.title, _TITLE_CHARS)}*: {escape_short(when(entry), _LINE_CHARS)}"
    )
    text += f" ({off})" if off else ""
    if entry.location:
        text += f", {escape_short(entry.location, _TITLE_CHARS)}"
    return Message.of(_with_source(f"{text}.{_counted_from(entry)}", entry))


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
    title, before = f"*{escape_short(known.title, _TITLE_CHARS)}*", escape_short(known.dates, _LINE_CHARS)
    now = escape_short(when(entry), _LINE_CHARS) if entry else ""
    is_postponed = entry is not None and entry.status == "postponed"
    postponed = "is postponed, and no new date is stated" if is_postponed else "has no date any more"
    text = {
        "moved": f"{title} moved from {before} to {now}.",
        "stated": f"{title} is now dated {now}; before: {before}.",
        "postponed": f"{title} {postponed}; it was {before}. I will tell you once there is a new date.",
        "cancelled": f"{title} is cancelled; it was {before}. Your reminder is cancelled too.",
        "gone": f"{title} is {EVENT_GONE}; it was {before}. Your reminder is cancelled.",
    }[kind]
    if moments:
        text += f" I will remind you on {' and '.join(_moment(moment) for moment in moments)}."
    elif kind in ("moved", "stated"):
        text += " That is sooner than you wanted to be reminded, so this is the reminder."
    blocks = _with_source(text, entry) if entry else [section(text)]
    return Message.of([*blocks, *([actions(_cancel(again))] if again else [])])


def reminder_list_message(reminders: Sequence[Reminder]) -> Message:
    """Return a user's reminders, each with a button that cancels it."""
    if not reminders:
        return plain_message(
            "You have no reminders. Choose “Remind me …” below the details of a date to get one."
        )
    blocks: list[Block] = [header("Your reminders")]
    blocks += [{**section(_listed(each)), "accessory": _cancel(each)} for each in reminders[:_MOST_LISTED]]
    if len(reminders) > _MOST_LISTED:
        blocks.append(context(f"… and {len(reminders) - _MOST_LISTED} later ones"))
    return Message.of(blocks)


def reminder_cancelled_message(reminder: Reminder | None) -> Message:
    """Return the confirmation that a reminder is cancelled; None: there is none any more."""
    if reminder is None:
        return plain_message("This reminder is cancelled already, or was sent.")
    return plain_message(
        f"Cancelled: I will not remind you of {reminder.title} {days_before(reminder.days)}."
    )


def _listed(reminder: Reminder) -> str:
    title, dates = escape_short(reminder.title, _TITLE_CHARS), escape_short(reminder.dates, _TITLE_CHARS)
    wait = "" if reminder.day else "; once it has a new date"
    return f"*{title}*, {dates}: {days_before(reminder.days)}{wait}"


def _cancel(reminder: Reminder) -> Block:
    return button("Cancel reminder", REMINDER_CANCEL, reminder.id)


def _counted_from(entry: RegisterEntry) -> str:
    """Return the sentence that says from which day it is counted where the day is not stated."""
    first = reminder_day(entry)
    if entry.precision == "day" or first is None:
        return ""
    return f" The day is not stated; I count from the first possible one, {day(first)}."


def _with_source(text: str, entry: RegisterEntry) -> list[Block]:
    return [section(text), *quotation(entry), context(escape_short(stated_in(entry), _LINE_CHARS))]


def _moment(moment: datetime) -> str:
    return f"{day(moment.date())}, {moment:%H:%M}"
