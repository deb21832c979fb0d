"""The register put in the order in which somebody reads it: what is on, what comes, what to watch.

Pure. An entry stands in exactly one group, so that no view can show a finished or postponed thing
among what is coming.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.register.date_format import first_day, is_over, last_day
from bot.register.entries import RegisterEntry

if TYPE_CHECKING:
    from bot.register.questions.period import Period

# Four weeks are period enough for an entry that has its year alone, one for a season.
_PART = 13


@dataclass(frozen=True, slots=True)
class Agenda:
    """Entries as of a day, grouped. Every group is in the order in which it is to be read.

    now         known to the day and going on
    upcoming    known to the day or the month: month by month, a month's days before what is only
                known to the month
    coarse      quarter, half, season, year: some time then, never "due"
    postponed   with no new date yet, and those that still name the old one
    undated     no date stated
    cancelled
    past        latest first
    superseded  datings that a later document replaced; `earlier` sorts them by event
    """

    as_of: date
    now: tuple[RegisterEntry, ...] = ()
    upcoming: tuple[RegisterEntry, ...] = ()
    coarse: tuple[RegisterEntry, ...] = ()
    postponed: tuple[RegisterEntry, ...] = ()
    undated: tuple[RegisterEntry, ...] = ()
    cancelled: tuple[RegisterEntry, ...] = ()
    past: tuple[RegisterEntry, ...] = ()
    superseded: tuple[RegisterEntry, ...] = ()

    @property
    def days(self) -> tuple[RegisterEntry, ...]:
        """What is upcoming and known to the day."""
        return tuple(entry for entry in self.upcoming if entry.precision == "day")

    @property
    def months(self) -> tuple[RegisterEntry, ...]:
        """What is upcoming and known to the month only."""
        return tuple(entry for entry in self.upcoming if entry.precision == "month")

    def earlier(self) -> dict[str, tuple[RegisterEntry, ...]]:
        """Return the superseded datings by the `chain_id` of their event."""
        chains: dict[str, tuple[RegisterEntry, ...]] = {}
        for old in self.superseded:
            chains[old.chain_id] = (*chains.get(old.chain_id, ()), old)
        return chains


def group_of(entry: RegisterEntry, as_of: date) -> str:
    """Return the name of the `Agenda` group in which `entry` stands as of a day."""
    if entry.rescheduled_to is not None:
        return "superseded"
    if entry.status == "cancelled":
        return "cancelled"
    if entry.status == "postponed":
        return "postponed"
    if is_over(entry, as_of):
        return "past"
    first = first_day(entry)
    if first is None or entry.precision == "none":
        return "undated"
    if entry.precision == "month":
        return "upcoming"
    if entry.precision != "day":
        return "coarse"
    begun = (entry.start or first) <= as_of
    # A deadline is not going on while it is open: it is due on its last day.
    return "now" if begun and entry.bound != "by" else "upcoming"


def _reading_order(entry: RegisterEntry) -> tuple[int, int, bool, date, date, str]:
    first, last = first_day(entry) or date.max, last_day(entry) or date.max
    return (first.year, first.month, entry.precision != "day", first, last, entry.title)


def agenda(entries: Iterable[RegisterEntry], as_of: date) -> Agenda:
    """Group `entries` as of a day."""
    groups: dict[str, list[RegisterEntry]] = {}
    for entry in entries:
        groups.setdefault(group_of(entry, as_of), []).append(entry)

    def ordered(name: str) -> tuple[RegisterEntry, ...]:
        return tuple(sorted(groups.get(name, ()), key=_reading_order))

    return Agenda(
        as_of=as_of,
        now=ordered("now"),
        upcoming=ordered("upcoming"),
        coarse=ordered("coarse"),
        postponed=ordered("postponed"),
        undated=ordered("undated"),
        cancelled=ordered("cancelled"),
        past=tuple(_latest_first(groups.get("past", ()))),
        superseded=ordered("superseded"),
    )


def _latest_first(entries: Sequence[RegisterEntry]) -> list[RegisterEntry]:
    # Known to the day before coarser ones with the same end: "2024" ends on no particular evening.
    return sorted(
        entries,
        key=lambda entry: (
            -(last_day(entry) or date.min).toordinal(),
            entry.precision != "day",
            entry.title,
        ),
    )


def overlaps(entry: RegisterEntry, start: date | None, end: date | None) -> bool:
    """Say whether an entry's days touch those from `start` to `end`, inclusive, None where open."""
    first, last = first_day(entry), last_day(entry)
    if first is None or last is None:
        return False
    return (end is None or min(first, last) <= end) and (start is None or last >= start)


def lies_in(entry: RegisterEntry, period: Period) -> bool:
    """Whether an entry is in a period; what has its year alone is in none of a few days."""
    return overlaps(entry, period.start, period.end) and is_as_long(entry, period)


def lay_in(entry: RegisterEntry, period: Period) -> bool:
    """Whether a past entry was in a period; one known to the year was, only if all its year is."""
    if entry.precision in {"day", "month"}:
        return overlaps(entry, period.start, period.end)
    first, last = entry.start or date.min, last_day(entry) or date.max
    return first >= (period.start or date.min) and last <= (period.end or date.max)


def is_as_long(entry: RegisterEntry, period: Period) -> bool:
    """Whether a period is long enough for an entry of which no day is known: "2025" says nothing of 9 May."""
    first, last = entry.start, last_day(entry)
    if not (period.start and period.end and first and last):
        return True
    return _PART * ((period.end - period.start).days + 1) >= (last - first).days
