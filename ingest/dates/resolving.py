"""Completes dates: the year of one that states none, and the days of a relative one ("next month", "the 12th").

A missing year is inferred from the dates around, then from the date of the document.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from ingest.dates.calendar import ParsedDate
from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.days import BARE, LAST, THIS
from ingest.dates.tokens import Token
from ingest.dates.words import vocabulary

# Behind an irregular past form, or a word in -ed, a day is in the past: "the Council met on Friday".
_PAST = vocabulary(
    "was were had took met began gave came went saw struck spoke chose became brought told said"
)
# A word in -ed is a participle behind one of these ("to be opened", "an invited guest"), or if it is one of what is to
# come ("the session scheduled for May"), or no verb.
_BEFORE_PARTICIPLE = vocabulary("to be is are being a an the this its their of and or by for as not yet will")
_NOT_PAST = vocabulary("""
    planned scheduled expected foreseen envisaged proposed convened fixed requested revised resumed announced invited
    interested united limited related need proceed exceed
    """)
# Behind one of these it is not: "it was agreed that the Council would meet in June".
_AHEAD = vocabulary("will would shall")
# The verb of a sentence that a date opens is among so many tokens behind it.
_CLAUSE = 20
# As near in front of a date, "will" is about it.
_NEAR_TOKENS = 5
# A date at most so far from a dated neighbour in its sentence has the year that is nearest to it.
_FAR_FROM_NEIGHBOUR = timedelta(days=150)
# A date in a sentence about the past is in the year of one in the sentence before that is so near.
_NEAR = timedelta(days=31)
# Without a neighbour, a date is in the year that begins three months before the day of writing.
_LOOK_BACK = timedelta(days=92)
# In a sentence about the past, nine months before: "was planned for 5 November" may still be in the future.
_LOOK_BACK_FROM_PAST = timedelta(days=275)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A date with a known year, from which missing years are inferred."""

    start: date
    whole_year: bool
    sentence: int
    inferred: bool = False


def resolve_years(
    tokens: Sequence[Token],
    parsed_dates: Sequence[ParsedDate],
    reference: date | None,
    context_year: int | None,
) -> list[tuple[tuple[date, date] | None, bool]]:
    """Return for each date (first day, last day), None if the year is unknown, and whether the year is inferred."""
    sentences, past = _sentences(tokens)
    stated = [_stated(r, sentences[r.first]) for r in parsed_dates]
    following: list[_Anchor | None] = [None] * len(parsed_dates)
    upcoming: _Anchor | None = None
    for k in range(len(parsed_dates) - 1, -1, -1):
        following[k] = upcoming
        upcoming = stated[k] or upcoming
    found: list[tuple[tuple[date, date] | None, bool]] = []
    previous: _Anchor | None = None
    last: tuple[date, date] | None = None
    for k, parsed in enumerate(parsed_dates):
        here = sentences[parsed.first]
        in_past = past[parsed.first] or _opens_past(tokens, parsed, sentences, past)
        in_past = in_past and not _limited(tokens, parsed.first)
        if parsed.relative is not None:
            beside = last is not None and sentences[parsed_dates[k - 1].first] == here
            days, inferred = _resolve_relative(parsed, _Surroundings(reference, last, beside, in_past)), True
        elif parsed.range.year_stated:
            days, inferred = parsed.range.days(0), False
            previous = stated[k] or previous
        else:
            before = previous
            if reference and before and before.inferred and _is_due(tokens, parsed.first):
                before = None  # "on 9 November, to be confirmed by the end of March"
            said = _said_year(tokens, parsed, reference)
            year = said or _infer(parsed, here, in_past, before, following[k], reference, context_year)
            if not said and reference and year and year < reference.year and _is_ahead(tokens, parsed.first):
                year = _year_from(parsed.range, reference)  # "which began in 2024, will resume on 14 April"
            days, inferred = parsed.range.days(year) if year is not None else None, True
            previous = _Anchor(days[0], False, here, inferred=True) if days else previous
        found.append((days, inferred))
        last = days or last
    return found


def _limited(tokens: Sequence[Token], i: int) -> bool:
    """Whether the date at token `i` is a limit in the future ("until the 14th", "moved to Friday")."""
    return i > 0 and tokens[i - 1].fold in ("by", "until", "till", "before", "due", "cob", "to")


def _opens_past(
    tokens: Sequence[Token], parsed: ParsedDate, sentences: Sequence[int], past: Sequence[bool]
) -> bool:
    """Whether a date opens a sentence whose verb is in the past: "On 27 February the Council confirmed"."""
    here = sentences[parsed.first]
    if not parsed.first or tokens[parsed.first - 1].text not in ("On", "In"):
        return False
    for i in range(parsed.stop, min(parsed.stop + _CLAUSE, len(tokens))):
        if sentences[i] != here or tokens[i].fold in _AHEAD:
            return False
        if past[i]:
            return True
    return False


