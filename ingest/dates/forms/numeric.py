"""Dates in figures: "12/10/2026", "27.04 – 06.05.11", "30.VI", "2020-11-03/05", "2026-12".

The day comes first, as in Europe and the United Nations, unless another date of the same text can only be read
with the month first.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.text.words import ABBREVIATED_MONTHS, MONTHS, ROMAN_MONTHS

# Whether figures are a date: SURE; unless a word before makes them a number (NUMBERED); only after a word that asks
# for a date, or alone in a cell or line (DOUBTFUL); unless they are a decimal that ends a sentence (DOTTED, "24.04.").
SURE, NUMBERED, DOUBTFUL, DOTTED = 0, 1, 2, 3

_DASH = "[-–—‑−]"
_MONTH = r"(?:\d{1,2}|XI{0,2}|IX|IV|V?I{1,3}|V)"
_END = rf"(?![\w/%°]|[.,:]\d|{_DASH}\d|\s?%)"
_DAYS = re.compile(
    rf"""
    (?:(?P<d1>\d{{1,2}})(?:(?P<s1>[./])(?P<m1>{_MONTH})(?:(?P=s1)(?P<y1>\d{{4}}|\d\d))?)?(?P<dot>\.?)(?P<gap>\s?{_DASH}\s?)
     | (?P<d0>\d{{1,2}})\s(?:to|until|till)\s)?
    (?P<d2>\d{{1,2}})(?P<s2>[./])(?P<m2>{_MONTH})(?:(?P=s2)(?P<y2>\d{{4}}|\d\d))?{_END}
    """,
    re.VERBOSE,
)
_DASHED = re.compile(rf"(?P<d2>\d{{1,2}})-(?P<m2>\d{{1,2}})-(?P<y2>\d{{4}}|\d\d){_END}")
_ISO = re.compile(
    r"(?P<y>\d{4})(?P<connector>[-/])(?P<m>\d\d)(?P=connector)(?P<d>\d\d)"
    r"(?:/(?:(?P<m2>\d\d)-)?(?P<d2>\d\d)(?![\w/-]))?(?=T\d|(?![\w-]|/\D))"
)
_ISO_MONTH = re.compile(r"(?P<y>(?:19|20)\d\d)-(?P<m>0[1-9]|1[0-2])(?![\w/-]|[.,:]\d)")
_PART_OF_MORE = re.compile(rf"[\w./+$€£-]|(?<=\d){_DASH}")
# "4-15-20" is the number of a paper as often as a date.
_FIRST_CAN_NOT_BE_MONTH = {
    mark: re.compile(rf"(?<![\w./-])(?:0?[1-9]|1[0-2]){mark}(?:1[3-9]|2\d|3[01]){mark}(?:{year})(?![\w/-])")
    for mark, year in (("/", r"(?:19|20)\d\d|\d\d"), ("-", r"(?:19|20)\d\d"))
}
_MONTH_BEHIND = re.compile(
    rf"(?:\.?\s{{1,3}}(?:of\s)?|-)(?P<month>{'|'.join([*MONTHS, *ABBREVIATED_MONTHS])})\b", re.IGNORECASE
)
# A range without a year that is longer is a pair of fractions.
_LONGEST = 200


Marks = frozenset[str]


class NumericDate(NamedTuple):
    """Figures that end at `stop`, with their date range, None if there is no such day."""

    stop: int
    range: DateRange | None
    doubt: int


def month_first(text: str) -> Marks:
    """Return the marks with which a date of the text can only be read with the month first ("03/25/2025")."""
    return frozenset(mark for mark, written in _FIRST_CAN_NOT_BE_MONTH.items() if written.search(text))


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
    found = _ISO.match(text, start)
    if found:
        year, month, day = (int(found[name]) for name in ("y", "m", "d"))
        last = PartialDate(year, int(found["m2"] or month), int(found["d2"] or day))
        return NumericDate(found.end(), _real(DateRange(PartialDate(year, month, day), last)), SURE)
    found = _ISO_MONTH.match(text, start)
    if found is None or _before_month(text, found.end()):
        return None
    year, month = int(found["y"]), int(found["m"])
    # "2010-11" is the year 2010 to 2011 to those who write of budgets.
    doubt = DOUBTFUL if month == (year + 1) % 100 else NUMBERED
    return NumericDate(found.end(), DateRange.of(year, month), doubt)


def _before_month(text: str, at: int) -> bool:
    """Return whether the name of a month follows, which the verbs "may" and "march" are not."""
    behind = _MONTH_BEHIND.match(text, at)
    return behind is not None and behind["month"][0].isupper()


def _dashed(text: str, start: int, american: Marks) -> NumericDate | None:
    found = _DASHED.match(text, start)
    if found is None:
        return None
    day = _point(found["d2"], found["m2"], found["y2"], "-" in american)
    date_range = _real(DateRange(day, day))
    if len(found["y2"]) == 4:
        return NumericDate(found.end(), date_range, SURE)
    return NumericDate(found.end(), date_range, DOUBTFUL) if date_range else None


def _days(text: str, start: int, marks: Marks) -> NumericDate | None:
    found = _DAYS.match(text, start)
    if found is None:
        return None
    roman = not found["m2"].isdecimal()
    american = found["s2"] in marks and not roman
    last = first = _point(found["d2"], found["m2"], found["y2"], american)
    year_stated = found["y2"] is not None
    ranged = found["d0"] or found["d1"]
    if ranged:
        first = _point(ranged, found["m1"] or found["m2"], found["y1"], american)
        if found["m1"] is None:
            if american:
                return None
            first = PartialDate(last.year, last.month, first.day)
        if found["y1"] and not year_stated:
            last = DateRange(first, last).in_year(0).last
            year_stated = True
        elif year_stated and not found["y1"] and found["m1"]:
            first = DateRange(first, last).in_year(0).first
    date_range = _real(DateRange(first, last))
    stop = found.end()
    dotted = not year_stated and not roman and found["s2"] == "."
    if dotted:
        if not _closed(found):
            return None
        stop += 1
    if not year_stated and date_range is None:
        return None
    # "10/11/12 May": what looks like a year of two figures may be the last day of three.
    if len(found["y2"] or found["y1"] or "") < 4 and _before_month(text, stop):
        return None
    if date_range is None:
        return NumericDate(found.end(), None, SURE) if len(found["y2"] or found["y1"]) == 4 else None
    if ranged and not year_stated:
        days = date_range.days(2024)
        if days is None or days[0] == days[1] or (days[1] - days[0]).days > _LONGEST:
            return None
    # Nobody writes a dot behind both ends of a range of decimals.
    lone = dotted and not found["dot"]
    return NumericDate(stop, date_range, DOTTED if lone else _doubt(found, year_stated, roman or dotted))


def _closed(found: re.Match[str]) -> bool:
    """Return whether a day and month without a year have the closing dot of a date ("24.04.", "27.04. – 03.05.")."""
    day, month = found["d2"], found["m2"]
    behind = found.string[found.end() : found.end() + 2]
    if behind[:1] != "." or behind[1:].isalnum() or (found["m1"] is not None and not found["dot"]):
        return False
    # "3.10." and "12.11." are clauses as often as days.
    return len(month) == 2 and ("0" in (day[0], month[0]) or int(day) > 12)


def _doubt(found: re.Match[str], year_stated: bool, known_month: bool) -> int:
    if len(found["y2"] or found["y1"] or "") == 4:
        return SURE
    if not year_stated:
        if known_month:
            return DOUBTFUL if len(found["m2"]) == 1 else NUMBERED
        ranged = found["gap"] is not None and (found["m1"] is not None or " " not in found["gap"])
        return NUMBERED if ranged else DOUBTFUL
    padded = len(found["d2"]) == len(found["m2"]) == 2
    return NUMBERED if found["gap"] or found["d0"] or padded or found["s2"] == "/" else DOUBTFUL


def _point(first: str, second: str, year: str | None, american: bool) -> PartialDate:
    stated = int(year) if year else None
    if stated is not None and year is not None and len(year) == 2:
        stated = full_year(stated)
    month = int(second) if second.isdecimal() else ROMAN_MONTHS[second]
    day = int(first)
    # A month that there is not in the one order is the day of the other, where the year leaves no doubt of a date.
    if american or (month > 12 >= day and year is not None and len(year) == 4):
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
