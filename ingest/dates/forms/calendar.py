"""Days and months in prose: "9 and 10 May", "June 10 – July 2, 2024", "March and April 2024".

A stretch of days and months joined by dashes, commas and words is read as a whole: what one of them leaves
out (month, year) stands beside another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.forms.numeric import full_year
from ingest.dates.text.connectors import (
    Connector,
    connector_at,
    moves,
    past_bracket,
    past_hour,
    past_remark,
    to_hour_on,
)
from ingest.dates.text.numbers import ordinal_at
from ingest.dates.text.position import alone, closes
from ingest.dates.text.tokens import Token, kind_at, skip_kind, skip_word, word_at, word_before
from ingest.dates.text.words import ABBREVIATED_MONTHS, MONTH_PREPOSITIONS, MONTHS, NUMBERED_NOUNS, vocabulary

# More days than this in one list is a table of numbers.
_LONGEST_LIST = 12
_NOT_COUNTED = vocabulary("and at in to for on or of with")
# In brackets behind a month these say that it is one: "November (dates not yet fixed)".
_UNSETTLED = vocabulary("date dates tbc tbd tentative tentatively provisional confirmed")


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date found at tokens `first` to `stop` (exclusive).

    `relative`: years, months, weeks or days (`unit`) from the day of writing, where it is said that way; of a
    weekday, which one. A "number" is a day without its month, "same month" that of the date before it.
    `named`: a year that belongs to the name of an event.
    """

    first: int
    stop: int
    range: DateRange
    weekday: int | None = None
    relative: int | None = None
    unit: Literal["year", "month", "week", "day", "weekday", "number", "same month"] = "year"
    approximate: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class _Atom:
    point: PartialDate
    first: int
    stop: int
    weekday: int | None
    month_first: bool


