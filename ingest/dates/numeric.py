"""Dates in figures: "12/10/2026", "27.04 – 06.05.11", "30.VI", "2020-11-03/05", "2026-12".

The day comes first, as in Europe and the United Nations, unless another date of the same text can only be read
with the month first.
"""

from __future__ import annotations

import re
from datetime import date
from enum import Enum, auto
from typing import NamedTuple

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.words import ABBREVIATED_MONTHS, MONTHS, ROMAN_MONTHS


class Doubt(Enum):
    """What figures may be instead of a date."""

    NONE = auto()
    MAY_BE_NUMBER = auto()
    """They are a date unless the word before makes them a number ("Document 12/3")."""
    MAY_BE_ANYTHING = auto()
    """They are a date only after a word that asks for one, or alone in a cell or line."""
    MAY_BE_DECIMAL = auto()
    """They are a date unless they are a decimal that ends a sentence ("24.04.")."""


_DASH = "[-–—‑−]"
_MONTH = r"(?:\d{1,2}|XI{0,2}|IX|IV|V?I{1,3}|V)"
_END = rf"(?![\w/%°]|[.,:]\d|{_DASH}\d|\s?%)"
# A day, or a range whose first day may be without month and year: before a dash, or before a word ("3 to 5/12").
_DAYS = re.compile(
    rf"""
    (?:(?P<first_day>\d{{1,2}})
       (?:(?P<first_mark>[./])(?P<first_month>{_MONTH})(?:(?P=first_mark)(?P<first_year>\d{{4}}|\d\d))?)?
       (?P<first_dot>\.?)(?P<dash>\s?{_DASH}\s?)
     | (?P<day_before_word>\d{{1,2}})\s(?:to|until|till)\s)?
    (?P<day>\d{{1,2}})(?P<mark>[./])(?P<month>{_MONTH})(?:(?P=mark)(?P<year>\d{{4}}|\d\d))?{_END}
    """,
    re.VERBOSE,
)
_DASHED = re.compile(rf"(?P<day>\d{{1,2}})-(?P<month>\d{{1,2}})-(?P<year>\d{{4}}|\d\d){_END}")
_ISO = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
    r"(?:/(?:(?P<last_month>\d\d)-)?(?P<last_day>\d\d)(?![\w/-]))?(?=T\d|(?![\w-]|/\D))"
)
_ISO_MONTH = re.compile(r"(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?![\w/-]|[.,:]\d)")
_PART_OF_MORE = re.compile(rf"[\w./+$€£-]|(?<=\d){_DASH}")
# "4-15-20" is the number of a paper as often as a date.
_ONLY_MONTH_FIRST = {
    mark: re.compile(rf"(?<![\w./-])(?:0?[1-9]|1[0-2]){mark}(?:1[3-9]|2\d|3[01]){mark}(?:{year})(?![\w/-])")
    for mark, year in (("/", r"(?:19|20)\d\d|\d\d"), ("-", r"(?:19|20)\d\d"))
}
_MONTH_NAME = re.compile(
    rf"(?:\.?\s{{1,3}}(?:of\s)?|-)(?P<month>{'|'.join([*MONTHS, *ABBREVIATED_MONTHS])})\b", re.IGNORECASE
)
# A longer range without a year is a pair of fractions.
_LONGEST_DAYS = 200

# Those of the marks "/" and "-" with which the month comes first.
Marks = frozenset[str]


class NumericDate(NamedTuple):
    """Figures that end at `stop`, with their date range, None if there is no such day."""

    stop: int
    range: DateRange | None
    doubt: Doubt


def month_first(text: str) -> Marks:
    """Return the marks with which a date of the text can only be read with the month first ("03/25/2025")."""
    return frozenset(mark for mark, written in _ONLY_MONTH_FIRST.items() if written.search(text))


def full_year(figures: int) -> int:
    """Return the year of two figures: 1980 to 2079."""
    return figures + (2000 if figures < 80 else 1900)


def parse_numeric(text: str, start: int, american: Marks) -> NumericDate | None:
    """Return the date in figures at `start`; with the marks `american` the month is first. Bounded work."""
    before = text[max(0, start - 2) : start]
    if before and _PART_OF_MORE.search(before, len(before) - 1):
        return _iso(text, start) if before[-1] == "/" and before[:-1].isdecimal() else None
    return _iso(text, start) or _dashed(text, start, american) or _days(text, start, american)


def _iso(text: str, start: int) -> NumericDate | None:
    """Read "2020-11-03", "2020-11-03/05" and "2020-11"."""
    found = _ISO.match(text, start)
    if found:
        year, month, day = (int(found[name]) for name in ("year", "month", "day"))
        last = PartialDate(year, int(found["last_month"] or month), int(found["last_day"] or day))
        return NumericDate(found.end(), _real(DateRange(PartialDate(year, month, day), last)), Doubt.NONE)
    found = _ISO_MONTH.match(text, start)
    if found is None or _before_month(text, found.end()):
        return None
    year, month = int(found["year"]), int(found["month"])
    # In texts about budgets, "2010-11" is the years 2010 and 2011.
    doubt = Doubt.MAY_BE_ANYTHING if month == (year + 1) % 100 else Doubt.MAY_BE_NUMBER
    return NumericDate(found.end(), DateRange.of(year, month), doubt)


