"""Completes dates from the lines above: the month above a list of days, the year above a column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ingest.dates import DateExpression, find_dates
from ingest.events.structure import Piece

# The year of a column or a list. In "WSIS Forum 2026" it belongs to a name: dates below it may be in another year.
_YEAR = re.compile(
    r"(?:^\W*|\b(?:in|of|for|calendar|dates|[a-z]+y|[a-z]+ber|march|april|june?|july|august),? )((?:19|20)\d\d)\b",
    re.I,
)
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? )?\d{1,2}"
_DAYS = rf"{_DAY}(?:\s*(?:-|–|—|to|and|,|&|/)\s*{_DAY})*"
_DAY_FIRST = re.compile(
    rf"\W{{0,3}}(?:\(p\)\s*)?(?P<days>{_DAYS})\)?(?P<mark>[:.]|\s[-–—])?\s+(?![ap]\.?m)(?=[^\W\d_]|[\"“‘'])",
    re.I,
)
_DAY_ONLY = re.compile(rf"(?P<days>{_DAYS})$", re.I)
_DAY_CELL = re.compile(rf"{_DAYS}", re.I)
_DATES = re.compile(r"\b(?:dates?|when|period)\b", re.I)
# A longer heading is more than the name of a month, so the lines below it are not its days.
_MONTH_CHARS = 40


def completed(
    expressions: Sequence[DateExpression], piece: Piece, text: str, reference: date | None
) -> list[DateExpression]:
    """Return the expressions of a piece, in order, with missing years completed, and with days that state no month."""
    found = [_dated_by(e, piece) for e in expressions]
    spans = [e.span for e in found]
    for first, stop in _bare_days(piece, text):
        if any(a < stop and first < b for a, b in spans):
            continue
        cells = [text[c.start : c.end] for c in piece.cells]
        lines = [*cells, *piece.lines_above] if piece.cells else piece.lines_above[:1]
        month = next(
            (m for line in lines if (m := _month_of(line, reference, bool(piece.cells))) is not None), None
        )
        if month is None:
            return found
        said = find_dates(f"{text[first:stop]} {month:%B %Y}", reference=reference)
        if len(said) == 1 and said[0].precision == "day":
            found.append(replace(said[0], span=(first, stop), text=text[first:stop], year_inferred=True))
    return sorted(found, key=lambda e: e.span)


def year_of(line: str) -> int | None:
    """Return the year of a heading or a column ("Meetings in 2026"), unless it belongs to a name."""
    years = set(_YEAR.findall(line))
    return int(years.pop()) if len(years) == 1 else None


def _dated_by(expression: DateExpression, piece: Piece) -> DateExpression:
    """Return the expression; if it states no year, with the year of its column or of the caption of its list."""
    if not expression.year_inferred or expression.kind != "date":
        return expression
    cell = next((c for c in piece.cells if c.start <= expression.span[0] < c.end), None)
    lines = [
        *([cell.label] if cell else ()),
        *(line for line in piece.lines_above if len(line) <= _MONTH_CHARS),
    ]
    year = next((found for line in lines if (found := year_of(line)) is not None), None)
    if year is None:
        return expression
    said = find_dates(expression.text, reference=None, context_year=year)
    if len(said) != 1 or said[0].start is None:
        return expression
    return replace(expression, start=said[0].start, end=said[0].end)


def _bare_days(piece: Piece, text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of days without a month: at the start of a line, or alone in a cell."""
    for cell in piece.cells:
        if _DAY_CELL.fullmatch(text[cell.start : cell.end]) and _DATES.search(cell.label):
            yield cell.start, cell.end
        named = _DAY_ONLY.fullmatch(cell.label)
        at = text.rfind(cell.label, piece.start, cell.start) if named else -1
        if named and at >= 0 and text[cell.start : cell.end].strip(" -–—"):
            yield at, at + len(cell.label)
    first = _DAY_FIRST.match(text, piece.start, piece.end) if not piece.cells else None
    # In a sentence, a number directly before a word counts it ("12 experts were trained").
    if first is not None and (piece.form == "line" or first["mark"] or first["days"][0].isalpha()):
        yield first.span("days")


def _month_of(line: str, reference: date | None, dated: bool) -> date | None:
    """Return the first day of the only month that a line names ("October 2015"); with `dated`, also by its days."""
    if len(line) > _MONTH_CHARS:
        return None
    found = find_dates(f"in {line.strip()}", reference=reference)
    counted = ("day", "month") if dated else ("month",)
    months = {e.start.replace(day=1) for e in found if e.start is not None and e.precision in counted}
    return months.pop() if len(months) == 1 else None