def parse_calendar(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the dates of the stretch of days and months that starts at token `i`."""
    first = _atom(tokens, i)
    # A month right behind a day that it cannot have ("31 June") is a slip, not a month.
    if first is None or (kind_at(tokens, i) == "month" and kind_at(tokens, i - 1) == "number"):
        return []
    atoms, connectors = [first], list[Connector]()
    between = word_before(tokens, i) == "between"
    while len(atoms) < _LONGEST_LIST:
        connector, k = connector_at(tokens, past_hour(tokens, atoms[-1].stop))
        if connector != "range":
            connector, k = connector_at(tokens, past_remark(tokens, atoms[-1].stop))
        k = to_hour_on(tokens, k)
        if connectors and kind_at(tokens, k - 1) == kind_at(tokens, atoms[-1].first - 1) == "slash":
            connector = connectors[-1] = "list"  # "10/11/12 May"
        if connector is None or (connector == "range" and connectors and connectors[-1] == "range"):
            break
        following = _atom(tokens, k)
        # "Day 1 – Monday 7 July": the number is that of a heading.
        heads = (
            kind_at(tokens, k - 1) == "dash" and atoms[-1].point.month is None and atoms[-1].weekday is None
        )
        if following is None or (heads and following.weekday is not None):
            break
        if between and not connectors:
            connector = "range"
        elif word_at(tokens, k - 1) in ("to", "until") and moves(tokens, i):
            connector = "list"
        atoms.append(following)
        connectors.append(connector)
    _trim(tokens, atoms, connectors)
    if not _complete(tokens, atoms, connectors):
        return []
    stop = atoms[-1].stop
    if word_at(tokens, i - 1) == "[" and any(t.fold == "]" for t in tokens[i:stop]):
        atoms[0] = replace(atoms[0], first=i - 1)
    parsed_dates = _groups(atoms, connectors)
    respectively = word_at(tokens, skip_kind(tokens, stop, "comma")) == "respectively"
    return (
        parsed_dates
        if respectively or moves(tokens, i)
        else merge_days(parsed_dates, [a.first for a in atoms if a.point.year])
    )


def _atom(tokens: Sequence[Token], i: int) -> _Atom | None:
    j, weekday = i, None
    # A number in brackets is a day only if more of a date stands behind it; else it is a note.
    bracketed = word_at(tokens, j) == "[" and word_at(tokens, j + 2) == "]"
    j += bracketed and kind_at(tokens, j + 3) in ("month", "dash")
    if kind_at(tokens, j) == "weekday":
        weekday = tokens[j].value
        j = skip_word(tokens, j + 1, ",", ".")
    j = skip_word(tokens, j, "the")
    kind = kind_at(tokens, j)
    if kind == "number" and 1 <= tokens[j].value <= 31:
        return _day_first(tokens, i, j + 1, tokens[j].value, weekday)
    if kind == "month":
        return _month_first(tokens, i, j, weekday)
    ordinal = ordinal_at(tokens, j)
    # In words a day is read only with its month: "first" and "second" count more than days.
    atom = _day_first(tokens, i, ordinal[1], ordinal[0], weekday) if ordinal else None
    return atom if atom and atom.point.month else None


def _day_first(tokens: Sequence[Token], i: int, after: int, day: int, weekday: int | None) -> _Atom:
    """Read on behind a day (`after`): its month and year, if they are there."""
    after = past_bracket(tokens, after)
    k = past_remark(tokens, after)
    # "15-Feb" in one word, "2-Oct-09"
    dashed = kind_at(tokens, k) == "dash" and tokens[k - 1].end == tokens[k].start
    k += dashed or word_at(tokens, k) == "of"
    if kind_at(tokens, k) != "month":
        return _Atom(PartialDate(None, None, day), i, after, weekday, False)
    month = tokens[k].value
    year, stop = _year_after(tokens, _after_month(tokens, k), dashed)
    return _Atom(PartialDate(year, month, day), i, stop, weekday, False)


def _month_first(tokens: Sequence[Token], i: int, j: int, weekday: int | None) -> _Atom:
    month, k = tokens[j].value, _after_month(tokens, j)
    number = skip_word(tokens, k, "the")
    day = None
    # "in May 25 countries met" speaks of May; "on May 25" of a day.
    if kind_at(tokens, number) == "number" and tokens[number].value <= 31:
        counted = word_at(tokens, i - 1) in ("in", "during") and kind_at(tokens, number + 1) == "word"
        if not counted and kind_at(tokens, number + 1) != "month":
            day, k = tokens[number].value, number + 1
    year, stop = _year_after(tokens, k, dashed=day is None and kind_at(tokens, k) == "dash")
    return _Atom(PartialDate(year, month, day), i, stop, weekday, True)


def _after_month(tokens: Sequence[Token], k: int) -> int:
    return k + 1 + (tokens[k].fold in ABBREVIATED_MONTHS and word_at(tokens, k + 1) == ".")


def _year_after(tokens: Sequence[Token], k: int, dashed: bool) -> tuple[int | None, int]:
    behind = past_bracket(tokens, past_remark(tokens, k, names=True))
    skip = kind_at(tokens, behind) == "comma" or word_at(tokens, behind) == "of" or dashed
    at = behind + (skip and kind_at(tokens, behind) != "year")
    if kind_at(tokens, at) == "year":
        return tokens[at].value, at + 1
    if dashed and kind_at(tokens, k + 1) == "number":
        return full_year(tokens[k + 1].value), k + 2  # "2-Oct-09"
    abbreviated = tokens[k - 1].fold in ABBREVIATED_MONTHS and kind_at(tokens, k) == "number"
    if abbreviated and len(tokens[k].text) == 2 and closes(tokens, k + 1):
        return full_year(tokens[k].value), k + 1  # "17 Jun 26"
    return None, k


def _trim(tokens: Sequence[Token], atoms: list[_Atom], connectors: list[Connector]) -> None:
    """Drop the numbers at either end that are no days."""
    if word_at(tokens, atoms[0].first - 1) in NUMBERED_NOUNS:
        while atoms and atoms[0].point.month is None:
            del atoms[0]
            if connectors and connectors.pop(0) == "range":
                atoms.clear()
    while atoms and atoms[-1].point.month is None:
        bearing = next((a for a in reversed(atoms) if a.point.month), None)
        if bearing and bearing.month_first and bearing.point.day and not _counts(tokens, atoms[-1].stop):
            year, stop = _year_after(tokens, atoms[-1].stop, dashed=False)
            atoms[-1] = replace(atoms[-1], point=replace(atoms[-1].point, year=year), stop=stop)
            return
        atoms.pop()
        del connectors[-1:]


def _counts(tokens: Sequence[Token], i: int) -> bool:
    """Return whether what follows a number makes it a count ("May 9 and 10 participants")."""
    following = word_at(tokens, i)
    return kind_at(tokens, i) == "word" and following not in _NOT_COUNTED


def _complete(tokens: Sequence[Token], atoms: list[_Atom], connectors: list[Connector]) -> bool:
    if all(a.point.month is None for a in atoms):
        return False
    if any(a.point.year or a.point.day for a in atoms):
        return True
    # Months alone: names in full, and a word before them that puts something there.
    stop = atoms[-1].stop
    limited = (word_at(tokens, stop), word_at(tokens, stop + 1)) == ("at", "the")
    if alone(tokens, atoms[0].first, stop) or (
        limited and word_at(tokens, stop + 2) in ("latest", "earliest")
    ):
        return True
    before = word_at(tokens, atoms[0].first - 1)
    if any(tokens[a.first].fold not in MONTHS for a in atoms):
        return False
    if word_at(tokens, stop) == "(" and any(t.fold in _UNSETTLED for t in tokens[stop + 1 : stop + 6]):
        return True
    beside = bool(connectors) and all(
        (b.point.month or 0) - (a.point.month or 0) in (1, -11) for a, b in pairwise(atoms)
    )
    return beside or before in MONTH_PREPOSITIONS or before in ("between", "of")


def _groups(atoms: list[_Atom], connectors: list[Connector]) -> list[ParsedDate]:
    points = _filled([a.point for a in atoms], [a.month_first for a in atoms], connectors)
    parsed_dates: list[ParsedDate] = []
    i = 0
    while i < len(atoms):
        j = i + 1 if i < len(connectors) and connectors[i] == "range" else i
        date_range = DateRange(points[i], points[j])
        if date_range.days(2024) is None:
            return []
        # An elliptical day ("9" of "9 and 23 May") is shown with the month that completes it.
        last = next((k for k in range(j, len(atoms)) if atoms[k].point.month), j)
        parsed_dates.append(ParsedDate(atoms[i].first, atoms[last].stop, date_range, atoms[i].weekday))
        i = j + 1
    return parsed_dates


def _filled(
    points: list[PartialDate], month_first: list[bool], connectors: list[Connector]
) -> list[PartialDate]:
    """Complete each point from its neighbours: from the right, or from the left after a month."""
    points = list(points)
    for i in range(1, len(points)):
        if points[i].month is None and points[i - 1].month and any(month_first[:i]):
            points[i] = replace(points[i], month=points[i - 1].month)
    for i in range(len(points) - 2, -1, -1):
        here, right = points[i], points[i + 1]
        if here.month is None:
            here = replace(here, month=right.month)
        if here.year is None and right.year is not None and right.month is not None:
            ranged = connectors[i] == "range"
            later = (here.month or 0, here.day or 0) > (right.month, right.day or 99)
            turned = later if ranged else (here.month or 0) - right.month >= 6
            here = replace(here, year=right.year - turned)
        points[i] = here
    for i in range(1, len(points)):
        if points[i].year is None and points[i - 1].year is not None:
            points[i] = DateRange(points[i - 1], points[i]).in_year(0).last
    return points


def merge_days(parsed_dates: list[ParsedDate], with_year: Sequence[int] = ()) -> list[ParsedDate]:
    """Make one of listed days or months that follow each other ("9 and 10 May", "October or November 2021").

    Months that each have their own year (at a token of `with_year`) stay apart.
    """
    merged: list[ParsedDate] = []
    own_years = False
    for parsed in parsed_dates:
        previous, before = merged[-1] if merged else None, own_years
        own_years = any(parsed.first <= at < parsed.stop for at in with_year)
        if (
            previous
            and _follows(previous.range, parsed.range)
            and not (before and own_years and parsed.range.precision == "month")
        ):
            date_range = DateRange(previous.range.first, parsed.range.last)
            merged[-1] = replace(previous, range=date_range, stop=parsed.stop)
        else:
            merged.append(parsed)
    return merged


def _follows(before: DateRange, after: DateRange) -> bool:
    if before.precision != after.precision:
        return False
    known = after.first.year or before.last.year or 2024
    unknown = after.first.year is None and before.last.year is None
    turned = unknown and (after.first.month or 0) < (before.last.month or 0)
    earlier, later = before.days(known), after.days(known + turned)
    return bool(earlier and later and earlier[1] + timedelta(days=1) == later[0])
