"""The period that a question names. Pure.

Periods relative to today ("next 2 weeks", "rest of the month") are parsed here, all other dates ("9-10 May", "Q3",
"by Friday") by the grammar that reads the documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from text_to_num import text2num

from bot.register.date_format import MONTHS, add_days, add_months, day, day_range
from ingest.dates import ABBREVIATED_MONTHS, SEASONS, WEEKDAYS, DateExpression, find_dates

_UNIT = r"(?P<unit>hour|day|week|fortnight|month|quarter|year)"
_COUNT = r"(?P<count>\d{1,4}|(?:a )?(?:couple(?: of)?|few)|several|[a-z]+(?:[- ][a-z]+)?)"
_NEXT = r"(?P<way>next|coming|following|upcoming|last|past|previous)"
_VAGUE = {"a": 1, "an": 1, "couple": 2, "couple of": 2, "few": 3, "several": 3}
# How many units from now: "next week" is one on.
_OFFSETS = {"next": 1, "coming": 1, "following": 1, "last": -1, "past": -1, "previous": -1}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_DAYS_OF = {"hour": 1, "day": 1, "week": 7, "fortnight": 14}
# Farther off than this, a day without a year is the one that was.
_FAR = timedelta(days=270)
_PAST = re.compile(
    r"\b(?:was|were|did|happened|took place|held|went|had|ago|missed?|passed|since|last|past|been)\b", re.I
)
_LIMIT = re.compile(
    r"\b(?P<word>until|up to|by|no later than|before|ahead of|prior to|after|following|since|from|starting(?: from)?"
    r"|(?:rest|remainder) of|(?:between|from) now (?:and|until|to))\s+(?:(?:on|in|the)\s+)*$",
    re.I,
)
# Dates that the documents' grammar reads only after a preposition.
_BARE = re.compile(
    rf"\b(?P<day>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b|(?<![0-9] )\b(?P<month>{'|'.join(MONTHS)})\b"
    r"|\b(?P<nth>\d{1,2}(?:st|nd|rd|th))(?=\W*$|\s*[?.,!;])|(?<![\d/.-])\b(?P<year>20\d\d)\b(?![/\d-]|\s+Agenda)"
)
# "Q1 next year"
_OF_YEAR = re.compile(
    rf"\b(?P<part>Q[1-4]|H[12]|quarter|half|spring|summer|autumn|fall|winter|{'|'.join(MONTHS)})(?:\s+of)?"
    r"\s+(?P<way>this|next|last)\s+year\b",
    re.I,
)
_CAUGHT = (ValueError, OverflowError)
# Each period has a figure, alone or after one or two letters ("Q3"), or one of these words. The units are parts of
# more: "Monday", "today", "years".
_SHORT_NAMES = "|".join(sorted({*ABBREVIATED_MONTHS, *WEEKDAYS, "may"}))
_PERIOD_WORDS = re.compile(
    r"(?:^|[\W_]|(?<![^\W_])[^\W\d_]{1,2})\d"
    rf"|(?i:{'|'.join((*MONTHS, *SEASONS))}|hour|day|week|fortnight|month|quarter|half|year|tonight|tomorrow|right now)"
    rf"|(?<![^\W_])(?=[A-Z])(?i:{_SHORT_NAMES})(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends inclusive, None where open."""

    start: date | None
    end: date | None

    @property
    def label(self) -> str:
        """The days in words: "2–15 June 2025", "until 15 June 2025"."""
        if self.start and self.end:
            return day_range(self.start, self.end)
        if self.end:
            return f"until {day(self.end)}"
        return f"from {day(self.start)} on" if self.start else "all dates"

    @property
    def words(self) -> str:
        """The days within a sentence: "for 2–15 June 2025", "on 2 June 2025", "" for always."""
        if self.start and self.end:
            return f"{'on' if self.start == self.end else 'for'} {self.label}"
        return self.label if self.start or self.end else ""

    @property
    def heading(self) -> str:
        """The heading of a list of these days: "From 2 June 2025 on:"."""
        return f"{self.label[:1].upper()}{self.label[1:]}:"

    def upcoming(self, as_of: date) -> Period:
        """Return the part that is not over as of a day; the whole period if all of it is over."""
        if self.end is not None and self.end < as_of:
            return self
        return replace(self, start=max(self.start or as_of, as_of))


def may_name_period(text: str) -> bool:
    """Return whether a text has a word of a period; no dates are read. False only where `find_period` finds none."""
    return _PERIOD_WORDS.search(text) is not None


