"""The period that a question names. Pure.

Periods that are counted from today ("next 2 weeks", "rest of the month") are those of vocabulary.toml; all other dates
("9-10 May", "Q3", "by Friday") are read by the grammar that reads the documents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from text_to_num import text2num

from bot.register.date_format import add_days, add_months, day, day_range
from bot.register.questions.vocabulary import PATTERNS, PERIODS, WORDS
from ingest.dates import ABBREVIATED_MONTHS, MONTHS, SEASONS, WEEKDAYS, DateExpression, find_dates

_VAGUE = {"a": 1, "an": 1, "couple": 2, "couple of": 2, "few": 3, "several": 3}
# How many units from now: "next week" is one on.
_OFFSETS = {"next": 1, "coming": 1, "following": 1, "last": -1, "past": -1, "previous": -1}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_DAYS_OF = {"hour": 1, "day": 1, "week": 7, "fortnight": 14}
# Farther off than this, a day without a year is the one that was.
_FAR = timedelta(days=270)
_JOINING = re.compile(r"\s*(?:and|to|until|through|[-–+&/])\s*(?:the\s+)?")
_LIMIT = re.compile(
    r"\b(?:(?:(?P<before>before|ahead of|prior to)|(?P<after>after|following)|(?P<since>since)"
    r"|(?P<until>until|up to|by|no later than|(?:between|from) now (?:and|until|to))"
    r"|(?P<open>from|starting(?: from)?)|(?P<rest>(?:rest|remainder) of))\s+(?:(?:on|in|the)\s+)*"
    r"|(?:in|on|within|during|over|for|of|at|between|the|is)\s+(?:the\s+)?)$",
    re.I,
)
_CAUGHT = (ValueError, OverflowError)
# A date has a figure, alone or after one or two letters ("Q3"), or one of these words. The units are parts of more:
# "Monday", "today", "years". Most questions have none, and are spared the grammar of dates.
_SHORT_NAMES = "|".join(sorted({*ABBREVIATED_MONTHS, *WEEKDAYS, "may"}))
_DATE_WORDS = re.compile(
    r"(?:^|[\W_]|(?<![^\W_])[^\W\d_]{1,2})\d"
    rf"|(?i:{'|'.join((*MONTHS, *SEASONS))}|hour|day|week|fortnight|month|quarter|half|year|tonight|tomorrow)"
    rf"|(?<![^\W_])(?i:{_SHORT_NAMES})(?![^\W_])"
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


def find_period(text: str, as_of: date) -> tuple[Period | None, str]:
    """Return the period that `text` names, None for none, and `text` without its words.

    A date without a year is the next one, or in a question about the past the last one.
    """
    text = PATTERNS["of_year"].sub(
        lambda match: f"{match[1]} {as_of.year + _OFFSETS.get(match[2].casefold(), 0)}", text
    )
    for days, pattern in PERIODS:
        if match := pattern.search(text):
            try:
                return _limited(_counted(days, match, as_of), text, match.span(), as_of)
            except _CAUGHT:
                continue
    may_date = as_of.year < 9990 and _DATE_WORDS.search(text)
    dates = find_dates(text, reference=as_of, bare=True) if may_date else []
    dated = [one for one in dates if one.start and one.end]
    dated = [one for one in dated if not one.named] or dated
    if not dated:
        return None, text
    past = WORDS["over"].search(text) is not None
    first = last = dated[0]
    start, end = _year_of(first, as_of, past)
    # "from May to the end of July" may be read as two.
    if len(dated) > 1 and _JOINING.fullmatch(text[first.span[1] : dated[1].span[0]]):
        last = dated[1]
        _, end = _year_of(last, as_of if past else max(as_of, start), past)
    if end < start:
        return None, text
    return _limited(Period(start, end), text, (first.span[0], last.span[1]), as_of)


def _year_of(dated: DateExpression, as_of: date, past: bool) -> tuple[date, date]:
    """Return the days of an expression; one without a year, month or week gets the likeliest one."""
    first, last = dated.start or as_of, dated.end or as_of
    if not dated.year_inferred or WORDS["reckoned"].search(dated.text):
        return first, last
    unit = "year"
    if re.fullmatch(r"\D*day", dated.text, re.I):
        unit = "week"
    elif re.fullmatch(r"(?:the )?\d{1,2}(?:st|nd|rd|th)", dated.text):
        unit = "month"
    exact = dated.precision == "day"
    ways = [way for count in (-2, -1, 0, 1, 2) if (way := _moved(first, last, count, unit, exact))]
    before = [way for way in ways if way[0] <= as_of]
    ahead = [way for way in ways if way[1] >= as_of]
    if before and (past or not ahead or (exact and ahead[0][0] - as_of > _FAR)):
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
    limit = _LIMIT.search(text[: where[0]])
    word = limit.lastgroup if limit else None
    rest = f"{text[: limit.start() if limit else where[0]]} {text[where[1] :]}"
    start, end = found.start or as_of, found.end or as_of
    if word == "rest":
        return Period(max(start, as_of), end), rest
    if word in ("before", "until"):
        last = add_days(start, -1) if word == "before" else end
        return Period(None if last < as_of else as_of, last), rest
    if word == "after":
        return Period(add_days(end, 1), None), rest
    if word == "since":
        return Period(start, as_of if start <= as_of else None), rest
    if word == "open" and (start == end or re.match(r"\s*(?:on|onwards?)\b", text[where[1] :])):
        return Period(start, None), rest
    return found, rest


def _counted(days: str, match: re.Match[str], as_of: date) -> Period:
    """Return the days that a match names. Raises ValueError, OverflowError for impossible ones.

    `days`: "rolling" from today over a number of units, three for "coming weeks"; the unit that was so many "ago";
    "calendar", the whole unit; its "rest"; its "weekend"; the "numbered" week.
    """
    words = {name: group.strip().casefold() for name, group in match.groupdict("").items()}
    unit, way = words.get("unit") or "week", _OFFSETS.get(words.get("way", ""), 0)
    count = _number(words["count"]) if words.get("count") else 3 if match.group()[-1] in "sS" else 1
    if days == "rolling":
        other = _later(as_of, -count if way < 0 else count, unit)
        return Period(min(as_of, other), max(as_of, other))
    if days == "ago":
        return Period(*_unit_of(unit, _later(as_of, -count, unit)))
    if days == "numbered":
        year = int(words["year"] or as_of.isocalendar().year)
        return Period(*_unit_of("week", date.fromisocalendar(year, int(words["number"]), 1)))
    start, end = _unit_of(unit, as_of, way)
    return Period({"rest": as_of, "weekend": add_days(end, -1)}.get(days, start), end)


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
    bare = words if words in _VAGUE else words.removeprefix("a ")
    if bare in _VAGUE:
        return _VAGUE[bare]
    return int(bare) if bare.isdigit() else int(text2num(bare.replace("-", " "), "en"))
