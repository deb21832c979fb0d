"""What people type for a stretch of time ("next 30 days", "this week", "September", "by Friday").

Pure, given the day on which it is typed. Documents have their own grammar of dates; this one reads
questions: relative words first, then calendar words, and single days by dateparser.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.wording import MONTHS, day, span

_UNITS = {"day": 1, "week": 7, "fortnight": 14}
_NUMBERS = {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3, "several": 4}
_NUMBERS |= {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_NUMBERS |= {"nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "thirty": 30, "sixty": 60, "ninety": 90}
_COUNT = r"\d{1,4}|" + "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
_UNIT = r"day|week|fortnight|month|quarter|year"
_MONTH_NAMES = {name.lower()[:3]: number for number, name in enumerate(MONTHS, 1)}
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR = r"(?:19|20|21)\d\d"
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2)}
# Days; farther off than this, a day without a year is the last one and not the next.
_FAR = 270
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_WEEKDAYS = r"mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thur?s?(?:day)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that somebody means, both ends inclusive, None where open; `words` are those that said so."""

    start: date | None
    end: date | None
    label: str
    words: str


_Range = tuple[date, date, str]


def add_months(value: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day where it has no such day."""
    index = value.year * 12 + value.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9998:
        raise OverflowError("out of the calendar")
    return date(year, month + 1, min(value.day, monthrange(year, month + 1)[1]))


def _later(value: date, count: int, unit: str) -> date:
    if unit in _UNITS:
        return value + timedelta(days=count * _UNITS[unit])
    return add_months(value, count * {"month": 1, "quarter": 3, "year": 12}[unit])


def period(unit: str, value: date, offset: int = 0) -> tuple[date, date]:
    """Return the calendar week, month, quarter or year of `value`, or the `offset`-th one after it."""
    if unit == "day":
        value += timedelta(days=offset)
        return value, value
    if unit in {"week", "fortnight"}:
        monday = value - timedelta(days=value.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(days=_UNITS[unit] - 1)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = value.replace(day=1, month=(value.month - 1) // months * months + 1)
    first = add_months(first, offset * months)
    return first, add_months(first, months) - timedelta(days=1)


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _NUMBERS[" ".join(words.split())]


def _rolling(found: re.Match[str], as_of: date, _past: bool) -> _Range:
    unit = found["unit"]
    count = _number(found["count"]) if found["count"] else (3 if found["plural"] else 1)
    words = f"{count} {unit}s" if count != 1 else unit
    if found["way"] in {"last", "past", "previous"}:
        return _later(as_of, -count, unit), as_of, f"the last {words}"
    return as_of, _later(as_of, count, unit), f"the next {words}"


def _calendar(found: re.Match[str], as_of: date, _past: bool) -> _Range:
    offset = {"this": 0, "the current": 0, "next": 1, "coming": 1, "last": -1, "previous": -1, "past": -1}
    start, end = period(found["unit"], as_of, offset[found["way"]])
    return start, end, f"{found['way']} {found['unit']} ({span(start, end)})"


def _within(found: re.Match[str], as_of: date, _past: bool) -> _Range:
    count, unit = _number(found["count"]), found["unit"]
    words = f"{count} {unit}s" if count != 1 else unit
    return as_of, _later(as_of, count, unit), f"the next {words}"


def _ago(found: re.Match[str], as_of: date, _past: bool) -> _Range:
    then = _later(as_of, -_number(found["count"]), found["unit"])
    start, end = period(found["unit"], then)
    return start, end, span(start, end)


def _rest(found: re.Match[str], as_of: date, _past: bool) -> _Range:
    end = period(found["unit"], as_of)[1]
    return as_of, end, f"the rest of the {found['unit']} (until {day(end)})"


def _named_day(found: re.Match[str], as_of: date, _past: bool) -> _Range:
    word = found[0].lower()
    offset = {"tomorrow": 1, "yesterday": -1}.get(word, 0)
    value = as_of + timedelta(days=offset)
    return value, value, f"{word if offset else 'today'} ({day(value)})"


def _of_year(first: int, last: int, found: re.Match[str], as_of: date, past: bool, label: str) -> _Range:
    """The months `first` to `last` of the year stated, or of the nearest one the tense asks for."""

    def of(year: int) -> tuple[date, date]:
        start = date(year, first, 1)
        months = (last - first) % 12 + 1
        return start, add_months(start, months) - timedelta(days=1)

    if found["year"]:
        start, end = of(int(found["year"]))
    else:
        start, end = of(as_of.year)
        if not past and end < as_of:
            start, end = of(as_of.year + 1)
        elif past and start > as_of:
            start, end = of(as_of.year - 1)
    return start, end, f"{label} {start.year}"


def _month(found: re.Match[str], as_of: date, past: bool) -> _Range:
    month = _MONTH_NAMES[found["month"][:3].lower()]
    start, end, label = _of_year(month, month, found, as_of, past, MONTHS[month - 1])
    part = (found["part"] or "").strip().lower()
    if part.startswith("early"):
        return start, start.replace(day=10), f"early {label}"
    if part.startswith("mid"):
        return start.replace(day=11), start.replace(day=20), f"mid-{label}"
    if part:
        return start.replace(day=21), end, f"late {label}"
    return start, end, label


def _season(found: re.Match[str], as_of: date, past: bool) -> _Range:
    first, last = _SEASONS[found["season"].lower()]
    return _of_year(first, last, found, as_of, past, found["season"].lower())


def _quarter(found: re.Match[str], as_of: date, past: bool) -> _Range:
    number = int(found["q"]) if found["q"] else _ORDINALS[found["nth"].lower()]
    return _of_year(3 * number - 2, 3 * number, found, as_of, past, f"quarter {number} of")


def _half(found: re.Match[str], as_of: date, past: bool) -> _Range:
    second = found["nth"].lower() in {"second", "2nd"}
    label = f"the {'second' if second else 'first'} half of"
    return _of_year(7 if second else 1, 12 if second else 6, found, as_of, past, label)


def _year(found: re.Match[str], _as_of: date, _past: bool) -> _Range:
    year = int(found["year"])
    part = (found["part"] or "").strip().lower()
    if part.startswith("early"):
        return date(year, 1, 1), date(year, 4, 30), f"early {year}"
    if part.startswith("mid"):
        return date(year, 5, 1), date(year, 8, 31), f"mid-{year}"
    if part:
        return date(year, 10, 1), date(year, 12, 31), f"late {year}"
    return date(year, 1, 1), date(year, 12, 31), str(year)


def _days_of_month(found: re.Match[str], as_of: date, past: bool) -> _Range:
    month = _MONTH_NAMES[found["month"][:3].lower()]
    start, _, _ = _of_year(month, month, found, as_of, past, "")
    first, last = start.replace(day=int(found["first"])), start.replace(day=int(found["last"]))
    return first, last, span(first, last)


def _single_day(found: re.Match[str], as_of: date, past: bool) -> _Range:
    # Costs a third of a second to import, and most questions hold no single day.
    import dateparser

    value = dateparser.parse(
        re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|\b(?:of|next|this|coming|on)\b", "", found[0]),
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime(as_of.year, as_of.month, as_of.day),
            "PREFER_DATES_FROM": "past" if past else "future",
            "DATE_ORDER": "DMY",
            "REQUIRE_PARTS": [] if found["weekday"] else ["day", "month"],
        },
    )
    if value is None:
        raise ValueError(found[0])
    return value.date(), value.date(), day(value.date())


_PART = r"(?P<part>(?:early|mid|late|(?:the )?end of)[\s\-]+)?"
_OPTIONAL_YEAR = rf"(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?"
_WAYS: tuple[tuple[str, Callable[[re.Match[str], date, bool], _Range]], ...] = (
    (rf"(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})s?\s+ago", _ago),
    (
        rf"(?P<way>next|coming|following|upcoming|last|past|previous)\s+(?P<count>{_COUNT})\s+"
        rf"(?P<unit>{_UNIT})(?P<plural>s)?",
        _rolling,
    ),
    # "in the next month" runs from today; "next month" is the one on the calendar.
    (
        rf"(?:the\s+(?P<way>next|coming|following|last|past|previous))\s+(?P<count>)(?P<unit>{_UNIT})(?P<plural>s)?",
        _rolling,
    ),
    (rf"(?P<way>next|coming|last|past)\s+(?P<count>)(?P<unit>{_UNIT})(?P<plural>s)", _rolling),
    (rf"(?P<way>this|the current|next|coming|last|previous|past)\s+(?P<unit>{_UNIT})", _calendar),
    (rf"(?:the\s+)?(?:rest|remainder|end)\s+of\s+(?:the|this)\s+(?P<unit>{_UNIT})", _rest),
    (rf"(?:in|within)\s+(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})s?(?:'? time)?", _within),
    (r"today|tonight|right now|at the moment|currently|tomorrow|yesterday", _named_day),
    (
        rf"(?P<first>\d\d?)\s*(?:[-–]|to|and)\s*(?P<last>\d\d?)\s+(?P<month>{_MONTH}){_OPTIONAL_YEAR}",
        _days_of_month,
    ),
    (
        rf"(?P<weekday>)(?:\d{{4}}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{{4}}"
        rf"|\d\d?(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})(?:,?\s+{_YEAR})?"
        rf"|(?:{_MONTH})\s+\d\d?(?:st|nd|rd|th)?(?!\d)(?:,?\s+{_YEAR})?)",
        _single_day,
    ),
    (rf"(?P<nth>first|second|1st|2nd)\s+half(?:\s+of)?{_OPTIONAL_YEAR}", _half),
    (
        rf"(?:q(?P<q>[1-4])|(?P<nth>first|second|third|fourth|[1-4](?:st|nd|rd|th))\s+quarter){_OPTIONAL_YEAR}",
        _quarter,
    ),
    (rf"{_PART}(?P<month>{_MONTH}){_OPTIONAL_YEAR}", _month),
    (rf"(?P<season>spring|summer|autumn|fall|winter){_OPTIONAL_YEAR}", _season),
    (rf"(?:(?:on|by|before|until|after|since|next|this)\s+)(?P<weekday>{_WEEKDAYS})", _single_day),
    (rf"{_PART}(?<![/\d-])(?<!Agenda )(?P<year>{_YEAR})(?![/\d]|-\d| Agenda)", _year),
)
_COMPILED = tuple((re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), read) for pattern, read in _WAYS)
_UP_TO = re.compile(
    r"\b(before|until|till|by|up to|prior to|ahead of|no later than|not later than)\s+(?:the\s+)?$", re.I
)
_FROM = re.compile(r"\b(after|since|from|starting|beginning|following)\s+(?:on\s+|in\s+)?(?:the\s+)?$", re.I)
_JOINED = re.compile(r"\s*(?:and|to|until|till|through|[-–])\s*$", re.I)


def _first(text: str, as_of: date, past: bool) -> tuple[_Range, int, int] | None:
    """The stretch that stands first in `text`; among those that begin together, the longest."""
    best: tuple[_Range, int, int] | None = None
    for pattern, read in _COMPILED:
        found = pattern.search(text)
        # "may" is a verb unless it is written as a month or stands after a preposition.
        if (
            found
            and found[0] == "may"
            and not re.search(r"\b(?:in|of|for|by|this|next)\s+$", text[: found.start()])
        ):
            continue
        if found is None or (best and (found.start(), -found.end()) >= (best[1], -best[2])):
            continue
        try:
            best = (read(found, as_of, past), found.start(), found.end())
        except (ValueError, OverflowError):
            # "31 February" is no day, and not February either.
            return None
    return best


def find_stretch(text: str, as_of: date, *, past: bool = False) -> Stretch | None:
    """Return the stretch of time that `text` speaks of, seen from `as_of`; None if it names none.

    A month without a year is the coming one, or with `past` the one that was.
    """
    past = past or re.search(r"(?i)\bsince\b", text) is not None
    found = _first(text, as_of, past)
    if found is None:
        return None
    (start, end, label), begin, stop = found
    before = text[:begin]
    second = _first(text[stop:], as_of, past)
    if second and _JOINED.fullmatch(text[stop : stop + second[1]]):
        (_, last, _), _, length = second
        if last >= start:
            words = text[begin : stop + length]
            return Stretch(start, last, span(start, last), words)
    inner = re.match(r"(?i)(on|by|before|until|after|since)\s", text[begin:stop])
    limit = inner or _UP_TO.search(before) or _FROM.search(before)
    words = text[begin:stop] if inner or not limit else text[limit.start() : stop]
    word = limit[1].lower() if limit else ""
    if not (past or limit) and start == end and (start - as_of).days > _FAR and not re.search(_YEAR, words):
        # "9 May", asked in June, is the one just gone.
        return find_stretch(text, as_of, past=True)
    if word in {"before", "prior to", "ahead of"}:
        return Stretch(
            None, start - min(timedelta(days=1), start - date.min), f"the time before {label}", words
        )
    if word in {"after", "following"}:
        return Stretch(end + min(timedelta(days=1), date.max - end), None, f"the time after {label}", words)
    if word in {"since", "from", "starting", "beginning"}:
        return Stretch(start, None, f"the time from {label} on", words)
    if word in {"until", "till", "by", "up to", "no later than", "not later than"}:
        return Stretch(None, end, f"the time until {day(end)}", words)
    return Stretch(start, end, label, words)
