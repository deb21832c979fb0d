"""Days without a month after a dated range of their sentence: "18-29 January 2027 (the working group on 20–21)"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ingest.dates.date_range import DateRange, PartialDate
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.text.connectors import connector_at
from ingest.dates.text.tokens import Token, kind_at, word_at

_LONGEST_LIST = 8
_ENDING = frozenset([",", ")", "]", ";", "and", "or", ".", "\n", "\t", "|", ""])
# For a range that states no year, any year shows whether a day lies in it; this one has a 29 February.
_ANY_YEAR = 2024


def spans_days(parsed: ParsedDate) -> bool:
    """Return whether bare days after it may lie within it: it is a range from one stated day to another."""
    date_range = parsed.range
    return (
        date_range.ranged and parsed.relative is None and bool(date_range.first.day and date_range.last.day)
    )


def parse_days_in_range(tokens: Sequence[Token], i: int, span: ParsedDate) -> list[ParsedDate]:
    """Return the days at token `i`, after "on", that lie within `span`, with those that are listed after them."""
    article = word_at(tokens, i - 1) == "the"
    led = word_at(tokens, i - 1 - article) == "on"
    found: list[ParsedDate] = []
    k = i
    while len(found) < _LONGEST_LIST:
        last, stop = k, k + 1
        connector, other = connector_at(tokens, stop)
        if connector == "range" and _number(tokens, other):
            last, stop = other, other + 1
        date_range = _shape(span.range, tokens[k].value, tokens[last].value)
        if date_range is None:
            return []
        found.append(ParsedDate(k, stop, date_range))
        connector, k = connector_at(tokens, stop)
        if connector != "list" or not _number(tokens, k):
            break
    # "the 27" may be 27 states; "the 20–21" are days.
    asked = led or (article and found[0].range.ranged)
    return found if asked and word_at(tokens, found[-1].stop) in _ENDING else []


def _number(tokens: Sequence[Token], k: int) -> bool:
    return kind_at(tokens, k) == "number"


def _shape(span: DateRange, first: int, last: int) -> DateRange | None:
    """Return the days `first` to `last` in a month of `span`, None if they are not within it."""
    whole = span.days(_ANY_YEAR)
    placed = span.in_year(_ANY_YEAR)
    if whole is None or first > last:
        return None
    for point in (placed.first, placed.last):
        year, month = point.year or _ANY_YEAR, point.month or 1
        try:
            inside = whole[0] <= date(year, month, first) and date(year, month, last) <= whole[1]
        except ValueError:
            continue
        if inside:
            stated = year if span.year_stated else None
            return DateRange(PartialDate(stated, month, first), PartialDate(stated, month, last))
    return None
