"""Resolves relative dates ("next month", "tomorrow", "the 12th") from the day of writing or the date before."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.forms.days import BARE, LAST, THIS

# A number that is smaller than the day of the date before by more than this is a day of the next month.
_MAX_STEP_BACK = 14
# Parts of a week by weekdays (Monday is 0): a week ends on Friday.
_PARTS_OF_WEEK = {"early": (0, 1), "begin": (0, 1), "mid": (1, 3), "late": (3, 4), "end": (4, 4)}
# A date before that is longer than this does not complete a day without a month.
_LONGEST_BEFORE = timedelta(days=62)
_LONGEST_EVENT = timedelta(days=14)

Days = tuple[date, date]


class Surroundings(NamedTuple):
    """Reference points of a relative date: `reference` is the day of writing, `before` the date before it in the text.

    `beside`: the two are in one sentence. `past`: the sentence speaks of the past.
    """

    reference: date | None
    before: Days | None
    beside: bool
    past: bool


def resolve_relative(parsed: ParsedDate, around: Surroundings) -> Days | None:
    """Return the first and last day, None if they cannot be determined."""
    try:
        return _resolve(parsed, around)
    except (ValueError, OverflowError):
        return None


def _resolve(parsed: ParsedDate, around: Surroundings) -> Days | None:
    offset, reference = parsed.relative or 0, around.reference
    if parsed.unit == "number":
        return _number(parsed, around)
    if parsed.unit == "weekday" and offset == BARE and around.beside and around.before:
        first, last = around.before
        day = first + timedelta(days=((parsed.weekday or 0) - first.weekday()) % 7)
        if first < day <= last <= first + _LONGEST_EVENT:
            return day, day
    if parsed.unit == "same month":
        start = around.before[0] if around.before and around.beside else reference
        return _month(parsed.range, start.year, start.month) if start else None
    if reference is None:
        return None
    if parsed.unit == "day":
        day = reference + timedelta(days=offset)
        return day, day
    if parsed.unit == "weekday":
        return _weekday(parsed.weekday or 0, offset, around.past, reference)
    if parsed.unit == "week":
        return _week(parsed, reference + timedelta(weeks=offset))
    if parsed.unit == "month":
        months = reference.year * 12 + reference.month - 1 + offset
        return _month(parsed.range, months // 12, months % 12 + 1)
    return _year(parsed.range, offset, reference)


def _weekday(weekday: int, offset: int, past: bool, reference: date) -> Days:
    """Return the weekday after the day of writing or before it; "this Friday" may be the day of writing."""
    if offset == LAST or (offset == BARE and past):
        day = reference - timedelta(days=(reference.weekday() - weekday - 1) % 7 + 1)
    else:
        begin = reference + timedelta(days=offset != THIS)
        day = begin + timedelta(days=(weekday - begin.weekday()) % 7)
    return day, day


def _week(parsed: ParsedDate, day: date) -> Days:
    monday = day - timedelta(days=day.weekday())
    first, last = _PARTS_OF_WEEK.get(parsed.range.part.removeprefix("week "), (0, 6))
    if parsed.weekday is not None:
        first = last = parsed.weekday
    return monday + timedelta(days=first), monday + timedelta(days=last)


def _month(date_range: DateRange, year: int, month: int) -> Days | None:
    first = PartialDate(year, month, date_range.first.day)
    return replace(date_range, first=first, last=PartialDate(year, month, date_range.last.day)).days(year)


def _year(date_range: DateRange, offset: int, reference: date) -> Days | None:
    if date_range.first.month is None or date_range.part in ("quarter", "half") or offset == 0:
        return date_range.days(reference.year + offset)
    # "next June" and "last September": the nearest one on that side of the day of writing.
    this_year = date_range.days(reference.year)
    if offset > 0:
        return date_range.days(reference.year + (this_year is not None and this_year[0] <= reference))
    return date_range.days(reference.year - (this_year is None or this_year[1] >= reference))


def _number(parsed: ParsedDate, around: Surroundings) -> Days | None:
    """Return a day of the month: near the date before, else the next one from the day of writing."""
    first, last = parsed.range.first.day or 1, parsed.range.last.day or 1
    before = around.before
    if before and before[1] - before[0] <= _LONGEST_BEFORE:
        start = before[0]
        months = [start.year * 12 + start.month - 1 + k for k in (0, 1, -1)]
        if (start.month != before[1].month and first <= before[1].day) or first < start.day - _MAX_STEP_BACK:
            months = [months[1], months[0], months[2]]
    elif around.reference:
        reference = around.reference
        later = first < reference.day if not around.past else -(first > reference.day)
        here = reference.year * 12 + reference.month - 1 + later
        step = -1 if around.past else 1
        months = [here, here + step, here + 2 * step]
    else:
        return None
    possible = [days for month in months if (days := _from(month, first, last))]
    fitting = [d for d in possible if parsed.weekday is None or d[0].weekday() == parsed.weekday]
    return next(iter(fitting or possible), None)


def _from(months: int, first: int, last: int) -> Days | None:
    """Return the days `first` to `last` of a month; if `last` is the smaller one, it is in the next month."""
    year, month = months // 12, months % 12 + 1
    if first > monthrange(year, month)[1]:
        return None
    end = months + (last < first)
    if last > monthrange(end // 12, end % 12 + 1)[1]:
        return None
    return date(year, month, first), date(end // 12, end % 12 + 1, last)
