"""The days that a question speaks of, worked out from its words. Pure.

What is counted from the day of asking ("next 2 weeks", "rest of the month") is read here; everything else that
dates ("9-10 May", "Q3", "by Friday") by the grammar that reads the documents.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from text_to_num import text2num

from bot.wording import MONTHS, day, span
from ingest.dates import DateExpression, find_dates

_UNIT = r"(?P<unit>hour|day|week|fortnight|month|quarter|year)"
_COUNT = r"(?P<count>\d{1,4}|(?:a )?(?:couple(?: of)?|few)|several|[a-z]+(?:[- ][a-z]+)?)"
_VAGUE = {"couple": 2, "couple of": 2, "few": 3, "several": 4}
_PAST_WAYS = frozenset({"last", "past", "previous"})
_OFFSETS = {
    "this": 0,
    "current": 0,
    "the": 0,
    "next": 1,
    "coming": 1,
    "following": 1,
    "last": -1,
    "past": -1,
    "previous": -1,
}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_DAYS_OF = {"day": 1, "week": 7, "fortnight": 14}
# Farther off than this, a day without a year is the one that was.
_FAR = timedelta(days=270)
_PAST = re.compile(
    r"\b(?:was|were|did|happened|took place|held|went|had|ago|missed?|passed|since|last|past|been)\b", re.I
)
_LIMIT = re.compile(
    r"\b(?P<word>until|up to|by|no later than|before|ahead of|prior to|after|following|since|from|starting(?: from)?|(?:rest|remainder) of|(?:between|from) now (?:and|until|to))\s+"
    r"(?:(?:on|in|the)\s+)*$",
    re.I,
)
_BARE = re.compile(
    r"\b(?P<day>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b|(?<![0-9] )\b(?P<month>January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b|\b(?P<nth>\d{1,2}(?:st|nd|rd|th))(?=\W*$|\s*[?.,!;])|(?<![\d/.-])\b(?P<year>20\d\d)\b(?![/\d-]|\s+Agenda)"
)
# "Q1 next year"
_OF_YEAR = re.compile(
    rf"\b(?P<part>Q[1-4]|H[12]|quarter|half|spring|summer|autumn|fall|winter|{'|'.join(MONTHS)})(?:\s+of)?"
    r"\s+(?P<way>this|next|last)\s+year\b",
    re.I,
)
_CAUGHT = (ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends inclusive, None where open. `at_end`: somebody speaks of a last day ("by Friday")."""

    start: date | None
    end: date | None

    @property
    def label(self) -> str:
        """The days in words: "2–15 June 2025", "until 15 June 2025"."""
        if self.start and self.end:
            return span(self.start, self.end)
        if self.end:
            return f"until {day(self.end)}"
        return f"from {day(self.start)} on" if self.start else "all dates"

    def upcoming(self, as_of: date) -> Period:
        """Return what of it is not over as of a day; the whole where nothing of it is to come."""
        if self.end is not None and self.end < as_of:
            return self
        return replace(self, start=max(self.start or as_of, as_of))


def find_period(text: str, as_of: date) -> tuple[Period | None, str]:
    """Return the days that `text` speaks of, None for none, and `text` without the words that said so.

    A date without a year is the next one, or in a question about the past the last one.
    """
    past = _PAST.search(text) is not None
    text = _OF_YEAR.sub(lambda m: f"{m['part']} {as_of.year + _OFFSETS[m['way'].casefold()]}", text)
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


def _dates(text: str, as_of: date) -> list[DateExpression]:
    return find_dates(text, reference=as_of) if as_of.year < 9990 else []


