"""When to remind somebody of an entry, and which entry of an event counts now. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.register import RegisterEntry
from bot.register.date_format import add_days

# Days before an entry on which a reminder can come.
DAYS_BEFORE = (1, 7, 14)


def reminder_day(entry: RegisterEntry) -> date | None:
    """Return the day that reminders count from: the first possible one where the day is not stated.

    None for an entry that is called off, superseded or without a date.
    """
    if entry.is_off or entry.precision == "none":
        return None
    return entry.first_day if entry.precision == "day" else entry.start or entry.end


def moment_before(day: date, days: int, at: time, zone: ZoneInfo) -> datetime:
    """Return the hour `at` of the day `days` before `day`, in a time zone."""
    return datetime.combine(add_days(day, -days), at, zone)


def current_entry(
    register: Iterable[RegisterEntry], chain_id: str, known: date | None, as_of: date
) -> RegisterEntry | None:
    """Return the valid dating of an event, None if the register has none.

    An event may have several, such as two sessions: the one that begins on the day `known` comes first, then the next
    one to come.
    """
    valid = [e for e in register if e.chain_id == chain_id and e.rescheduled_to is None]
    if not valid:
        return None

    def rank(entry: RegisterEntry) -> tuple[bool, bool, bool, date]:
        day = reminder_day(entry)
        return day is None or day != known, day is None, entry.is_over(as_of), day or date.max

    return min(valid, key=rank)
