"""Days and months: "9 and 10 May", "June 10 – July 2, 2024", "March and April 2024", and those in figures.

A series of days and months joined by dashes, commas and words is read as a whole, because a month or year that one of
them omits is stated at another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from ingest.dates.context import alone, asked, before_noun, closes, numbered
from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.numeric import Doubt, full_year
from ingest.dates.reading import (
    Connector,
    connector_at,
    moves,
    ordinal_at,
    past_bracket,
    past_hour,
    past_remark,
    to_hour_on,
)
from ingest.dates.tokens import Token, kind_at, skip_kind, skip_word, word_at, word_before
from ingest.dates.words import (
    ABBREVIATED_MONTHS,
    MONTH_PREPOSITIONS,
    MONTHS,
    NAMES_AFTER_YEAR,
    NUMBERED_NOUNS,
    vocabulary,
)

# A longer list is a table of numbers.
_LONGEST_LIST = 12
_JOINING = frozenset(["or", "and", "to"])
_NOT_COUNTED = vocabulary("and at in to for on or of with")
# In brackets after a month, these words say that it is a date: "November (dates not yet fixed)".
_UNSETTLED = vocabulary("date dates tbc tbd tentative tentatively provisional confirmed")


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date found at tokens `first` to `stop` (exclusive)."""

    first: int
    stop: int
    range: DateRange
    weekday: int | None = None
    relative: int | None = None
    """For a relative date, the number of units from the day of writing; for a weekday, which one (`forms.days`)."""
    unit: Literal["year", "of year", "month", "week", "day", "weekday", "number", "same month"] = "year"
    """Unit of a relative date; "of year": the date is in that year; "number": a day without a month; "same month": the
    month of the date before."""
    approximate: bool = False
    named: bool = False
    """It is a year in the name of an event."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """One day or month of a series, at tokens `first` to `stop`; `month_first` as in "May 9"."""

    point: PartialDate
    first: int
    stop: int
    weekday: int | None
    month_first: bool


def parse_calendar(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the dates of the series of days and months that starts at token `i`."""
    first = _atom(tokens, i)
    # A month after a day that it does not have ("31 June") is an error; after 101 it may be a date.
    after_number = kind_at(tokens, i) == "month" and kind_at(tokens, i - 1) == "number"
    if first is None or (after_number and tokens[i - 1].value <= 31):
        return []
    atoms, connectors = _series(tokens, i, first)
    _trim(tokens, atoms, connectors)
    if not _complete(tokens, atoms, connectors):
        return []
    stop = atoms[-1].stop
    if word_at(tokens, i - 1) == "[" and any(t.fold == "]" for t in tokens[i:stop]):
        atoms[0] = replace(atoms[0], first=i - 1)
    parsed_dates = _groups(atoms, connectors)
    if word_at(tokens, skip_kind(tokens, stop, "comma")) == "respectively":
        return parsed_dates
    moved = [a.first for a in atoms if word_at(tokens, a.first - 1) in ("to", "until") and moves(tokens, i)]
    return _merge_days(parsed_dates, [a.first for a in atoms if a.point.year], moved)


def _series(tokens: Sequence[Token], i: int, first: _Atom) -> tuple[list[_Atom], list[Connector]]:
    """Return the days and months from token `i` on that connectors join, and the connectors between them."""
    atoms, connectors = [first], list[Connector]()
    between = word_before(tokens, i) == "between"
    while len(atoms) < _LONGEST_LIST:
        connector, following_at = _connector_after(tokens, atoms[-1].stop)
        joint = following_at - 1
        if connectors and kind_at(tokens, joint) == kind_at(tokens, atoms[-1].first - 1) == "slash":
            connector = connectors[-1] = "list"  # "10/11/12 May"
        if connector is None or (connector == "range" and connectors and connectors[-1] == "range"):
            break
        following = _atom(tokens, following_at)
        # In "Day 1 – Monday 7 July" the number belongs to a heading.
        bare_number = atoms[-1].point.month is None and atoms[-1].weekday is None
        is_heading = kind_at(tokens, joint) == "dash" and bare_number
        if following is None or (is_heading and following.weekday is not None):
            break
        if between and not connectors:
            connector = "range"
        elif word_at(tokens, joint) in ("to", "until") and moves(tokens, i):
            connector = "list"
        atoms.append(following)
        connectors.append(connector)
    return atoms, connectors