def find_period(text: str, as_of: date) -> tuple[Period | None, str]:
    """Return the period that `text` names, None for none, and `text` without its words.

    A date without a year is the next one, or in a question about the past the last one.
    """
    past = _PAST.search(text) is not None
    text = _OF_YEAR.sub(lambda m: f"{m['part']} {as_of.year + _OFFSETS.get(m['way'].casefold(), 0)}", text)
    for pattern, read in _COUNTED:
        match = pattern.search(text)
        if match is None:
            continue
        try:
            found = read(match, as_of)
        except _CAUGHT:
            continue
        return _limited(found, text, match.span(), as_of)
    for dated in (text, _led(text)):
        found_dates = [e for e in _dates(dated, as_of) if e.start and e.end and not e.named]
        if found_dates:
            return _of_dates(found_dates, dated, as_of, past)
    return None, text


# The steps of one answer ask for the period of the same question.
@lru_cache(maxsize=64)
def _dates(text: str, as_of: date) -> tuple[DateExpression, ...]:
    return tuple(find_dates(text, reference=as_of)) if as_of.year < 9990 else ()


def _led(text: str) -> str:
    """Return the text with a preposition before the first bare date, as the documents' grammar requires."""
    return _BARE.sub(
        lambda match: f"{'in' if match['month'] or match['year'] else 'on'} {match.group()}", text, count=1
    )


def _of_dates(found: list[DateExpression], text: str, as_of: date, past: bool) -> tuple[Period | None, str]:
    first, last = found[0], found[0]
    # "from May to the end of July" may be read as two.
    if len(found) > 1 and re.fullmatch(
        r"\s*(?:and|to|until|through|[-–+&/])\s*(?:the\s+)?", text[first.span[1] : found[1].span[0]]
    ):
        last = found[1]
    start, end = _year_of(first, as_of, past)
    if last is not first:
        _, end = _year_of(last, max(as_of, start) if not past else as_of, past)
    if end < start:
        return None, text
    where = (first.span[0], last.span[1])
    within = re.match(r"(?:on|by|before|until|after|since|in)\s+(?:the\s+)?", text[where[0] : where[1]], re.I)
    if within:
        where = (where[0] + within.end(), where[1])
    return _limited(Period(start, end), text, where, as_of)


def _year_of(dated: DateExpression, as_of: date, past: bool) -> tuple[date, date]:
    """Return the days of an expression; one without a year, month or week gets the likeliest one."""
    first, last = dated.start or as_of, dated.end or as_of
    if not dated.year_inferred or re.search(
        r"\b(?:this|next|last|today|tomorrow|yesterday)\b", dated.text, re.I
    ):
        return first, last
    unit = "year"
    if re.fullmatch(r"\D*day", dated.text, re.I):
        unit = "week"
    elif re.fullmatch(r"(?:the )?\d{1,2}(?:st|nd|rd|th)", dated.text):
        unit = "month"
    ways = [
        way
        for count in (-2, -1, 0, 1, 2)
        if (way := _moved(first, last, count, unit, dated.precision == "day"))
    ]
    before = [way for way in ways if way[0] <= as_of]
    ahead = [way for way in ways if way[1] >= as_of]
    if before and (past or not ahead or (dated.precision == "day" and ahead[0][0] - as_of > _FAR)):
        return before[-1]
    return ahead[0] if ahead else (first, last)


def _moved(first: date, last: date, count: int, unit: str, exact: bool) -> tuple[date, date] | None:
    try:
        start, end = _later(first, count, unit), _later(last, count, unit)
        # The end of February is another day in a leap year.
        ends_month = not exact and (last + timedelta(days=1)).day == 1
        return start, _unit_of("month", end)[1] if ends_month else end
    except _CAUGHT:
        return None


def _limited(found: Period, text: str, where: tuple[int, int], as_of: date) -> tuple[Period, str]:
    """Return the period as limited by the word before it ("until", "since"), and the text without both."""
    begin, stop = where
    limit = _LIMIT.search(text[:begin])
    word = limit["word"].casefold() if limit else ""
    if limit:
        begin = limit.start()
    else:
        lead = re.search(
            r"\b(?:in|on|within|during|over|for|of|at|between|the|is)\s+(?:the\s+)?$", text[:begin], re.I
        )
        begin = lead.start() if lead else begin
    rest = f"{text[:begin]} {text[stop:]}"
    start, end = found.start or as_of, found.end or as_of
    if word.endswith(" of"):
        return Period(max(start, as_of), end), rest
    if word in {"until", "up to", "by", "no later than", "before", "ahead of", "prior to"} or " now " in word:
        last = add_days(start, -1) if word in {"before", "ahead of", "prior to"} else end
        return Period(None if last < as_of else as_of, last), rest
    if word in {"after", "following"}:
        return Period(add_days(end, 1), None), rest
    open_ended = found.start == found.end or re.match(r"\s*(?:on|onwards?)\b", text[stop:])
    if word == "since":
        return Period(start, as_of if start <= as_of else None), rest
    if word.startswith(("from", "starting")) and open_ended:
        return Period(start, None), rest
    return found, rest


