"""Weeks: "the weeks of 4 and 11 March", "week 27 of 2025", "W27 2025"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.forms.calendar import ParsedDate, parse_calendar
from ingest.dates.text.tokens import Token, kind_at, skip_word, word_at


def parse_weeks(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the weeks at token `i`, which are named by a day or by a number."""
    word = tokens[i].fold
    if tokens[i].kind == "code" and word[0] == "w" and word[1:].isdecimal():
        return _numbered(tokens, i, int(word[1:]), i + 1)
    if word == "w" and kind_at(tokens, i + 1) == "slash" and word_at(tokens, i + 2) in ("c", "b", "e"):
        return _with_day(tokens, i, i + 3, "week")
    if word == "weekend" and word_at(tokens, i + 1) == "of":
        return _with_day(tokens, i, i + 2, "weekend")
    if word not in ("week", "weeks"):
        return []
    if kind_at(tokens, i + 1) == "number":
        return _numbered(tokens, i, tokens[i + 1].value, i + 2)
    if word_at(tokens, i + 1) == "after" and word_at(tokens, i + 2) == "next":
        return [ParsedDate(i, i + 3, DateRange.of(part="week"), relative=2, unit="week")]
    if word_at(tokens, i + 1) not in ("of", "commencing", "beginning", "starting", "ending"):
        return []
    return _with_day(tokens, i, i + 2, "week")


def _with_day(tokens: Sequence[Token], i: int, k: int, part: str) -> list[ParsedDate]:
    """Read the week or the weekend of the day at token `k`."""
    k += word_at(tokens, k) == "the"
    inner = parse_calendar(tokens, k) if k < len(tokens) else []
    if not inner or not all(parsed.range.first.day for parsed in inner):
        return []
    weeks = [r if r.range.ranged else replace(r, range=replace(r.range, part=part)) for r in inner]
    # The weekday belongs to the day, not to the week's first day, so it cannot determine the year.
    return [replace(r, first=r.first if n else i, weekday=None) for n, r in enumerate(weeks)]


def _numbered(tokens: Sequence[Token], i: int, number: int, k: int) -> list[ParsedDate]:
    """Read the year that follows "week 27"; weeks are those of ISO 8601."""
    k = skip_word(tokens, k, ",", "of")
    if kind_at(tokens, k) != "year":
        return []
    try:
        monday = date.fromisocalendar(tokens[k].value, number, 1)
    except ValueError:
        return []
    first, last = (PartialDate(d.year, d.month, d.day) for d in (monday, monday + timedelta(days=6)))
    return [ParsedDate(i, k + 1, DateRange(first, last))]
