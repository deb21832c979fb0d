"""The grammar of dates in the prose of international organisations.

The text is divided into tokens; at each token a grammar of bounded look-ahead tries to read a date; missing years are
inferred from the dates around and then from the date of the document. The work is linear in the length of the text, and
no text makes it raise.

These are never dates: "2030 Agenda", "A/RES/76/307", "C24/67", "PP-22", "budget 2024-2025", "Resolution 75/1", the verb
"may", "4/5 of". "09/05/2024" is in May, unless another date of the text can only be read with the month first.
Ambiguous expressions ("12/9", "November", "the 12th") are dates after a word that asks for one, or alone in a cell or
line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from ingest.dates.calendar import ParsedDate
from ingest.dates.context import Hour, hour_beside, hours_of, lead_of
from ingest.dates.date_range import DateRange
from ingest.dates.days import parse_days_in_range, spans_days
from ingest.dates.offsets import Offset, Relation, parse_offset
from ingest.dates.parts import parse_bare, parse_dates
from ingest.dates.resolving import resolve_years
from ingest.dates.tokens import Token, skip_word, tokenise, word_before
from ingest.languages import Gloss, gloss, languages
from store.records import Bound, Precision, StatedDate

ExpressionKind = Literal["date", "recurrence", "relative"]


@dataclass(frozen=True, slots=True)
class DateExpression(StatedDate):
    """An expression of a text: a date, a recurrence ("annual") or a distance ("two months before the opening")."""

    span: tuple[int, int]
    """Start and end in the text, without the preposition in front."""
    text: str
    kind: ExpressionKind = "date"
    named: bool = False
    """It is a year in the name of an event ("WSIS Forum 2023")."""
    lead: str = ""
    """The casefolded preposition in front ("in", "by", "since", "as of"), "" without one."""
    offset: str | None = None
    """The length of a distance as an ISO 8601 duration: "P2M" for "two months before the opening"."""
    relation: Relation | None = None
    """How the distance relates to its `anchor`: "before"."""
    anchor: str | None = None
    """What the distance is measured from: "the opening"."""


def find_dates(
    text: str,
    *,
    reference: date | None,
    context_year: int | None = None,
    bare: bool = False,
    language: str = "en",
) -> list[DateExpression]:
    """Return the date expressions of `text`, in order.

    `reference` is the date of the document, from which "this year" and missing years are computed. `context_year` (of a
    heading) completes missing years if the text itself states none. `bare`: a weekday, month or year is a date wherever
    it is, as in a question. `language` is that of the text; one without a pack is read as English.
    """
    if language in languages():
        glossed = gloss(text, language)
        found = find_dates(glossed.text, reference=reference, context_year=context_year, bare=bare)
        return [in_original(expression, glossed, text) for expression in found]
    tokens = tokenise(text)
    parsed_dates, offsets = _read(tokens, bare)
    resolved = resolve_years(tokens, parsed_dates, reference, context_year)
    hours = hours_of(tokens)
    found = [_offset_expression(text, tokens, offset) for offset in offsets]
    next_hour = 0
    for parsed, (days, inferred) in zip(parsed_dates, resolved, strict=True):
        while next_hour < len(hours) and hours[next_hour].first < parsed.stop:
            next_hour += 1
        last = hours[next_hour - 1] if next_hour else None
        inside = last if last and last.first > parsed.first else None
        hour = inside or hour_beside(tokens, hours, next_hour, parsed.first, parsed.stop)
        found.append(_expression(text, tokens, parsed, days, inferred, hour))
    return sorted(found, key=lambda expression: expression.span)


def in_original(expression: DateExpression, glossed: Gloss, text: str) -> DateExpression:
    """Return an expression of the gloss of a text as one of the text."""
    start, end = glossed.span(*expression.span)
    return replace(expression, span=(start, end), text=text[start:end])


def same_dates(first: Iterable[DateExpression], second: Iterable[DateExpression]) -> bool:
    """Whether both date the same days, in any spelling and order."""
    return _days(first) == _days(second)


def _days(expressions: Iterable[DateExpression]) -> set[tuple[date, date]]:
    return {(e.start, e.end) for e in expressions if e.start is not None and e.end is not None}


def _read(tokens: Sequence[Token], bare: bool) -> tuple[list[ParsedDate], list[Offset]]:
    """Return the dates, and the recurrences and distances, that the grammar reads from left to right."""
    parsed_dates: list[ParsedDate] = []
    offsets: list[Offset] = []
    days_range: ParsedDate | None = None  # the last range of days in the sentence
    series = 0  # where the dates that were read last begin
    position = 0
    while position < len(tokens):
        dates = parse_dates(tokens, position)
        if dates:
            days_range = next((parsed for parsed in reversed(dates) if spans_days(parsed)), days_range)
        elif days_range and tokens[position].kind == "number":
            dates = parse_days_in_range(tokens, position, days_range)
        elif tokens[position].kind == "break" and tokens[position].text in ".!?\n":
            days_range = None
        if bare and not dates:
            dates = parse_bare(tokens, position)
        if dates:
            if of_year := _of_year(tokens, parsed_dates[series:], dates[0]):
                del parsed_dates[series:]
                dates = [*of_year, *dates[1:]]
            else:
                series = len(parsed_dates)
            parsed_dates.extend(dates)
            position = max(parsed.stop for parsed in dates)
            continue
        offset = parse_offset(tokens, position)
        if offset is None:
            position += 1
            continue
        offsets.append(offset)
        # The anchor of a distance may contain a date ("six weeks before 3 March 2025").
        position = max(position + 1, offset.anchor[0] if offset.anchor else offset.stop)
    return parsed_dates, offsets


def _of_year(tokens: Sequence[Token], dates: Sequence[ParsedDate], year: ParsedDate) -> list[ParsedDate]:
    """Return the dates of "9 and 17 November" with the "last year" directly after them; none where there is none."""
    if not dates or year.relative is None or year.unit != "year" or year.range != DateRange.of():
        return []
    placed = all(
        one.range.first.month is not None and not one.range.year_stated and one.relative is None
        for one in dates
    )
    if not placed or year.first != skip_word(tokens, dates[-1].stop, "of"):
        return []
    of_year = [replace(one, relative=year.relative, unit="of year") for one in dates]
    return [*of_year[:-1], replace(of_year[-1], stop=year.stop)]


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
    elif parsed.unit not in ("year", "of year", "month"):
        precision = "day"
    approximate = date_range.approximate or parsed.approximate or lead.vague
    is_it = word_before(tokens, parsed.first) == "is"
    if days and (lead.bound == "by" or is_it) and date_range.part == "end" and not date_range.ranged:
        # "By the end of August" and "the date is the end of Q1" mean the last day exactly.
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


def _offset_expression(text: str, tokens: Sequence[Token], offset: Offset) -> DateExpression:
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
