"""The grammar of dates in the prose of international organisations.

A pure leaf: imports nothing of ours but its own private parts, and anyone may use it. The text is cut into
tokens; at each token a grammar of bounded look-ahead tries to read a date; years that are not stated are
inferred from the dates around and then from the date of the document. The work is linear in the length of the
text, and no text makes it raise.

Never dates: "2030 Agenda", "A/RES/76/307", "C24/67", "PP-22", "budget 2024-2025", "Resolution 75/1", a modal "may",
"4/5 of". "09/05/2024" is in May, unless another date of the text can only be read with the month first. What can
be something else ("12/9", "November", "the 12th") is a date where a word before it or a place of its own says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.dates.date_range import Precision
from ingest.dates.forms.calendar import ParsedDate
from ingest.dates.forms.days_in_range import parse_days_in_range, spans_days
from ingest.dates.forms.offsets import Offset, Relation, parse_offset
from ingest.dates.forms.ranges import parse_dates
from ingest.dates.text.context import Bound, Hour, hour_beside, hours_of, lead_of
from ingest.dates.text.tokens import Token, tokenise, word_before
from ingest.dates.years import resolve_years

__all__ = ["Bound", "DateExpression", "Precision", "find_dates", "same_dates"]

ExpressionKind = Literal["date", "recurrence", "relative"]


@dataclass(frozen=True, slots=True)
class DateExpression:
    """One date expression of a text.

    `span` is its place in the text, half open, without the preposition in front. `start` and `end`, both
    inclusive, are None for what recurs or is relative, and where the year can not be known. `lead` is the
    casefolded word in front that governs it ("in", "by", "since", "as of", "" for none); `named`: a year that
    belongs to the name of an event ("WSIS Forum 2023").

    Recurrences and distances are ISO 8601 durations; "P2Y or P6M (ambiguous)" for "bi-annual", "P3Y or P4Y" for
    "every three to four years". A distance (`offset`) lies `relation` its `anchor`: "at least two months before the
    opening" is P2M, before, "the opening".
    `time` is "HH:MM", the start of a range of hours; `timezone` is as stated ("Geneva time").
    """

    span: tuple[int, int]
    text: str
    kind: ExpressionKind = "date"
    start: date | None = None
    end: date | None = None
    precision: Precision = "none"
    bound: Bound = "on"
    approximate: bool = False
    year_inferred: bool = False
    named: bool = False
    lead: str = ""
    recurrence: str | None = None
    offset: str | None = None
    relation: Relation | None = None
    anchor: str | None = None
    time: str | None = None
    timezone: str | None = None


def find_dates(text: str, *, reference: date | None, context_year: int | None = None) -> list[DateExpression]:
    """Return the expressions of time in `text`, in order of their place.

    `reference` is the date of the document: "this year" and dates without a year are reckoned from it.
    `context_year` stands in for a missing year where the text itself dates nothing (a heading's year).
    """
    tokens = tokenise(text)
    parsed_dates, offsets = _read(tokens)
    resolved = resolve_years(tokens, parsed_dates, reference, context_year)
    hours = hours_of(tokens)
    found = [_offset(text, tokens, offset) for offset in offsets]
    at = 0
    for parsed, (days, inferred) in zip(parsed_dates, resolved, strict=True):
        while at < len(hours) and hours[at].first < parsed.stop:
            at += 1
        inside = hours[at - 1] if at and hours[at - 1].first > parsed.first else None
        hour = inside or hour_beside(tokens, hours, at, parsed.first, parsed.stop)
        found.append(_expression(text, tokens, parsed, days, inferred, hour))
    return sorted(found, key=lambda expression: expression.span)


def same_dates(first: Iterable[DateExpression], second: Iterable[DateExpression]) -> bool:
    """Return whether both speak of the same days, however they spell them and in whatever order."""
    return _days(first) == _days(second)


def _days(expressions: Iterable[DateExpression]) -> set[tuple[date, date]]:
    return {(e.start, e.end) for e in expressions if e.start is not None and e.end is not None}


def _read(tokens: Sequence[Token]) -> tuple[list[ParsedDate], list[Offset]]:
    parsed_dates: list[ParsedDate] = []
    offsets: list[Offset] = []
    span: ParsedDate | None = None
    i = 0
    while i < len(tokens):
        dates = parse_dates(tokens, i)
        if dates:
            span = next((parsed for parsed in reversed(dates) if spans_days(parsed)), span)
        elif span and tokens[i].kind == "number":
            dates = parse_days_in_range(tokens, i, span)
        elif tokens[i].kind == "break" and tokens[i].text in ".!?\n":
            span = None
        if dates:
            parsed_dates.extend(dates)
            i = max(parsed.stop for parsed in dates)
            continue
        offset = parse_offset(tokens, i)
        if offset is None:
            i += 1
            continue
        offsets.append(offset)
        # The anchor of a distance may itself hold a date ("six weeks before 3 March 2025").
        i = max(i + 1, offset.anchor[0] if offset.anchor else offset.stop)
    return parsed_dates, offsets


def _expression(
    text: str,
    tokens: Sequence[Token],
    parsed: ParsedDate,
    days: tuple[date, date] | None,
    inferred: bool,
    hour: Hour | None,
) -> DateExpression:
    date_range = parsed.range
    span = (tokens[parsed.first].start, tokens[parsed.stop - 1].end)
    lead = lead_of(tokens, parsed.first, parsed.stop, ranged=date_range.ranged)
    precision: Precision = date_range.precision
    if parsed.unit in ("month", "same month") and not date_range.first.day:
        precision = "month"
    elif parsed.unit not in ("year", "month"):
        precision = "day"
    approximate = date_range.approximate or parsed.approximate or lead.vague
    is_it = word_before(tokens, parsed.first) == "is"
    if days and (lead.bound == "by" or is_it) and date_range.part == "end" and not date_range.ranged:
        # "By the end of August" leaves no doubt: the last day is the latest; nor does "the date is the end of Q1".
        days, precision, approximate = (days[1], days[1]), "day", lead.vague
    return DateExpression(
        span=span,
        text=text[span[0] : span[1]],
        start=days[0] if days else None,
        end=days[1] if days else None,
        precision=precision if days else "none",
        bound=lead.bound,
        approximate=approximate,
        year_inferred=inferred and days is not None,
        named=parsed.named,
        lead=lead.word,
        time=hour.time if hour else None,
        timezone=hour.timezone if hour else None,
    )


def _offset(text: str, tokens: Sequence[Token], offset: Offset) -> DateExpression:
    start, end = tokens[offset.first].start, tokens[offset.stop - 1].end
    anchor = None
    if offset.anchor:
        anchor = text[tokens[offset.anchor[0]].start : tokens[offset.anchor[1] - 1].end]
    if offset.relation is None:
        return DateExpression((start, end), text[start:end], "recurrence", recurrence=offset.duration)
    bound: Bound = "from" if offset.relation == "after" else "by"
    return DateExpression(
        (start, end), text[start:end], "relative", bound=bound,
        offset=offset.duration, relation=offset.relation, anchor=anchor,
    )  # fmt: skip
