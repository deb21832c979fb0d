"""The year of a date that states none: from the dates around it, then from the date of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.dates.date_range import DateRange
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.relative import Surroundings, resolve_relative
from ingest.dates.text.tokens import Token
from ingest.dates.text.words import vocabulary

# In a sentence with one of these words a day is in the past: "the Council met on Friday".
_PAST = vocabulary("was were had took met")
# A date at most so far from a dated neighbour in its sentence has the year that is nearest to it.
_FAR_FROM_NEIGHBOUR = timedelta(days=150)
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
        in_past = past[parsed.first] and not _limited(tokens, parsed.first)
        if parsed.relative is not None:
            beside = last is not None and sentences[parsed_dates[k - 1].first] == here
            days, inferred = resolve_relative(parsed, Surroundings(reference, last, beside, in_past)), True
        elif parsed.range.year_stated:
            days, inferred = parsed.range.days(0), False
            previous = stated[k] or previous
        else:
            year = _infer(parsed, here, in_past, previous, following[k], reference, context_year)
            days, inferred = parsed.range.days(year) if year is not None else None, True
            previous = _Anchor(days[0], False, here) if days else previous
        found.append((days, inferred))
        last = days or last
    return found


def _limited(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the date at token `i` is a limit in the future ("until the 14th", "moved to Friday")."""
    return i > 0 and tokens[i - 1].fold in ("by", "until", "till", "before", "due", "cob", "to")


def _stated(parsed: ParsedDate, sentence: int) -> _Anchor | None:
    days = parsed.range.days(0) if parsed.range.year_stated else None
    if days is None or days[1] - days[0] > timedelta(days=366):
        return None
    return _Anchor(days[0], parsed.range.first.month is None, sentence)


def _sentences(tokens: Sequence[Token]) -> tuple[list[int], list[bool]]:
    """Return for each token the number of its sentence, and whether a word for the past precedes it there."""
    numbers: list[int] = []
    past: list[bool] = []
    number, in_past = 0, False
    for token in tokens:
        in_past = in_past or token.fold in _PAST
        numbers.append(number)
        past.append(in_past)
        if token.kind == "break" and token.text in ".!?\n":
            number, in_past = number + 1, False
    return numbers, past


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
    return _year_from(parsed.range, _earlier(reference, _LOOK_BACK_FROM_PAST if in_past else _LOOK_BACK))


def _weekday_elsewhere(parsed: ParsedDate, year: int) -> bool:
    """Return whether the weekday contradicts the year ("on the Forum 2026, Wednesday 24 September")."""
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
