"""The year of a date that states none: from the dates around it, then from the date of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ingest.date_calendar import Reading
from ingest.date_reckoned import Around, reckon
from ingest.date_shapes import Shape
from ingest.date_tokens import Token
from ingest.date_words import vocabulary

Tense = Literal["future", "past", ""]

_FUTURE = vocabulary("""
    will shall scheduled planned upcoming forthcoming due expected likely foreseen opens closes meets
    returns takes runs
    """)
_PAST = vocabulary("was were took had has have held met went")
# Past in form only: what is postponed or asked for lies ahead.
_AHEAD = vocabulary("""
    announced postponed rescheduled extended moved deferred invited requested proposed united related based
    asked recalled noted informed reported stressed suggested indicated stated confirmed underlined
    shifted delayed brought highlighted answered agreed decided explained called set fixed
    """)
# Within this of a dated neighbour the nearest year is meant; a report speaks of what lies that close together.
_NEAR = timedelta(days=150)
# A dated neighbour that stands more sentences before says nothing of another story's year.
_SENTENCES = 2
# What is neither past nor ahead by its wording is near the day of writing: three months before to nine after.
_RECENT = timedelta(days=92)
_LONG_AGO = timedelta(days=275)
# Documents call "upcoming" what they were drafted before, a few weeks ahead of their date.
_DRAFTED = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class _Anchor:
    start: date
    whole_year: bool
    sentence: int


def years(
    tokens: Sequence[Token], readings: Sequence[Reading], reference: date | None, context_year: int | None
) -> list[tuple[tuple[date, date] | None, bool]]:
    """Return of each reading its (first, last) day, None where the year is unknown, and whether it is inferred."""
    sentences, before_cues, after_cues = _sentences(tokens)
    stated = [_stated(r, sentences[r.first]) for r in readings]
    following: list[_Anchor | None] = [None] * len(readings)
    upcoming: _Anchor | None = None
    for k in range(len(readings) - 1, -1, -1):
        following[k] = upcoming
        upcoming = stated[k] or upcoming
    found: list[tuple[tuple[date, date] | None, bool]] = []
    previous: _Anchor | None = None
    last: tuple[date, date] | None = None
    for k, reading in enumerate(readings):
        here = sentences[reading.first]
        tense = before_cues[reading.first]
        if reading.relative is not None:
            beside = last is not None and sentences[readings[k - 1].first] == here
            around = Around(reference, last, beside, tense == "past" and not _limited(tokens, reading.first))
            found.append((reckon(reading, around), True))
            last = found[-1][0] or last
            continue
        if reading.shape.year_stated:
            found.append((reading.shape.days(0), False))
            previous = stated[k] or previous
            last = found[-1][0] or last
            continue
        opens = reading.first < 4 or sentences[reading.first - 4] != here
        if not tense and opens:  # "On 8 March the Council will …"
            tense = after_cues[min(reading.stop, len(tokens) - 1)]
        year = _infer(reading, here, tense, previous, following[k], reference, context_year)
        days = reading.shape.days(year) if year is not None else None
        found.append((days, True))
        last = days or last
        if days:
            previous = _Anchor(days[0], False, here)
    return found


def _limited(tokens: Sequence[Token], i: int) -> bool:
    """Whether the date at token `i` is a limit, which lies ahead ("guaranteed until the 14th", "by Friday")."""
    return i > 0 and tokens[i - 1].fold in ("by", "until", "till", "before", "due", "cob")


def _stated(reading: Reading, sentence: int) -> _Anchor | None:
    days = reading.shape.days(0) if reading.shape.year_stated else None
    if days is None or days[1] - days[0] > timedelta(days=366):
        return None
    return _Anchor(days[0], reading.shape.first.month is None, sentence)


def _sentences(tokens: Sequence[Token]) -> tuple[list[int], list[Tense], list[Tense]]:
    """Return of each token the number of its sentence, the last cue of tense before it there, the first after it."""
    numbers: list[int] = []
    before: list[Tense] = []
    number = 0
    last: Tense = ""
    for k, token in enumerate(tokens):
        last = _tense(tokens, k) or last
        numbers.append(number)
        before.append(last)
        if token.kind == "break" and token.text in ".!?\n":
            number, last = number + 1, ""
    after: list[Tense] = [""] * len(tokens)
    following: Tense = ""
    for k in range(len(tokens) - 1, -1, -1):
        if k + 1 < len(tokens) and numbers[k + 1] != numbers[k]:
            following = ""
        following = _tense(tokens, k) or following
        after[k] = following
    return numbers, before, after


def _tense(tokens: Sequence[Token], k: int) -> Tense:
    token = tokens[k]
    if token.fold in _FUTURE:
        return "future"
    if token.fold in ("was", "were") and k + 1 < len(tokens) and tokens[k + 1].fold in _AHEAD:
        return ""
    if k and tokens[k - 1].fold in ("be", "is", "are"):
        return ""  # "to be held": past in form only
    past = token.fold in _PAST or (token.kind == "word" and len(token.fold) > 4 and token.fold.endswith("ed"))
    return "past" if past and token.fold not in _AHEAD else ""


def _infer(
    reading: Reading,
    sentence: int,
    tense: Tense,
    before: _Anchor | None,
    after: _Anchor | None,
    reference: date | None,
    context_year: int | None,
) -> int | None:
    beside = next((a for a in (before, after) if a and a.sentence == sentence), None)
    if beside and beside.whole_year and not _weekday_elsewhere(reading, beside.start.year):
        return beside.start.year
    near = beside or (before if before and sentence - before.sentence <= _SENTENCES else None)
    # Without a day of writing there is only what the text dates.
    anchor = near or ((before or after) if reference is None else None)
    if anchor is None and context_year is not None:
        return context_year
    origin = anchor.start if anchor else reference
    if origin is None:
        return None
    if reading.weekday is not None:
        matching = _weekday_year(reading, origin) or (reference and _weekday_year(reading, reference))
        if matching:
            return matching
    year = _nearest(reading.shape, origin)
    gap = _gap(reading.shape, year, origin)
    if (beside and gap <= _NEAR) or reference is None:
        return year
    # A story of the past goes on where it was; what lies ahead is reckoned from the day of writing.
    if anchor and tense == "past" and gap <= _NEAR:
        return year if _start(reading.shape, year) <= reference else _turn(reading.shape, reference, -1)
    if tense == "past":
        # Half of what looks like a past form is none ("the planned session"): nothing is told of so long ago.
        return _turn(reading.shape, reference - _LONG_AGO, 1)
    return _turn(reading.shape, reference - (_DRAFTED if tense == "future" else _RECENT), 1)


def _weekday_elsewhere(reading: Reading, year: int) -> bool:
    """Whether the weekday does not fit the year ("the consultation on the Forum 2026, Wednesday 24 September")."""
    days = reading.shape.days(year)
    return reading.weekday is not None and (days is None or days[0].weekday() != reading.weekday)


def _start(shape: Shape, year: int) -> date:
    days = shape.days(year)
    return days[0] if days else date(year, shape.first.month or 1, 1)


def _gap(shape: Shape, year: int, origin: date) -> timedelta:
    return abs(_start(shape, year) - origin)


def _near_years(origin: date) -> tuple[int, ...]:
    return tuple(y for y in (origin.year, origin.year + 1, origin.year - 1) if 1 <= y <= 9998)


def _nearest(shape: Shape, origin: date) -> int:
    return min(_near_years(origin), key=lambda year: _gap(shape, year, origin))


def _weekday_year(reading: Reading, origin: date) -> int | None:
    fits = [
        y for y in _near_years(origin) if (d := reading.shape.days(y)) and d[0].weekday() == reading.weekday
    ]
    return min(fits, key=lambda year: _gap(reading.shape, year, origin)) if fits else None


def _turn(shape: Shape, day: date, step: int) -> int:
    """Return the first year in which `shape` starts on or after `day` (step 1), or the last one before (step -1)."""
    year = day.year
    late = (_start(shape, year) < day) if step == 1 else (_start(shape, year) > day)
    return year + step * late
