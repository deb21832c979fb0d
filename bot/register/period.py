"""Periods in a closed form, and their days. Pure.

The form is the same for a model's call, for another assistant's and for what people type without a model
(`bot/answering/periods.toml` has their words for it).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.register.wording import add_days, add_months

FORMS = (
    "today, tomorrow, yesterday; this, next or last week, weekend, month, quarter or year; next 14 days, last 3 "
    "months; 2026, 2026-05, 2026-Q2, 2026-H1, 2026-05-09; two of these as first..last, either may be left out, as in "
    "2026-05-09.. or ..next month; in place of either the name of an event, as in Council..LLDC3"
)
_UNITS = {"day": 1, "week": 7, "weekend": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_NAMED = re.compile(r"(this|next|last) (week|weekend|month|quarter|year)")
_COUNTED = re.compile(r"(next|last) (\d{1,4}) (day|week|month|quarter|year)s?")
_DATED = re.compile(r"(\d{4})(?:-(?:(\d\d)(?:-(\d\d))?|q([1-4])|h([12])))?")
_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends inclusive, None where open."""

    start: date | None = None
    end: date | None = None


def read_period(
    form: str, as_of: date, days_of: Callable[[str], Period | None] = lambda name: None
) -> Period:
    """Return the days of a period in one of FORMS as of a day.

    `days_of` returns the days of a named event. Raises ValueError, whose text names the forms.
    """
    text = " ".join(form.split())
    first, dots, last = text.partition("..")
    if not dots:
        found = _read_days(text.casefold(), as_of)
        if found is None:
            raise ValueError(f"{text[:60]!r} is no period; write one of: {FORMS}")
        return found
    return Period(
        _read_limit(first, as_of, days_of, opens=True), _read_limit(last, as_of, days_of, opens=False)
    )


def _read_limit(
    text: str, as_of: date, days_of: Callable[[str], Period | None], *, opens: bool
) -> date | None:
    """Return the first or the last day of a period; of one that begins or ends with an event, the day beside it."""
    text = text.strip()
    if not text:
        return None
    found = _read_days(text.casefold(), as_of)
    if found is not None:
        return found.start if opens else found.end
    event = days_of(text)
    if event is None or event.start is None or event.end is None:
        raise ValueError(f"{text[:60]!r} is no day and no event with a date; write one of: {FORMS}")
    return add_days(event.end, 1) if opens else add_days(event.start, -1)


def _read_days(text: str, as_of: date) -> Period | None:
    """Return the days of a period without dots; None if it is in no form."""
    try:
        if text in _DAYS:
            return _period_of_day(add_days(as_of, _DAYS[text]))
        if named := _NAMED.fullmatch(text):
            return _named_period(named[2], {"this": 0, "next": 1, "last": -1}[named[1]], as_of)
        if counted := _COUNTED.fullmatch(text):
            return _counted_period(int(counted[2]), counted[3], as_of, ahead=counted[1] == "next")
        if dated := _DATED.fullmatch(text):
            return _dated_period(*dated.groups())
    except (ValueError, OverflowError):
        return None
    return None


def _period_of_day(value: date) -> Period:
    return Period(value, value)


def _named_period(unit: str, offset: int, as_of: date) -> Period:
    if unit in _UNITS:
        # Weeks begin on Monday (ISO 8601).
        monday = add_days(as_of, 7 * offset - as_of.weekday())
        return Period(add_days(monday, 5) if unit == "weekend" else monday, add_days(monday, 6))
    months = _MONTHS[unit]
    first = as_of.replace(month=(as_of.month - 1) // months * months + 1, day=1)
    return _months_period(add_months(first, offset * months), months)


def _counted_period(count: int, unit: str, as_of: date, *, ahead: bool) -> Period:
    way = 1 if ahead else -1
    if unit in _UNITS:
        other = add_days(as_of, way * count * _UNITS[unit])
    else:
        other = add_months(as_of, way * count * _MONTHS[unit])
    return Period(as_of, other) if ahead else Period(other, as_of)


def _dated_period(
    year: str, month: str | None, of_month: str | None, quarter: str | None, half: str | None
) -> Period:
    if of_month:
        return _period_of_day(date(int(year), int(month or 1), int(of_month)))
    if month:
        return _months_period(date(int(year), int(month), 1), 1)
    if quarter:
        return _months_period(date(int(year), 3 * int(quarter) - 2, 1), 3)
    if half:
        return _months_period(date(int(year), 6 * int(half) - 5, 1), 6)
    return Period(date(int(year), 1, 1), date(int(year), 12, 31))


def _months_period(first: date, count: int) -> Period:
    last = add_months(first, count - 1)
    return Period(first, last.replace(day=monthrange(last.year, last.month)[1]))