def _led(text: str) -> str:
    """Return the text with a preposition before the first bare date, which the documents' grammar wants."""
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
    assert dated.start is not None and dated.end is not None
    if not dated.year_inferred or re.search(
        r"\b(?:this|next|last|today|tomorrow|yesterday)\b", dated.text, re.I
    ):
        return dated.start, dated.end
    weekday = re.search(r"day\b", dated.text, re.I) and not re.search(r"\d", dated.text)
    ways: list[tuple[date, date]] = []
    for years in (-2, -1, 0, 1, 2):
        try:
            if weekday:
                shift = timedelta(weeks=years)
                ways.append((dated.start + shift, dated.end + shift))
            elif re.fullmatch(r"(?:the )?\d{1,2}(?:st|nd|rd|th)", dated.text):
                ways.append((add_months(dated.start, years), add_months(dated.end, years)))
            else:
                ways.append((add_months(dated.start, 12 * years), _to_month_end(dated, 12 * years)))
        except _CAUGHT:
            continue
    if not ways:
        return dated.start, dated.end
    before = [way for way in ways if way[0] <= as_of]
    ahead = [way for way in ways if way[1] >= as_of]
    if past and before:
        return before[-1]
    if ahead and (dated.precision != "day" or ahead[0][0] - as_of <= _FAR or not before):
        return ahead[0]
    return before[-1] if before else ahead[0]


def _to_month_end(dated: DateExpression, months: int) -> date:
    assert dated.end is not None
    moved = add_months(dated.end, months)
    is_last = dated.end.day == monthrange(dated.end.year, dated.end.month)[1]
    return (
        moved.replace(day=monthrange(moved.year, moved.month)[1])
        if is_last and dated.precision != "day"
        else moved
    )


def _limited(found: Period, text: str, where: tuple[int, int], as_of: date) -> tuple[Period, str]:
    """Return the period with the word before it taken into account ("until", "since"), and the text without both."""
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
    try:
        if word.endswith(" of"):
            return Period(max(start, as_of), end), rest
        if word in {"until", "up to", "by", "no later than"} or " now " in word:
            return Period(None if end < as_of else as_of, end), rest
        if word in {"before", "ahead of", "prior to"}:
            last = start - timedelta(days=1)
            return Period(None if last < as_of else as_of, last), rest
        if word in {"after", "following"}:
            return Period(end + timedelta(days=1), None), rest
        if word in {"since", "from"} or word.startswith("starting"):
            if found.start == found.end or word == "since" or re.match(r"\s*(?:on|onwards?)\b", text[stop:]):
                return Period(start, as_of if word == "since" and start <= as_of else None), rest
    except OverflowError:
        pass
    return found, rest


