"""Dates in figures in their context: decides whether they are dates, and joins ranges and lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.dates.date_range import DateRange
from ingest.dates.forms.calendar import ParsedDate, merge_days
from ingest.dates.forms.numeric import Doubt
from ingest.dates.text.connectors import connector_at, moves, past_remark
from ingest.dates.text.position import alone, asked, before_noun, numbered
from ingest.dates.text.tokens import Token, kind_at, skip_kind, word_at
from ingest.dates.text.words import NAMES_AFTER_YEAR, vocabulary

# More dates than this in one list is a table of numbers.
_LONGEST_LIST = 12
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
    return merge_days(parsed_dates)


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
    """Return whether the figures at `i` are a date, not the number of a document, a fraction or a score."""
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
    """Return whether figures with a closing dot are days without a year, not a decimal that ends a sentence."""
    if kind_at(tokens, i - 1) == "weekday" or alone(tokens, i, stop):
        return True
    if i and (tokens[i - 1].text in ":;" or tokens[i - 1].fold in _BEFORE_DOTTED):
        return True
    closed = kind_at(tokens, stop) in ("comma", "dash") or word_at(tokens, stop) in ("(", ")", ";")
    return closed and word_at(tokens, i - 1) not in _COUNTING