def _is_ahead(tokens: Sequence[Token], i: int) -> bool:
    """Whether a word for the future is near in front of the date at token `i`."""
    return any(token.fold in ("will", "shall") for token in tokens[max(i - _NEAR_TOKENS, 0) : i])


def _said_year(tokens: Sequence[Token], parsed: ParsedDate, reference: date | None) -> int | None:
    """Return the year that the words beside a day say: "on 1 September last", "its session of 2028 from 6 June"."""
    if parsed.range.first.day is None:
        return None
    ahead = [token.fold for token in tokens[max(parsed.first - 3, 0) : parsed.first]]
    if ahead[-1:] and ahead[-1] in ("from", "on", "to", "in"):
        ahead.pop()
    if ahead[-2:-1] == ["of"] and re.fullmatch(r"(?:19|20)\d\d", ahead[-1]):
        return int(ahead[-1])
    behind = [token.fold for token in tokens[parsed.stop : parsed.stop + 2]]
    if (
        reference is None
        or behind[:1] not in (["last"], ["next"])
        or behind[1:] in (["year"], ["month"], ["week"])
    ):
        return None
    if behind[0] == "next":
        return _year_from(parsed.range, reference)
    return reference.year - (_start(parsed.range, reference.year) > reference)


def _is_due(tokens: Sequence[Token], i: int) -> bool:
    """Whether something is due by the date at token `i`."""
    near = [token.fold for token in tokens[max(i - 4, 0) : i] if token.fold != "the"]
    return near[-1:] in (["by"], ["before"]) or near[-3:] == ["no", "later", "than"]


def _stated(parsed: ParsedDate, sentence: int) -> _Anchor | None:
    days = parsed.range.days(0) if parsed.range.year_stated else None
    if days is None or days[1] - days[0] > timedelta(days=366):
        return None
    return _Anchor(days[0], parsed.range.first.month is None, sentence)


def _sentences(tokens: Sequence[Token]) -> tuple[list[int], list[bool]]:
    """Return for each token the number of its sentence, and whether it speaks of the past.

    It does if a verb in the past precedes the token in its part of the sentence, and none for the future stands between
    them.
    """
    numbers: list[int] = []
    past: list[bool] = []
    number, in_past = 0, False
    before = ""
    for token in tokens:
        in_past = (in_past or _is_past(token, before)) and token.fold not in _AHEAD and token.text != ";"
        before = token.fold
        numbers.append(number)
        past.append(in_past)
        if token.kind == "break" and token.text in ".!?\n":
            number, in_past = number + 1, False
    return numbers, past


def _is_past(token: Token, before: str) -> bool:
    """Whether a token, with the word before it, is a verb in the past."""
    word = token.fold
    if word in _PAST:
        return True
    return (
        token.text.islower()
        and word.endswith("ed")
        and word not in _NOT_PAST
        and before not in _BEFORE_PARTICIPLE
    )


def _infer(
    parsed: ParsedDate,
    sentence: int,
    in_past: bool,
    before: _Anchor | None,
    after: _Anchor | None,
    reference: date | None,
    context_year: int | None,
) -> int | None:
    """Return the year of a date that states none; None if nothing tells it.

    The year comes from, in this order: a year in the sentence; the heading; the weekday; a date near by; the day of
    writing.
    """
    beside = next((a for a in (before, after) if a and a.sentence == sentence), None)
    if beside and beside.whole_year and not _weekday_elsewhere(parsed, beside.start.year):
        return beside.start.year
    # Without a day of writing, only the dates of the text tell the year.
    anchor = beside or ((before or after) if reference is None else None)
    if anchor is None and context_year is not None:
        return context_year
    origin = anchor.start if anchor else reference
    if origin is None:
        return None
    if parsed.weekday is not None:
        matching = _weekday_year(parsed, origin) or (reference and _weekday_year(parsed, reference))
        if matching:
            return matching
    year = _nearest(parsed.range, origin)
    if reference is None or (beside and _gap(parsed.range, year, origin) <= _FAR_FROM_NEIGHBOUR):
        return year
    if in_past and before and sentence - before.sentence == 1:
        # "The desk opens on 11 October. The bus was planned for 10 October."
        near = _nearest(parsed.range, before.start)
        if _gap(parsed.range, near, before.start) <= _NEAR:
            return near
    return _year_from(parsed.range, _earlier(reference, _LOOK_BACK_FROM_PAST if in_past else _LOOK_BACK))


def _weekday_elsewhere(parsed: ParsedDate, year: int) -> bool:
    """Whether the weekday contradicts the year ("on the Forum 2026, Wednesday 24 September")."""
    days = parsed.range.days(year)
    return parsed.weekday is not None and (days is None or days[0].weekday() != parsed.weekday)


def _start(date_range: DateRange, year: int) -> date:
    days = date_range.days(year)
    return days[0] if days else date(year, date_range.first.month or 1, 1)


def _gap(date_range: DateRange, year: int, origin: date) -> timedelta:
    return abs(_start(date_range, year) - origin)