def add_months(value: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day. Raises OverflowError beyond the calendar."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9998:
        raise OverflowError("out of the calendar")
    return date(year, month + 1, min(value.day, monthrange(year, month + 1)[1]))


def _later(value: date, count: int, unit: str) -> date:
    if unit == "hour":
        return value + timedelta(days=-(-count // 24))
    if unit in _DAYS_OF:
        return value + timedelta(days=count * _DAYS_OF[unit])
    return add_months(value, count * _MONTHS_OF[unit])


def unit_of(unit: str, value: date, offset: int = 0) -> tuple[date, date]:
    """Return the calendar week, month, quarter or year of `value`, or the `offset`-th one after it."""
    if unit in {"hour", "day"}:
        value += timedelta(days=offset)
        return value, value
    if unit in {"week", "fortnight"}:
        monday = value - timedelta(days=value.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(days=_DAYS_OF[unit] - 1)
    months = _MONTHS_OF[unit]
    first = add_months(value.replace(day=1, month=(value.month - 1) // months * months + 1), offset * months)
    return first, add_months(first, months) - timedelta(days=1)


def _number(words: str) -> int:
    bare = words.casefold().removeprefix("a ")
    if bare in {"a", "an"}:
        return 1
    if bare in _VAGUE:
        return _VAGUE[bare]
    return int(bare) if bare.isdigit() else int(text2num(bare.replace("-", " "), "en"))


def _rolling(match: re.Match[str], as_of: date) -> Period:
    count = _number(match["count"]) if match["count"] else 1
    if match["way"].casefold() in _PAST_WAYS:
        return Period(_later(as_of, -count, match["unit"].casefold()), as_of)
    return Period(as_of, _later(as_of, count, match["unit"].casefold()))


def _several(match: re.Match[str], as_of: date) -> Period:
    sign = -1 if match["way"].casefold() in _PAST_WAYS else 1
    other = _later(as_of, sign * 3, match["unit"].casefold())
    return Period(min(as_of, other), max(as_of, other))


def _within(match: re.Match[str], as_of: date) -> Period:
    return Period(as_of, _later(as_of, _number(match["count"]), match["unit"].casefold()))


def _ago(match: re.Match[str], as_of: date) -> Period:
    unit = match["unit"].casefold()
    return Period(*unit_of(unit, _later(as_of, -_number(match["count"]), unit)))


def _calendar(match: re.Match[str], as_of: date) -> Period:
    return Period(*unit_of(match["unit"].casefold(), as_of, _OFFSETS[match["way"].casefold()]))


def _rest(match: re.Match[str], as_of: date) -> Period:
    unit = match["unit"]
    end = unit_of(unit.casefold(), as_of)[1] if unit else _year_end(match["year"])
    return Period(as_of, end)


def _year_end(year: str) -> date:
    return date(int(year), 12, 31)


def _end(match: re.Match[str], as_of: date) -> Period:
    way = (match["way"] or "this").strip().casefold()
    return Period(as_of, unit_of(match["unit"].casefold(), as_of, _OFFSETS.get(way, 0))[1])


def _weekend(match: re.Match[str], as_of: date) -> Period:
    way = (match["way"] or "this").casefold()
    saturday = unit_of("week", as_of, _OFFSETS.get(way, 0))[0] + timedelta(days=5)
    return Period(saturday, saturday + timedelta(days=1))


def _week_number(match: re.Match[str], as_of: date) -> Period:
    year = int(match["year"]) if match["year"] else as_of.isocalendar().year
    monday = date.fromisocalendar(year, int(match["n"]), 1)
    return Period(monday, monday + timedelta(days=6))


def _days_away(match: re.Match[str], as_of: date) -> Period:
    word = match.group().casefold()
    offset = 2 * word.startswith("day after") - 2 * word.startswith("day before")
    offset = offset or {"tomorrow": 1, "yesterday": -1}.get(word, 0)
    return Period(as_of + timedelta(days=offset), as_of + timedelta(days=offset))


_NEXT = r"(?P<way>next|coming|following|upcoming|last|past|previous)"
_COUNTED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Period]], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.I), read)
    for pattern, read in (
        (rf"{_COUNT}\s+{_UNIT}s?\s+ago", _ago),
        (rf"{_NEXT}\s+{_COUNT}\s+{_UNIT}s?", _rolling),
        # "In the next month" runs from the day of asking; "next month" is the one of the calendar.
        (rf"(?:in|over|within|during)\s+the\s+{_NEXT}\s+(?P<count>){_UNIT}(?!\s+of\b)", _rolling),
        (rf"{_NEXT}\s+{_UNIT}s(?!\s+of)", _several),
        (rf"(?:in|within|over|for)\s+(?:the\s+)?{_COUNT}\s+{_UNIT}s?(?:['’]?\s+time)?", _within),
        (rf"(?:rest|remainder)\s+of\s+(?:(?:the|this|our)\s+)?(?:{_UNIT}|(?P<year>20\d\d))", _rest),
        (rf"(?:left|remaining|still)\s+(?:in\s+)?this\s+{_UNIT}(?P<year>)", _rest),
        (rf"(?:by|until|before|at)?\s*(?:the\s+)?end\s+of\s+(?P<way>the |this |next |last )?{_UNIT}", _end),
        (r"(?P<way>this|next|last|coming)?\s*(?:the\s+)?weekend", _weekend),
        (
            r"(?:iso\s+|calendar\s+)?week\s+(?:no\.?\s*|number\s+|nr\.?\s*)?(?P<n>\d{1,2})(?:\s+(?:of\s+)?(?P<year>20\d\d))?",
            _week_number,
        ),
        (r"day after tomorrow|day before yesterday|today|tonight|tomorrow|yesterday|right now", _days_away),
        (rf"(?P<way>this|current|next|coming|following|last|past|previous)\s+{_UNIT}(?!\s+of)", _calendar),
        # "A fortnight from now"
        (rf"{_COUNT}\s+{_UNIT}s?\s+from\s+(?:now|today)", _within),
    )
)
