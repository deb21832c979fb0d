"""What a date expression says before its year is known, and which days that is in a given year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Precision = Literal["day", "month", "quarter", "half", "season", "year", "none"]

# Thirds of a month by first and last day; of a year by first and last month.
_MONTH_THIRDS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31), "begin": (1, 10), "end": (21, 31)}
_YEAR_PARTS = {"early": (1, 4), "mid": (5, 8), "late": (9, 12), "begin": (1, 1), "end": (12, 12)}


@dataclass(frozen=True, slots=True)
class Point:
    """A day, a month or a year, as far as it is stated."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """From one point to another, both included; `part` narrows or groups what they span.

    `part`: "" or "early", "mid", "late", "begin", "end" (of a month or year), "quarter", "half", "season"
    (`first.month` opens it), "week" (the one with that day) or "week1".."week4" of a month, "fortnight1"
    and "fortnight2" (halves of a month).
    """

    first: Point
    last: Point
    part: str = ""

    @property
    def year_stated(self) -> bool:
        return self.first.year is not None or self.last.year is not None

    @property
    def precision(self) -> Precision:
        if self.part in ("quarter", "half", "season"):
            return self.part  # type: ignore[return-value]
        if self.part in _YEAR_PARTS and self.first.month is None:
            return "month" if self.part in ("begin", "end") else "season"
        if self.part == "week" or (not self.part and self.first.day and self.last.day):
            return "day"
        if self.first.month:
            return "month"
        return "year"

    @property
    def approximate(self) -> bool:
        return (
            self.part in _YEAR_PARTS or self.part == "season" or self.part.startswith(("week", "fortnight"))
        )

    def in_year(self, year: int) -> Shape:
        """Return the shape with `year` where none is stated (the first point's, where neither states one)."""
        first, last = self.first, self.last
        if last.year is not None and first.year is None:
            earlier = (first.month or 0, first.day or 0) > (last.month or 0, last.day or 0)
            return replace(self, first=replace(first, year=last.year - earlier))
        known = first.year if first.year is not None else year
        first = replace(first, year=known)
        if last.year is None:
            later = (last.month or 0, last.day or 0) < (first.month or 0, first.day or 0)
            last = replace(last, year=known + later)
        return replace(self, first=first, last=last)

    def days(self, year: int) -> tuple[date, date] | None:
        """Return the first and last day, `year` standing in where none is stated; None where no such days are."""
        shape = self.in_year(year)
        try:
            start, end = _days(shape)
        except (ValueError, OverflowError):
            return None
        return (start, end) if start <= end else None


def _days(shape: Shape) -> tuple[date, date]:
    first, last, part = shape.first, shape.last, shape.part
    if first.year is None or last.year is None:
        raise ValueError("a year is missing")
    if part in ("quarter", "half", "season"):
        length = {"quarter": 3, "half": 6, "season": 3}[part]
        return _month_start(first.year, first.month or 1), _month_end(
            last.year, (last.month or 1) + length - 1
        )
    if part == "week" and first.month and first.day:
        day = date(first.year, first.month, first.day)
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if first.month is None or last.month is None:
        low, high = _YEAR_PARTS.get(part, (1, 12))
        return date(first.year, low, 1), _month_end(last.year, high)
    if part.startswith(("week", "fortnight")) or part in _MONTH_THIRDS:
        low, high = _stretch(part)
        length = monthrange(last.year, last.month)[1]
        return date(first.year, first.month, low), date(last.year, last.month, min(high, length))
    start = date(first.year, first.month, first.day or 1)
    end = date(last.year, last.month, last.day) if last.day else _month_end(last.year, last.month)
    return start, end


def _stretch(part: str) -> tuple[int, int]:
    if part in _MONTH_THIRDS:
        return _MONTH_THIRDS[part]
    which = int(part[-1])
    if part.startswith("fortnight"):
        return (1, 15) if which == 1 else (16, 31)
    return 7 * which - 6, 7 * which


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _month_end(year: int, month: int) -> date:
    start = _month_start(year, month)
    return start.replace(day=monthrange(start.year, start.month)[1])
