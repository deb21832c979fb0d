"""A weekday, month or year alone, as questions name them: "Friday?", "May", "2025"."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.dates.date_range import DateRange
from ingest.dates.forms.bare_years import is_of_name_or_period
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.forms.days import BARE
from ingest.dates.text.tokens import Token, kind_at
from ingest.dates.text.words import MONTHS


def parse_bare(tokens: Sequence[Token], i: int) -> list[ParsedDate]:
    """Return the date that token `i` is, whatever is before it."""
    token, before, date_range = tokens[i], kind_at(tokens, i - 1), None
    if token.kind == "weekday" and token.fold.endswith("day"):
        return [ParsedDate(i, i + 1, DateRange.of(), token.value, relative=BARE, unit="weekday")]
    if token.fold in MONTHS and token.kind == "month" and before != "number":
        date_range = DateRange.of(month=token.value)
    elif token.kind == "year" and before not in ("dash", "slash") and not is_of_name_or_period(tokens, i):
        date_range = DateRange.of(token.value)
    return [ParsedDate(i, i + 1, date_range)] if date_range else []