def _connector_after(tokens: Sequence[Token], stop: int) -> tuple[Connector | None, int]:
    """Return the connector after a day or month, past an hour or a remark, and where what it connects starts."""
    connector, following_at = connector_at(tokens, past_hour(tokens, stop))
    if connector != "range":
        connector, following_at = connector_at(tokens, past_remark(tokens, stop))
    return connector, to_hour_on(tokens, following_at) if connector == "range" else following_at


def _atom(tokens: Sequence[Token], i: int) -> _Atom | None:
    """Return the day or month at token `i`, where its weekday and "the" may come first."""
    position, weekday = i, None
    # A number in brackets is a day only if the date continues after it; otherwise it is a note.
    bracketed = (word_at(tokens, i), kind_at(tokens, i + 1), word_at(tokens, i + 2)) == ("[", "number", "]")
    if bracketed and (kind_at(tokens, i + 3) in ("month", "dash") or word_at(tokens, i + 3) in _JOINING):
        position = i + 1
    if kind_at(tokens, position) == "weekday":
        weekday = tokens[position].value
        position = skip_word(tokens, position + 1, ",", ".")
    position = skip_word(tokens, position, "the")
    kind = kind_at(tokens, position)
    if kind == "number" and 1 <= tokens[position].value <= 31:
        return _day_first(tokens, i, position + 1, tokens[position].value, weekday)
    if kind == "month":
        return _month_first(tokens, i, position, weekday)
    ordinal = ordinal_at(tokens, position)
    # An ordinal in words is a day only in "first of May": "the second March meeting" is another one in March.
    if ordinal is None or ordinal[0] > 31 or word_at(tokens, ordinal[1]) != "of":
        return None
    atom = _day_first(tokens, i, ordinal[1], ordinal[0], weekday)
    return atom if atom.point.month else None


def _day_first(tokens: Sequence[Token], i: int, after: int, day: int, weekday: int | None) -> _Atom:
    """Return the day that ends before token `after`, with the month and year that follow, if any."""
    # "2-Oct-09", "15-Feb" in one word
    dashed = kind_at(tokens, after) == "dash" and kind_at(tokens, after + 2) == "dash"
    after = past_bracket(tokens, after)
    position = past_remark(tokens, after)
    joined = dashed or (position == after and _in_one_word(tokens, position))
    position = position + 1 if joined else skip_word(tokens, position, "of")
    if kind_at(tokens, position) != "month":
        return _Atom(PartialDate(None, None, day), i, after, weekday, False)
    month = tokens[position].value
    year, stop = _year_after(tokens, _after_month(tokens, position), dashed)
    return _Atom(PartialDate(year, month, day), i, stop, weekday, False)


def _in_one_word(tokens: Sequence[Token], dash: int) -> bool:
    """Whether token `dash` is a dash without a space before or after it ("15-Feb")."""
    if kind_at(tokens, dash) != "dash" or dash + 1 == len(tokens):
        return False
    before, joining, after = tokens[dash - 1 : dash + 2]
    return before.end == joining.start and joining.end == after.start


def _month_first(tokens: Sequence[Token], i: int, month_at: int, weekday: int | None) -> _Atom:
    """Return the month at token `month_at`, with the day and year that follow, if any."""
    month, after = tokens[month_at].value, _after_month(tokens, month_at)
    number = skip_word(tokens, after, "the")
    day = None
    # "in May 25 countries met" names a month, "on May 25" a day.
    if kind_at(tokens, number) == "number" and 1 <= tokens[number].value <= 31:
        counted = word_at(tokens, i - 1) in ("in", "during") and kind_at(tokens, number + 1) == "word"
        counted = counted or word_at(tokens, number + 1) == "of"
        if not counted and kind_at(tokens, number + 1) != "month":
            day, after = tokens[number].value, number + 1
    year, stop = _year_after(tokens, after, dashed=day is None and kind_at(tokens, after) == "dash")
    return _Atom(PartialDate(year, month, day), i, stop, weekday, True)


def _after_month(tokens: Sequence[Token], month_at: int) -> int:
    dotted = word_at(tokens, month_at + 1) == "." and tokens[month_at + 1].start == tokens[month_at].end
    return month_at + 1 + (dotted and tokens[month_at].fold in ABBREVIATED_MONTHS)