def _near_years(origin: date) -> tuple[int, ...]:
    return tuple(y for y in (origin.year, origin.year + 1, origin.year - 1) if 1 <= y <= 9998)


def _nearest(date_range: DateRange, origin: date) -> int:
    return min(_near_years(origin), key=lambda year: _gap(date_range, year, origin))


def _weekday_year(parsed: ParsedDate, origin: date) -> int | None:
    fits = [
        y for y in _near_years(origin) if (d := parsed.range.days(y)) and d[0].weekday() == parsed.weekday
    ]
    return min(fits, key=lambda year: _gap(parsed.range, year, origin)) if fits else None


def _earlier(day: date, span: timedelta) -> date:
    return day - span if day - date.min > span else date.min


def _year_from(date_range: DateRange, day: date) -> int:
    """Return the first year in which `date_range` starts on `day` or after it."""
    return day.year + (_start(date_range, day.year) < day)


# A number that is smaller than the day of the date before by more than this is a day of the next month.
_MOST_DAYS_BACK = 14
# Parts of a week by weekdays (Monday is 0): a week ends on Friday.
_PARTS_OF_WEEK = {"early": (0, 1), "begin": (0, 1), "mid": (1, 3), "late": (3, 4), "end": (4, 4)}
# A date before that is longer than this does not complete a day without a month.
_LONGEST_BEFORE = timedelta(days=62)
_LONGEST_EVENT = timedelta(days=14)

_Days = tuple[date, date]


class _Surroundings(NamedTuple):
    """Reference points of a relative date: `reference` is the day of writing, `before` the date before it in the text.

    `beside`: the two are in one sentence. `past`: the sentence speaks of the past.
    """

    reference: date | None
    before: _Days | None
    beside: bool
    past: bool


def _resolve_relative(parsed: ParsedDate, around: _Surroundings) -> _Days | None:
    """Return the first and last day, None if they cannot be determined."""
    try:
        return _resolve(parsed, around)
    except (ValueError, OverflowError):
        return None


def _resolve(parsed: ParsedDate, around: _Surroundings) -> _Days | None:
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
    if parsed.unit == "of year":
        year = reference.year + offset
        days = parsed.range.days(year)
        # "From November to February next year" ends in that year.
        return parsed.range.days(year - 1) if days and days[1].year > year else days
    return _year(parsed.range, offset, reference)


def _weekday(weekday: int, offset: int, past: bool, reference: date) -> _Days:
    """Return the weekday after the day of writing or before it; "this Friday" may be the day of writing."""
    if offset == LAST or (offset == BARE and past):
        day = reference - timedelta(days=(reference.weekday() - weekday - 1) % 7 + 1)
    else:
        begin = reference + timedelta(days=offset != THIS)
        day = begin + timedelta(days=(weekday - begin.weekday()) % 7)
    return day, day


def _week(parsed: ParsedDate, day: date) -> _Days:
    monday = day - timedelta(days=day.weekday())
    first, last = _PARTS_OF_WEEK.get(parsed.range.part.removeprefix("week "), (0, 6))
    if parsed.weekday is not None:
        first = last = parsed.weekday
    return monday + timedelta(days=first), monday + timedelta(days=last)


def _month(date_range: DateRange, year: int, month: int) -> _Days | None:
    first = PartialDate(year, month, date_range.first.day)
    return replace(date_range, first=first, last=PartialDate(year, month, date_range.last.day)).days(year)


def _year(date_range: DateRange, offset: int, reference: date) -> _Days | None:
    if date_range.first.month is None or date_range.part in ("quarter", "half") or offset == 0:
        return date_range.days(reference.year + offset)
    # "next June" and "last September": the nearest one on that side of the day of writing.
    this_year = date_range.days(reference.year)
    if offset > 0:
        return date_range.days(reference.year + (this_year is not None and this_year[0] <= reference))
    return date_range.days(reference.year - (this_year is None or this_year[1] >= reference))


def _number(parsed: ParsedDate, around: _Surroundings) -> _Days | None:
    """Return a day of the month: near the date before, else the next one from the day of writing."""
    first, last = parsed.range.first.day or 1, parsed.range.last.day or 1
    before = around.before
    if before and before[1] - before[0] <= _LONGEST_BEFORE:
        start = before[0]
        months = [start.year * 12 + start.month - 1 + k for k in (0, 1, -1)]
        if (start.month != before[1].month and first <= before[1].day) or first < start.day - _MOST_DAYS_BACK:
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


def _from(months: int, first: int, last: int) -> _Days | None:
    """Return the days `first` to `last` of a month; if `last` is the smaller one, it is in the next month."""
    year, month = months // 12, months % 12 + 1
    if first > monthrange(year, month)[1]:
        return None
    end = months + (last < first)
    if last > monthrange(end // 12, end % 12 + 1)[1]:
        return None
    return date(year, month, first), date(end // 12, end % 12 + 1, last)
