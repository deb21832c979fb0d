"""Date ranges whose year may be missing, and their days in a given year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from store.records import Precision

# Parts of a month by first and last day.
_MONTH_PARTS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31), "begin": (1, 10), "end": (21, 31)}
_WHOLE_MONTH = (1, 31)
# Parts of a year by first and last month.
_YEAR_PARTS = {"early": (1, 4), "mid": (5, 8), "late": (9, 12), "begin": (1, 1), "end": (12, 12)}
_LENGTH_IN_MONTHS = {"quarter": 3, "half": 6, "season": 3}
_WEEKS = frozenset(["week", "week1", "week2", "week3", "week4"])
_FROM_FINE_TO_COARSE: list[Precision] = ["day", "month", "quarter", "half", "season", "year", "none"]


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month or a year, as far as it is stated."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class DateRange:
    """From one point to another, both inclusive; `part` selects a part of their days.

    `part`: "" for all days, or
    - "early", "mid", "late", "begin", "end": of a month or year;
    - "quarter", "half", "season": the one that begins with `first.month`;
    - "week", "weekend": the one with that day; "week early" and the like: of a week that `resolving.py` finds;
    - "week1" to "week4", "fortnight1" and "fortnight2": of a month;
    - "nth01" (the first Monday of a month) to "nth6-1" (its last Sunday).
    `last_part`: the part of the last point, if it has its own ("from 5 May to the end of June").
    """

    first: PartialDate
    last: PartialDate
    part: str = ""
    last_part: str | None = None

    @classmethod
    def of(cls, year: int | None = None, month: int | None = None, *, part: str = "") -> DateRange:
        """Return the range that is one month or year, or a part of it."""
        point = PartialDate(year, month)
        return cls(point, point, part)

    @property
    def year_stated(self) -> bool:
        """Whether either end states its year."""
        return self.first.year is not None or self.last.year is not None

    @property
    def ranged(self) -> bool:
        """Whether it is more than one day, month, year or part."""
        return self.first != self.last or self.last_part is not None

    @property
    def _sides(self) -> list[tuple[PartialDate, str, str]]:
        """Both ends with their parts, and the part that is exact there ("from 5 May to the end of June")."""
        if self.last_part is None:
            return [(self.first, self.part, ""), (self.last, self.part, "")]
        return [(self.first, self.part, "begin"), (self.last, self.last_part, "end")]

    @property
    def precision(self) -> Precision:
        """The coarser precision of both ends."""
        return max((_precision(*side) for side in self._sides), key=_FROM_FINE_TO_COARSE.index)

    @property
    def approximate(self) -> bool:
        """Whether an end is only roughly known ("early", "late")."""
        return any(_blurs(part, exact) for _, part, exact in self._sides)

    def in_year(self, year: int) -> DateRange:
        """Return the range with missing years completed; `year` is that of the first point if neither has one."""
        first, last = self.first, self.last
        turned = (first.month or 0, first.day or 0) > (last.month or 12, last.day or 99)
        if last.year is not None and first.year is None:
            return replace(self, first=replace(first, year=last.year - turned))
        known = first.year if first.year is not None else year
        first = replace(first, year=known)
        if last.year is None:
            last = replace(last, year=known + turned)
        return replace(self, first=first, last=last)

    def days(self, year: int) -> tuple[date, date] | None:
        """Return the first and last day, with `year` for a missing one; None if there are no such days."""
        (first, part, _), (last, last_part, _) = self.in_year(year)._sides
        try:
            start, end = _days(first, part)[0], _days(last, last_part)[1]
        except (ValueError, OverflowError):
            return None
        return (start, end) if start <= end else None


def _precision(point: PartialDate, part: str, exact: str) -> Precision:
    if part and part == exact:
        return "day"
    if part in _LENGTH_IN_MONTHS:
        return part  # type: ignore[return-value]
    if part in _YEAR_PARTS and point.month is None:
        return "month" if part in ("begin", "end") else "season"
    if part in ("week", "weekend") or part.startswith("nth") or (not part and point.day):
        return "day"
    return "month" if point.month else "year"


def _blurs(part: str, exact: str) -> bool:
    """Whether a part makes its end approximate."""
    return part != exact and (
        part in _YEAR_PARTS or part == "season" or part.startswith(("fortnight", "week ")) or part in _WEEKS
    )


def _days(point: PartialDate, part: str) -> tuple[date, date]:
    year, month = point.year, point.month
    if year is None:
        raise ValueError("the year is missing")
    if part in _LENGTH_IN_MONTHS:
        last = (month or 1) + _LENGTH_IN_MONTHS[part] - 1
        return _month_start(year, month or 1), _month_end(year, last)
    if month is None:
        low, high = _YEAR_PARTS.get(part, (1, 12))
        return _month_start(year, low), _month_end(year, high)
    if point.day is None and part.startswith("nth"):
        day = _weekday_of(year, month, int(part[3]), int(part[4:]))
        return day, day
    if point.day is None:
        low, high = _days_of_part(part)
        return date(year, month, low), date(year, month, min(high, monthrange(year, month)[1]))
    day = date(year, month, point.day)
    if part == "week":
        day -= timedelta(days=day.weekday())
        return day, day + timedelta(days=6)
    if part == "weekend":
        day += timedelta(days=-1 if day.weekday() == 6 else 5 - day.weekday())
        return day, day + timedelta(days=1)
    return day, day


def _weekday_of(year: int, month: int, weekday: int, which: int) -> date:
    """Return a weekday of the month: `which` is 1 for the first one, -1 for the last one."""
    last = date(year, month, monthrange(year, month)[1])
    if which < 0:
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = last.replace(day=1)
    return first.replace(day=1 + (weekday - first.weekday()) % 7 + 7 * (which - 1))


def _days_of_part(part: str) -> tuple[int, int]:
    if not part.startswith(("week", "fortnight")):
        return _MONTH_PARTS.get(part, _WHOLE_MONTH)
    which = int(part[-1])
    if part.startswith("fortnight"):
        return (1, 15) if which == 1 else (16, 31)
    return 7 * which - 6, 7 * which


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _month_end(year: int, month: int) -> date:
    start = _month_start(year, month)
    return start.replace(day=monthrange(start.year, start.month)[1])