def _year_after(tokens: Sequence[Token], i: int, dashed: bool) -> tuple[int | None, int]:
    """Return the year at token `i`, or after a remark, and where it stops; `dashed`: a dash may precede it."""
    position = past_bracket(tokens, past_remark(tokens, i, names=True))
    if kind_at(tokens, position) != "year":
        position = position + 1 if dashed else skip_word(tokens, position, ",", "of")
    if kind_at(tokens, position) == "year":
        return tokens[position].value, position + 1
    if dashed and kind_at(tokens, i + 1) == "number" and len(tokens[i + 1].text) == 2:
        return full_year(tokens[i + 1].value), i + 2  # "2-Oct-09"
    abbreviated = tokens[i - 1].fold in ABBREVIATED_MONTHS and kind_at(tokens, i) == "number"
    if abbreviated and len(tokens[i].text) == 2 and closes(tokens, i + 1):
        return full_year(tokens[i].value), i + 1  # "17 Jun 26"
    return None, i


def _trim(tokens: Sequence[Token], atoms: list[_Atom], connectors: list[Connector]) -> None:
    """Remove the numbers at both ends that are no days."""
    if word_at(tokens, atoms[0].first - 1) in NUMBERED_NOUNS:
        while atoms and atoms[0].point.month is None:
            del atoms[0]
            if connectors and connectors.pop(0) == "range":
                atoms.clear()
    while atoms and atoms[-1].point.month is None:
        with_month = next((a for a in reversed(atoms) if a.point.month), None)
        is_day = with_month and with_month.month_first and with_month.point.day
        if is_day and not (connectors[-1] == "list" and _counts(tokens, atoms[-1].stop)):
            year, stop = _year_after(tokens, atoms[-1].stop, dashed=False)
            atoms[-1] = replace(atoms[-1], point=replace(atoms[-1].point, year=year), stop=stop)
            return
        atoms.pop()
        del connectors[-1:]


def _counts(tokens: Sequence[Token], i: int) -> bool:
    """Whether what follows a number makes it a count ("May 9 and 10 participants")."""
    following = word_at(tokens, i)
    return kind_at(tokens, i) == "word" and following not in _NOT_COUNTED


def _complete(tokens: Sequence[Token], atoms: list[_Atom], connectors: list[Connector]) -> bool:
    """Whether the series is certainly a date: it has a day or a year, or its months can be nothing else."""
    if all(a.point.month is None for a in atoms):
        return False
    if any(a.point.year or a.point.day for a in atoms):
        return True
    # Months alone have to be spelled in full, after a word that asks for a date.
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
    return (
        beside or before in MONTH_PREPOSITIONS or before == "between" or (before == "of" and not connectors)
    )


def _groups(atoms: list[_Atom], connectors: list[Connector]) -> list[ParsedDate]:
    """Return a date for each atom, or for two that a range joins; nothing if one of them is impossible."""
    points = _filled([a.point for a in atoms], [a.month_first for a in atoms], connectors)
    parsed_dates: list[ParsedDate] = []
    start = 0
    while start < len(atoms):
        end = start + 1 if start < len(connectors) and connectors[start] == "range" else start
        date_range = DateRange(points[start], points[end])
        if date_range.days(2024) is None:
            return []
        # The text of an elliptical day ("9" of "9 and 23 May", "23" of "May 9 and 23") includes its month.
        shown = next((n for n in range(end, len(atoms)) if atoms[n].point.month), end)
        begun = start
        if all(a.point.month is None for a in atoms[start:]):
            begun = next(n for n in range(start, -1, -1) if atoms[n].point.month)
        parsed_dates.append(
            ParsedDate(atoms[begun].first, atoms[shown].stop, date_range, atoms[start].weekday)
        )
        start = end + 1
    return parsed_dates


def _filled(
    points: list[PartialDate], month_first: list[bool], connectors: list[Connector]
) -> list[PartialDate]:
    """Return the points with missing months and years: from the right, or from the left after a month."""
    points = list(points)
    # "May 9 and 10": the month on the left.
    for i in range(1, len(points)):
        if points[i].month is None and points[i - 1].month and points[i - 1].day and any(month_first[:i]):
            points[i] = replace(points[i], month=points[i - 1].month)
    # "9 and 10 May 2024": month and year on the right.
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
    # "9 May 2024 to 10 June" and "May 9, 2024 and June 10": the year on the left; "9 May 2024 and 10 June" infers it.
    for i in range(1, len(points)):
        joined = connectors[i - 1] == "range" or month_first[i]
        if joined and points[i].year is None and points[i - 1].year is not None:
            points[i] = DateRange(points[i - 1], points[i]).in_year(0).last
    return points