def _before_month(text: str, at: int) -> bool:
    """Whether the name of a month follows, not the verbs "may" and "march"."""
    following = _MONTH_NAME.match(text, at)
    return following is not None and following["month"][0].isupper()


def _dashed(text: str, start: int, american: Marks) -> NumericDate | None:
    """Read "3-12-2025" and "03-12-25"."""
    found = _DASHED.match(text, start)
    if found is None:
        return None
    day = _point(found["day"], found["month"], found["year"], "-" in american)
    date_range = _real(DateRange(day, day))
    if len(found["year"]) == 4:
        return NumericDate(found.end(), date_range, Doubt.NONE)
    return NumericDate(found.end(), date_range, Doubt.MAY_BE_ANYTHING) if date_range else None


def _days(text: str, start: int, american: Marks) -> NumericDate | None:
    """Read a day or a range of days with strokes or full stops: "12/10/2026", "27.04 – 06.05.11", "30.VI"."""
    found = _DAYS.match(text, start)
    if found is None:
        return None
    roman = not found["month"].isdecimal()
    stated = _first_and_last(found, month_is_first=found["mark"] in american and not roman)
    if stated is None:
        return None
    date_range = _real(stated)
    year = found["year"] or found["first_year"] or ""
    dotted = not year and not roman and found["mark"] == "."
    if dotted and not _has_closing_dot(found):
        return None
    stop = found.end() + dotted
    # "10/11/12 May": what looks like a year of two figures may be the last day of three.
    if len(year) < 4 and _before_month(text, stop):
        return None
    if date_range is None:
        return NumericDate(stop, None, Doubt.NONE) if len(year) == 4 else None
    is_range = found["first_day"] is not None or found["day_before_word"] is not None
    if is_range and not year and not _is_short_range(date_range):
        return None
    # A range of decimals has no full stop after both.
    may_be_decimal = dotted and not found["first_dot"]
    doubt = Doubt.MAY_BE_DECIMAL if may_be_decimal else _doubt(found, year, is_month_known=roman or dotted)
    return NumericDate(stop, date_range, doubt)


def _first_and_last(found: re.Match[str], month_is_first: bool) -> DateRange | None:
    """Return the range that a match states, each end completed from the other; None if it cannot be a range."""
    last = _point(found["day"], found["month"], found["year"], month_is_first)
    first_day = found["day_before_word"] or found["first_day"]
    if first_day is None:
        return DateRange(last, last)
    if found["first_month"] is None:
        # With the month first, the number before the dash in "3-12/25/2025" is no day of that month.
        return None if month_is_first else DateRange(PartialDate(last.year, last.month, int(first_day)), last)
    stated = DateRange(_point(first_day, found["first_month"], found["first_year"], month_is_first), last)
    one_year_stated = (found["first_year"] is None) != (found["year"] is None)
    return stated.in_year(0) if one_year_stated else stated


def _is_short_range(date_range: DateRange) -> bool:
    """Whether a range without a year has several days, but not too many for a range of dates."""
    days = date_range.days(2024)
    return days is not None and 0 < (days[1] - days[0]).days <= _LONGEST_DAYS


def _has_closing_dot(found: re.Match[str]) -> bool:
    """Whether a day and month without a year have the closing dot of a date ("24.04.", "27.04. – 03.05.")."""
    day, month = found["day"], found["month"]
    following = found.string[found.end() : found.end() + 2]
    first_closed = found["first_month"] is None or bool(found["first_dot"])
    if following[:1] != "." or following[1:].isalnum() or not first_closed:
        return False
    # "3.10." and "12.11." are clauses as often as days.
    return len(month) == 2 and ("0" in (day[0], month[0]) or int(day) > 12)


def _doubt(found: re.Match[str], year: str, is_month_known: bool) -> Doubt:
    """Return the doubt about a match with this `year`; its month may be certain by its form ("VI", "04.")."""
    dash = found["dash"]
    if len(year) == 4:
        return Doubt.NONE
    if year:
        padded = len(found["day"]) == len(found["month"]) == 2
        likely = bool(dash or found["day_before_word"] or padded or found["mark"] == "/")
    elif is_month_known:
        likely = len(found["month"]) > 1
    else:
        likely = dash is not None and (found["first_month"] is not None or " " not in dash)
    return Doubt.MAY_BE_NUMBER if likely else Doubt.MAY_BE_ANYTHING


def _point(first: str, second: str, year: str | None, month_is_first: bool) -> PartialDate:
    """Return the day that two numbers and a year state; the first number is the month if `month_is_first`."""
    stated = int(year) if year else None
    if stated is not None and year is not None and len(year) == 2:
        stated = full_year(stated)
    month = int(second) if second.isdecimal() else ROMAN_MONTHS[second]
    day = int(first)
    # A number above 12 cannot be the month. If the year has four figures, it is certainly a date, with the month first.
    if month_is_first or (month > 12 >= day and year is not None and len(year) == 4):
        day, month = (month, day) if month <= 31 and day <= 12 else (day, month)
    return PartialDate(stated, month, day)


def _real(date_range: DateRange) -> DateRange | None:
    """Return the range if there are such days, else None."""
    for point in (date_range.first, date_range.last):
        if point.year is not None and not 1900 <= point.year <= 2100:
            return None
        try:
            date(point.year or 2024, point.month or 1, point.day or 1)
        except ValueError:
            return None
    return date_range if date_range.days(2024) else None
