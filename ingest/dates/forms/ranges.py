"""Ranges with an end that is not a day or month: "between April 17 and the end of May", "late 2025/early 2026"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.forms.parts import parse_date
from ingest.dates.text.connectors import connector_at, moves, past_remark
from ingest.dates.text.tokens import Token, kind_at, skip_word, word_at, word_before


def parse_dates(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the dates that start at token `i`, one after the other; none where none does. Bounded work."""
    parsed_dates = parse_date(tokens, i)
    if len(parsed_dates) != 1 or not _may_end_a_range(parsed_dates[0]):
        return parsed_dates
    first = parsed_dates[0]
    between = word_before(tokens, i) == "between"
    joined_at = past_remark(tokens, first.stop)
    connector, k = connector_at(tokens, joined_at)
    if not (connector == "range" or (between and word_at(tokens, k - 1) == "and")) or moves(tokens, i):
        return parsed_dates
    k = skip_word(tokens, k, "the")
    others = _end_of_same(tokens, k, first) or (parse_date(tokens, k) if k < len(tokens) else [])
    if not others or not _may_end_a_range(others[0]):
        return parsed_dates
    date_range = DateRange(first.range.first, others[0].range.last, first.range.part, others[0].range.part)
    both_plain = _plain(first.range) and _plain(others[0].range)
    # A dash or slash next to a bare year is only punctuation.
    loose = kind_at(tokens, joined_at) in ("dash", "slash") and (_year(first.range) or _year(others[0].range))
    if both_plain or loose or date_range.days(2024) is None:
        return parsed_dates
    return [replace(first, stop=others[0].stop, range=date_range), *others[1:]]


def _may_end_a_range(parsed: ParsedDate) -> bool:
    return parsed.relative is None and not parsed.named and not parsed.range.ranged


def _plain(date_range: DateRange) -> bool:
    """Return whether it is a plain day or month: `parse_calendar` reads ranges of those."""
    return date_range.first.month is not None and not date_range.part


def _year(date_range: DateRange) -> bool:
    return date_range.first.month is None and not date_range.part


def _end_of_same(tokens: Sequence[Token], k: int, first: ParsedDate) -> list[ParsedDate]:
    """Read "end of the month" and "end of the year" after a date of that month or year."""
    if word_at(tokens, k) not in ("end", "close") or word_at(tokens, k + 1) != "of":
        return []
    begun, unit = first.range.first, word_at(tokens, k + 3)
    if word_at(tokens, k + 2) not in ("the", "that") or unit not in ("month", "year") or begun.month is None:
        return []
    point = PartialDate(begun.year, begun.month if unit == "month" else 12)
    return [ParsedDate(k, k + 4, DateRange(point, point, "end"))]