def _merge_days(
    parsed_dates: list[ParsedDate], with_year: Sequence[int] = (), moved: Sequence[int] = ()
) -> list[ParsedDate]:
    """Return the dates with consecutive days or months merged ("9 and 10 May", "October or November 2021").

    Months that each state their own year (at a token of `with_year`) are not merged, nor new days (at a token of
    `moved`) with those that they replace.
    """
    merged: list[ParsedDate] = []
    own_years = False
    for parsed in parsed_dates:
        previous, before = merged[-1] if merged else None, own_years
        own_years = any(parsed.first <= at < parsed.stop for at in with_year)
        if (
            previous
            and parsed.first not in moved
            and _follows(previous.range, parsed.range)
            and not (before and own_years and parsed.range.precision == "month")
        ):
            date_range = DateRange(previous.range.first, parsed.range.last)
            merged[-1] = replace(previous, range=date_range, stop=max(previous.stop, parsed.stop))
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


# Before a day with a closing dot; with German prepositions, which have such days after them even in English tables.
_BEFORE_DOTTED = vocabulary(
    "on by until till before since from closed closes opens deadline now bis ab am vom zum"
)
_COUNTING = frozenset(["of", "to", "than", "at"])


def parse_numeric_list(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Read the date in figures at `i`, and the dates in figures that are listed after it."""
    found = [_range_at(tokens, i)]
    while found[-1] and len(found) < _LONGEST_LIST:
        connector, k = connector_at(tokens, found[-1].stop)
        if kind_at(tokens, k) != "full" or not (
            connector == "list" or (connector == "range" and moves(tokens, i))
        ):
            break
        found.append(_range_at(tokens, k))
    parsed_dates = [parsed for parsed in found if parsed]
    if not parsed_dates or not _is_date(tokens, i, parsed_dates):
        return []
    day = i - 1 - (kind_at(tokens, i - 1) == "comma" or word_at(tokens, i - 1) == ".")
    if kind_at(tokens, day) == "weekday":
        parsed_dates[0] = replace(parsed_dates[0], first=day, weekday=tokens[day].value)
    return _merge_days(parsed_dates)


def _range_at(tokens: Sequence[Token], i: int) -> ParsedDate | None:
    date_range, stop = tokens[i].range, i + 1
    if date_range is None:
        return None
    connector, k = connector_at(tokens, past_remark(tokens, stop))
    k = skip_kind(tokens, k, "weekday")
    other = tokens[k].range if connector == "range" and k < len(tokens) and not moves(tokens, i) else None
    if (
        other
        and not date_range.ranged
        and not other.ranged
        and (other.year_stated or not date_range.year_stated)
    ):
        both = DateRange(date_range.first, other.last)
        if both.days(2024):
            date_range, stop = both, k + 1
    return ParsedDate(i, stop, date_range)


def _is_date(tokens: Sequence[Token], i: int, listed: Sequence[ParsedDate]) -> bool:
    """Whether the figures at `i` are a date, not the number of a document, a fraction or a score."""
    token, stop = tokens[i], listed[-1].stop
    if token.doubt is Doubt.NONE:
        return True
    if numbered(tokens, i) or word_at(tokens, stop) in ("of", "per", "percent"):
        return False
    if token.doubt is Doubt.MAY_BE_DECIMAL:
        return _is_dotted_date(tokens, i, stop)
    if token.doubt is Doubt.MAY_BE_NUMBER or listed[0].stop > i + 1:
        return word_at(tokens, stop) not in NAMES_AFTER_YEAR
    if "24/7" in token.text:
        return word_at(tokens, i - 1) in ("on", "by", "until") and not before_noun(tokens, stop)
    hour = kind_at(tokens, stop + (kind_at(tokens, stop) == "comma")) == "time"
    if hour or kind_at(tokens, i - 1) == "weekday" or alone(tokens, i, stop):
        return True
    if not asked(tokens, i):
        return False
    date_range = token.range
    clear = (
        token.text[0] == "0"
        or date_range is None
        or date_range.year_stated
        or (date_range.first.day or 0) > 12
    )
    return clear or not before_noun(tokens, stop)


def _is_dotted_date(tokens: Sequence[Token], i: int, stop: int) -> bool:
    """Whether figures with a closing dot are days without a year, not a decimal that ends a sentence."""
    if kind_at(tokens, i - 1) == "weekday" or alone(tokens, i, stop):
        return True
    if i and (tokens[i - 1].text in ":;" or tokens[i - 1].fold in _BEFORE_DOTTED):
        return True
    closed = kind_at(tokens, stop) in ("comma", "dash") or word_at(tokens, stop) in ("(", ")", ";")
    return closed and word_at(tokens, i - 1) not in _COUNTING
