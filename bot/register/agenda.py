"""The register in reading order, in groups: going on, upcoming, postponed, past. Pure.

An entry is in exactly one group, so that no view shows a finished or postponed event among the upcoming ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeVar

from bot.locales import N_, _
from bot.register import RegisterEntry

if TYPE_CHECKING:
    from bot.register.period import Period

State = Literal["now", "upcoming", "coarse", "postponed", "undated", "cancelled", "superseded", "past"]
# In reading order.
_HEADINGS: Mapping[State, str] = {
    "now": N_("Going on"),
    "upcoming": N_("Coming up"),
    "coarse": N_("Some time in a longer period"),
    "postponed": N_("Postponed"),
    "undated": N_("No date stated"),
    "cancelled": N_("Cancelled"),
    "superseded": N_("Replaced by a later date"),
    "past": N_("Past"),
}
# An entry without a day may be this many times as long as the period: a year needs four weeks, a season one.
_MOST_LENGTHS = 13

Heading = TypeVar("Heading", bound=str)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Agenda:
    """Entries as of a day, grouped; every group is in reading order.

    now         known to the day and going on
    upcoming    known to the day or the month: month by month, a month's days before what is known only to the month
    coarse      known to a quarter, half, season or year, so never "due"
    postponed   with no new date yet, and those that still name the old one
    past        latest first
    superseded  datings that a later document replaced
    """

    now: tuple[RegisterEntry, ...] = ()
    upcoming: tuple[RegisterEntry, ...] = ()
    coarse: tuple[RegisterEntry, ...] = ()
    postponed: tuple[RegisterEntry, ...] = ()
    undated: tuple[RegisterEntry, ...] = ()
    cancelled: tuple[RegisterEntry, ...] = ()
    past: tuple[RegisterEntry, ...] = ()
    superseded: tuple[RegisterEntry, ...] = ()

    @property
    def groups(self) -> list[tuple[State, str, tuple[RegisterEntry, ...]]]:
        """The groups that have entries, with their headings, in reading order."""
        return [
            (state, _(name), group) for state, name in _HEADINGS.items() if (group := getattr(self, state))
        ]


def agenda(entries: Iterable[RegisterEntry], as_of: date) -> Agenda:
    """Group `entries` as of a day."""
    groups: dict[str, list[RegisterEntry]] = {}
    for entry in entries:
        groups.setdefault(_state(entry, as_of), []).append(entry)
    return Agenda(
        **{state: tuple(in_order(group, as_of)) for state, group in groups.items()},
    )


def earlier_datings(entries: Iterable[RegisterEntry]) -> dict[str, tuple[RegisterEntry, ...]]:
    """Return the superseded datings by the `chain_id` of their event."""
    chains: dict[str, tuple[RegisterEntry, ...]] = {}
    for old in entries:
        if old.rescheduled_to is not None:
            chains[old.chain_id] = (*chains.get(old.chain_id, ()), old)
    return chains


def first_rows(
    groups: Iterable[tuple[Heading, Sequence[Item]]], most: int
) -> tuple[list[tuple[Heading, Sequence[Item]]], int]:
    """Return the groups cut after `most` rows, and the number of rows left out."""
    left = most
    cut = []
    for heading, rows in groups:
        if left > 0:
            cut.append((heading, rows[:left]))
        left -= len(rows)
    return cut, max(-left, 0)


def _state(entry: RegisterEntry, as_of: date) -> State:
    if entry.rescheduled_to is not None:
        return "superseded"
    if entry.status == "cancelled" or entry.status == "postponed":
        return entry.status
    if entry.is_over(as_of):
        return "past"
    first = entry.first_day
    if first is None or entry.precision == "none":
        return "undated"
    if entry.precision == "month":
        return "upcoming"
    if entry.precision != "day":
        return "coarse"
    begun = (entry.start or first) <= as_of
    # A deadline is not going on while it is open: it is due on its last day.
    return "now" if begun and entry.bound != "by" else "upcoming"


def in_order(entries: Iterable[RegisterEntry], as_of: date) -> list[RegisterEntry]:
    """Return entries in the order of every list: those ahead by date, then those past, the latest first.

    A month's days come before what is known only to the month, and these before what is known to a season or a year.
    """

    def rank(entry: RegisterEntry) -> tuple[object, ...]:
        first = entry.first_day or date.max
        last = entry.last_day or date.min
        vague = entry.precision != "day"
        if entry.is_over(as_of):
            return True, -last.toordinal(), vague, entry.title
        coarse = vague and entry.precision != "month"
        return False, coarse, first.year, first.month, vague, first, last, entry.title

    return sorted(entries, key=rank)


def overlaps(entry: RegisterEntry, start: date | None, end: date | None) -> bool:
    """Whether an entry's days overlap those from `start` to `end`, inclusive, None where open."""
    first, last = entry.first_day, entry.last_day
    if first is None or last is None:
        return False
    return (end is None or min(first, last) <= end) and (start is None or last >= start)


def is_in_period(entry: RegisterEntry, period: Period) -> bool:
    """Whether an entry is in a period; one known only to the year is in no period of a few days."""
    return overlaps(entry, period.start, period.end) and is_long_enough(entry, period)


def was_in_period(entry: RegisterEntry, period: Period) -> bool:
    """Whether a past entry was in a period; one known only to the year was if the whole year is."""
    if entry.precision in {"day", "month"}:
        return overlaps(entry, period.start, period.end)
    first, last = entry.start or date.min, entry.last_day or date.max
    return first >= (period.start or date.min) and last <= (period.end or date.max)


def is_long_enough(entry: RegisterEntry, period: Period) -> bool:
    """Whether a period is long enough to list an entry without a day: "2025" answers nothing about 9 May."""
    first, last = entry.start, entry.last_day
    if not (period.start and period.end and first and last):
        return True
    return _MOST_LENGTHS * ((period.end - period.start).days + 1) >= (last - first).days