def _later(value: date, count: int, unit: str) -> date:
    if unit == "hour":
        count = -(-count // 24)
    if unit in _DAYS_OF:
        return value + timedelta(days=count * _DAYS_OF[unit])
    return add_months(value, count * _MONTHS_OF[unit])


def _unit_of(unit: str, value: date, offset: int = 0) -> tuple[date, date]:
    """Return the calendar week, month, quarter or year of `value`, or the `offset`-th one after it."""
    if unit in _MONTHS_OF:
        months = _MONTHS_OF[unit]
        first = add_months(
            value.replace(day=1, month=(value.month - 1) // months * months + 1), offset * months
        )
    else:
        first = value - timedelta(days=value.weekday() if _DAYS_OF[unit] > 1 else 0)
        first += timedelta(days=offset * min(_DAYS_OF[unit], 7))
    return first, _later(first, 1, unit) - timedelta(days=1)


def _number(words: str) -> int:
    bare = words.casefold()
    bare = bare if bare in _VAGUE else bare.removeprefix("a ")
    if bare in _VAGUE:
        return _VAGUE[bare]
    return int(bare) if bare.isdigit() else int(text2num(bare.replace("-", " "), "en"))


def _group(match: re.Match[str], name: str) -> str:
    return (match.groupdict().get(name) or "").strip().casefold()


def _rolling(match: re.Match[str], as_of: date) -> Period:
    """Return a number of units from today, forward or back: three for "coming weeks"."""
    plural = match.group().casefold().endswith("s")
    count = _number(_group(match, "count")) if _group(match, "count") else 3 if plural else 1
    back = _OFFSETS.get(_group(match, "way"), 1) < 0
    other = _later(as_of, -count if back else count, _group(match, "unit"))
    return Period(min(as_of, other), max(as_of, other))


def _ago(match: re.Match[str], as_of: date) -> Period:
    unit = _group(match, "unit")
    return Period(*_unit_of(unit, _later(as_of, -_number(_group(match, "count")), unit)))


def _calendar(match: re.Match[str], as_of: date) -> Period:
    return Period(*_unit_of(_group(match, "unit"), as_of, _OFFSETS.get(_group(match, "way"), 0)))


def _to_end(match: re.Match[str], as_of: date) -> Period:
    """Return the rest of a unit: until its end."""
    return Period(as_of, _calendar(match, as_of).end)


def _weekend(match: re.Match[str], as_of: date) -> Period:
    monday, sunday = _unit_of("week", as_of, _OFFSETS.get(_group(match, "way"), 0))
    return Period(monday + timedelta(days=5), sunday)


def _week_number(match: re.Match[str], as_of: date) -> Period:
    year = int(_group(match, "year") or as_of.isocalendar().year)
    monday = date.fromisocalendar(year, int(match["n"]), 1)
    return Period(monday, monday + timedelta(days=6))


def _days_away(match: re.Match[str], as_of: date) -> Period:
    offset = {"tomorrow": 1, "yesterday": -1, "day after tomorrow": 2, "day before yesterday": -2}
    value = as_of + timedelta(days=offset.get(match.group().casefold(), 0))
    return Period(value, value)


_COUNTED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Period]], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.I), read)
    for pattern, read in (
        (rf"{_COUNT}\s+{_UNIT}s?\s+ago", _ago),
        (rf"{_NEXT}\s+{_COUNT}\s+{_UNIT}s?", _rolling),
        # "In the next month" runs from the day of asking; "next month" is the one of the calendar.
        (rf"(?:in|over|within|during)\s+the\s+{_NEXT}\s+{_UNIT}(?!\s+of\b)", _rolling),
        (rf"{_NEXT}\s+{_UNIT}s(?!\s+of)", _rolling),
        (rf"(?:in|within|over|for)\s+(?:the\s+)?{_COUNT}\s+{_UNIT}s?(?:['’]?\s+time)?", _rolling),
        (rf"{_COUNT}\s+{_UNIT}s?\s+from\s+(?:now|today)", _rolling),
        (rf"(?:left|remaining|still)\s+(?:in\s+)?this\s+{_UNIT}", _to_end),
        (
            r"(?:(?:by|until|before|at)\s+)?(?:the\s+)?(?:rest|remainder|end)\s+of\s+"
            rf"(?P<way>the |this |our |next |last )?{_UNIT}",
            _to_end,
        ),
        (r"(?P<way>this|next|last|coming)?\s*(?:the\s+)?weekend", _weekend),
        (
            r"(?:iso\s+|calendar\s+)?week\s+(?:no\.?\s*|number\s+|nr\.?\s*)?(?P<n>\d{1,2})"
            r"(?:\s+(?:of\s+)?(?P<year>20\d\d))?",
            _week_number,
        ),
        (r"day after tomorrow|day before yesterday|today|tonight|tomorrow|yesterday|right now", _days_away),
        (rf"(?P<way>this|current|next|coming|following|last|past|previous)\s+{_UNIT}(?!\s+of)", _calendar),
    )
)
