"""Positions of register entries on a timeline, for the page and the picture. Pure.

Positions and widths are shares (0..1) of the period from `TimelineLayout.start` to `TimelineLayout.end`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.register import RegisterEntry
from bot.register.agenda import State, agenda
from bot.register.date_format import MONTHS, add_months, distance

# Months shown before and after the as-of day; entries beyond are arrows at the edge, so that a milestone of 2030 does
# not squeeze the rest.
BACK, AHEAD = 12, 18
# Labels that fit side by side.
_MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One entry with its bar. `left` is None without a date; `beyond` is the edge beyond which its dates are."""

    entry: RegisterEntry
    state: State
    left: float | None = None
    width: float = 0.0
    beyond: Literal["left", "right"] | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on the axis; `year`: it includes the year."""

    position: float
    label: str
    year: bool


@dataclass(frozen=True, slots=True)
class TimelineLayout:
    """The timeline. `today` is None if `as_of` is outside of it."""

    as_of: date
    start: date
    end: date
    today: float | None
    ticks: tuple[Tick, ...]
    groups: tuple[tuple[str, tuple[TimelineRow, ...]], ...]


def _clamped(value: date) -> date:
    # Near the ends of the calendar, months cannot be added.
    return min(max(value, date(100, 1, 1)), date(9900, 1, 1))


def _period(entries: Sequence[RegisterEntry], as_of: date) -> tuple[date, date]:
    """Return whole months that include the entries near the as-of day; without any, those nearest to it."""
    spans = [(e.first_day, e.last_day) for e in entries]
    known = [(first, last) for first, last in spans if first and last]
    middle = _clamped(as_of)

    def near(months: int) -> tuple[date, date, list[tuple[date, date]]]:
        low, high = (add_months(middle.replace(day=1), count) for count in (-BACK, months))
        return low, high, [(first, last) for first, last in known if last >= low and first < high]

    low, high, found = near(AHEAD)
    if found or not known:
        found.append((middle, middle))
    else:
        # All entries are long over or far ahead: show the year around the nearest.
        middle = _clamped(min((last for _, last in known), key=lambda last: abs(last - middle)))
        low, high, found = near(BACK)
    first = min((first for first, _ in found), default=middle)
    last = max((last for _, last in found), default=middle)
    start = max(first, low).replace(day=1)
    end = add_months(min(last, high - timedelta(days=1)).replace(day=1), 1)
    # Less than a quarter looks like a mistake.
    return start, max(end, add_months(start, 3))


def _ticks(start: date, end: date) -> tuple[Tick, ...]:
    months = (end.year - start.year) * 12 + end.month - start.month
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / step <= _MOST_TICKS)
    first = add_months(start, -(start.month - 1) % step if step <= 12 else 0)
    ticks: list[Tick] = []
    total = (end - start).days
    while first < end:
        year = first.month == 1 or not ticks
        label = MONTHS[first.month - 1][:3] + (f" {first.year}" if year else "")
        ticks.append(Tick((first - start).days / total, label, year))
        first = add_months(first, step)
    return tuple(ticks)


def _row(entry: RegisterEntry, state: State, start: date, end: date) -> TimelineRow:
    first, last = entry.start or entry.end, entry.last_day
    if first is None or last is None:
        return TimelineRow(entry, state)
    if entry.bound == "by" and entry.precision == "day":
        first = last
    if last < start:
        return TimelineRow(entry, state, 0.0, 0.0, "left")
    if first >= end:
        return TimelineRow(entry, state, 1.0, 0.0, "right")
    total = (end - start).days
    left = max((first - start).days / total, 0.0)
    right = min(((last - start).days + 1) / total, 1.0)
    return TimelineRow(entry, state, left, max(right - left, 0.0))


def state_words(row: TimelineRow, as_of: date) -> str:
    """Return how far off an entry is, or its state, in a few words."""
    if row.state in {"postponed", "cancelled"}:
        return row.state
    if row.state == "superseded":
        return "replaced"
    if row.state == "past" and row.entry.likely_past:
        return "probably over"
    if row.state == "past" and row.entry.precision not in {"day", "month"}:
        return "over"
    return distance(row.entry, as_of)


def lay_out(entries: Iterable[RegisterEntry], as_of: date) -> TimelineLayout:
    """Lay out entries, grouped in reading order as an `Agenda`; empty groups are left out."""
    chosen = list(entries)
    shown = agenda(chosen, as_of)
    start, end = _period(chosen, as_of)
    total = (end - start).days
    today = (as_of - start).days / total
    return TimelineLayout(
        as_of=as_of,
        start=start,
        end=end,
        today=today if 0 <= today <= 1 else None,
        ticks=_ticks(start, end),
        groups=tuple(
            (heading, tuple(_row(entry, state, start, end) for entry in group))
            for state, heading, group in shown.groups
        ),
    )
