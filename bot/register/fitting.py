"""Whether an entry lies in a period, where its days may be known to the month or the year alone. Pure."""

from __future__ import annotations

from bot.register.agenda import overlaps
from bot.register.entries import RegisterEntry
from bot.register.period import Period
from bot.wording import last_day

# Four weeks are period enough for an entry that has its year alone, one for a season.
_PART = 13


def lies_in(entry: RegisterEntry, period: Period) -> bool:
    """Whether an entry is in a period; what has its year alone is in none of a few days."""
    return overlaps(entry, period.start, period.end) and is_as_long(entry, period)


def lay_in(entry: RegisterEntry, period: Period) -> bool:
    """Whether a past entry was in a period; one known to the year was, only if all its year is."""
    if entry.precision in {"day", "month"}:
        return overlaps(entry, period.start, period.end)
    first, last = entry.start, last_day(entry)
    return bool(
        first
        and last
        and (not period.start or first >= period.start)
        and (not period.end or last <= period.end)
    )


def is_as_long(entry: RegisterEntry, period: Period) -> bool:
    """Whether a period is long enough for an entry of which no day is known: "2025" says nothing of 9 May."""
    first, last = entry.start, last_day(entry)
    if not (period.start and period.end and first and last):
        return True
    return _PART * ((period.end - period.start).days + 1) >= (last - first).days
