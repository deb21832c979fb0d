"""Divides a section into sentences, lines and table rows, and finds their dates.

What a date leaves out is in the lines above it: the month above days, the year above a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median_low
from typing import Literal

from ingest.dates import DateExpression, find_dates
from ingest.document.sentences import split
from ingest.events.glossed import SectionGloss
from ingest.languages import in_words_of_rules, language_of_part, languages
from store.records import Document, Section

Form = Literal["sentence", "line", "row"]
# Start and end in the text of a section.
Span = tuple[int, int]

# Longer texts without full stops are cut, so that the work stays linear.
_PIECE_CHARS = 2000
# So are longer rows, because all cells are searched for each date.
_ROW_CELLS = 60
_ROW_CHARS = 2 * _PIECE_CHARS
# The end of a line that introduces others. It is searched for each date below it.
_LEAD_IN_CHARS = 500
# A longer cell does not name its row.
_NAME_CHARS = 120
# Three cells this short are a row, if one has a label.
_CELL_CHARS = 120
_LABEL_WORDS = 10
_BULLET = re.compile(r"\s*(?:[•·▪●◦‣■–—*-]\s+|\(?[a-z]\)\s+|\(?[ivx]{1,5}\)\s+|\d{1,2}[.)]\s+(?=\D))?")
_LABELLED = re.compile(r"(?P<label>(?:[^\W\d_]|(?:19|20)\d\d|#)[^:;]{0,90}?):\s+(?=\S)")
_ENDS = re.compile(r"[.!?]['\"”’)\]]*$")
_TITLE_WORDS = 14


@dataclass(frozen=True, slots=True)
class RowCell:
    """One cell of a row: `text[start:end]` of the section under the column's name, "" for none."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, a line of its own (list item, label, caption) or a table row: `text[start:end]` of the section.

    `lines_above` are the lines that it is below, the nearest first: the line that introduces it, the heading.
    """

    start: int
    end: int
    form: Form
    lines_above: tuple[str, ...]
    cells: tuple[RowCell, ...] = ()

    def cell_at(self, position: int) -> RowCell | None:
        """Return the cell around a position of the section."""
        return next((cell for cell in self.cells if cell.start <= position < cell.end), None)


def pieces(section: Section) -> list[Piece]:
    """Return the pieces of `section`, in order."""
    found: list[Piece] = []
    headings = (section.heading,) if section.heading else ()
    caption, lead_in = "", ""
    for start, end, listed in _lines(section.text):
        line = section.text[start:end]
        above = tuple(dict.fromkeys(part for part in (lead_in, caption, *headings) if part))
        cells = _cells(line, start)
        if cells:
            found.extend(_rows(cells, start, end, above, section.text))
            continue
        inner = split(line)
        if len(inner) == 1 and not _ENDS.search(line):
            found.extend(Piece(start + a, start + b, "line", above) for a, b in _cut(line, 0, len(line)))
            if line.endswith(":"):
                lead_in = line[-_LEAD_IN_CHARS:].rstrip(": ")
            elif not listed and len(line.split()) <= _TITLE_WORDS and line[:1].isupper() and _heads(line):
                caption, lead_in = line, ""
            continue
        for first, last in inner:
            found.extend(Piece(start + a, start + b, "sentence", above) for a, b in _cut(line, first, last))
            if line[first:last].endswith(":"):
                lead_in = line[max(first, last - _LEAD_IN_CHARS) : last].rstrip(": ")
    return found


def _heads(line: str) -> bool:
    """Whether a line may be the caption of those below: it has no figures except for a year or an annex."""
    return not re.search(
        r"\d", re.sub(r"\b(?:19|20)\d\d\b|\b(?:Annex|Table|Part|Session|Week|Day) \d+", "", line)
    )


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, whether it has a bullet) of each line, without the bullet."""
    start = 0
    for line in text.split("\n"):
        bullet = _BULLET.match(line)
        first = bullet.end() if bullet else 0
        stripped = line.rstrip()
        if any(c.isalnum() for c in stripped[first:]):
            yield start + first, start + len(stripped), bool(line[:first].strip())
        start += len(line) + 1


def _cells(line: str, offset: int) -> tuple[RowCell, ...]:
    """Return the cells of a row ("Header: cell; Header: cell"); none if the line is no row."""
    if "; " not in line or (_ENDS.search(line) and not _LABELLED.match(line)):
        return ()
    cells: list[RowCell] = []
    start = 0
    for part in line.split("; "):
        label = _LABELLED.match(part)
        named = label is not None and len(label["label"].split()) <= _LABEL_WORDS
        first = start + (label.end() if label and named else 0)
        cells.append(
            RowCell(label["label"] if label and named else "", offset + first, offset + start + len(part))
        )
        start += len(part) + 2
    labelled = sum(bool(cell.label) for cell in cells)
    short = all(cell.end - cell.start <= _CELL_CHARS for cell in cells)
    return tuple(cells) if labelled >= 2 or (short and len(cells) >= 3 and labelled) else ()


def _cut(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _PIECE_CHARS:
        cut = line.rfind(" ", start + 1, start + _PIECE_CHARS)
        cut = cut if cut > start else start + _PIECE_CHARS
        yield start, cut
        start = cut
    yield start, end


def _rows(
    cells: tuple[RowCell, ...], start: int, end: int, above: tuple[str, ...], text: str
) -> Iterator[Piece]:
    """Yield the row, a very long one in parts, each with the first cell if that names the row."""
    if len(cells) <= _ROW_CELLS and end - start <= _ROW_CHARS:
        yield Piece(start, end, "row", above, cells)
        return
    opening = text[cells[0].start : cells[0].end]
    name = cells[:1] if len(opening) <= _NAME_CHARS and not any(map(str.isdigit, opening)) else ()
    part: tuple[RowCell, ...] = ()
    for cell in cells:
        for low, high in _cut(text, cell.start, cell.end):
            if part and (len(part) >= _ROW_CELLS or high - start > _ROW_CHARS):
                yield Piece(start, part[-1].end, "row", above, part)
                start, part = part[-1].end, name
            part = (*part, RowCell(cell.label, low, high))
    yield Piece(start, end, "row", above, part)


# The year of a column or a list. In "WSIS Forum 2026" it belongs to a name: dates below it may be in another year.
_YEAR = re.compile(
    r"(?:^\W*|\b(?:in|of|for|calendar|dates|[a-z]+y|[a-z]+ber|march|april|june?|july|august),? )((?:19|20)\d\d)\b",
    re.I,
)
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?![a-z])"
_DAYS = rf"{_DAY}(?:\s*(?:-|–|—|to|and|,|&|/)\s*{_DAY})*"
_DAY_FIRST = re.compile(
    rf"\W{{0,3}}(?:\(p\)\s*)?(?:from )?(?P<days>{_DAYS})\)?(?:\s?\((?:am|pm|morning|afternoon)\))?"
    r"(?P<mark>[:.]|\s[-–—])?\s+(?![ap]\.?m)(?=\d?[^\W\d_]|[\"“‘'])",
    re.I,
)
_DAY_ONLY = re.compile(rf"(?P<days>{_DAYS})$", re.I)
_DAY_CELL = re.compile(rf"{_DAYS}", re.I)
_DATES = re.compile(r"\b(?:dates?|when|period)\b", re.I)
# A longer heading is more than the name of a month, so the lines below it are not its days.
_MONTH_CHARS = 40
_EDITION = re.compile(r"(?P<name>[^\W\d].{2,80}?) (?P<year>(?:19|20)\d\d)\s*")


@dataclass(frozen=True, slots=True)
class NumberedDates:
    """The expressions of a section's heading and of its text, numbered from 1 in this order.

    `heading` is empty if an earlier section has the same heading, so that its dates count once.
    """

    section: Section
    heading: Sequence[DateExpression]
    text: Sequence[DateExpression]
    gloss: SectionGloss | None = None
    """How the rules read a section in another language than English."""

    @property
    def original(self) -> NumberedDates:
        """The section and its dates as the document has them."""
        if self.gloss is None:
            return self
        heading = [self.gloss.expression(one, True) for one in self.heading]
        text = [self.gloss.expression(one, False) for one in self.text]
        return NumberedDates(self.gloss.original, heading, text)


def number_dates(document: Document, sections: Sequence[Section]) -> Iterator[NumberedDates]:
    """Find the dates of each section and its heading; most of the work of `extract_events` and `dated_sections`."""
    language = document.language
    heads = [document.title, *dict.fromkeys(section.heading for section in sections)]
    known: dict[str, list[DateExpression]] = {}
    reference = (
        document.date
        or _day_in((in_words_of_rules(head, language) for head in heads), known)
        or _day_in((in_words_of_rules(section.text, language) for section in sections), known)
    )

    def dates_of(text: str, year: int | None = None) -> list[DateExpression]:
        found = known.get(text)
        return find_dates(text, reference=reference, context_year=year) if found is None else found

    headings: set[str] = set()
    for original in sections:
        own = language_of_part(original.text, language)
        glossed = SectionGloss.of(original, own) if own in languages() else None
        section = glossed.section if glossed else original
        in_heading: list[DateExpression] = []
        if section.heading not in headings:
            headings.add(section.heading)
            in_heading = dates_of(section.heading) or _edition(section)
        expressions = dates_of(section.text, year_of(section.heading))
        in_text: list[DateExpression] = []
        places = pieces(section)
        for piece, inside in zip(places, among(expressions, places), strict=True):
            in_text += completed(inside, piece, section.text, reference)
        yield NumberedDates(section, in_heading, in_text, glossed)


def _day_in(texts: Iterable[str], known: dict[str, list[DateExpression]]) -> date | None:
    """Return the median of the days that texts of an undated document state.

    If a text states the years of all its dates, its expressions are added to `known`: neither the document's date nor
    the heading's year changes them, so the text need not be read again.
    """
    days: list[date] = []
    for text in texts:
        found = find_dates(text, reference=None)
        if all(d.kind != "date" or (d.start is not None and not d.year_inferred) for d in found):
            known[text] = found
        days += [
            d.start
            for d in found
            if d.start is not None and d.precision in ("day", "month") and not d.year_inferred
        ]
    return median_low(days) if days else None


def _edition(section: Section) -> list[DateExpression]:
    """Return the year of a heading such as "SDG Digital 2024", if the section mentions that name."""
    edition = _EDITION.fullmatch(section.heading)
    if edition is None or edition["name"] not in section.text:
        return []
    year, span = int(edition["year"]), edition.span("year")
    start, end = date(year, 1, 1), date(year, 12, 31)
    return [DateExpression(span, edition["year"], start=start, end=end, precision="year", named=True)]


def among(expressions: Sequence[DateExpression], places: Sequence[Piece]) -> Iterator[list[DateExpression]]:
    """Yield the expressions of each piece; both are in order."""
    at = 0
    for piece in places:
        inside: list[DateExpression] = []
        while at < len(expressions) and expressions[at].span[0] < piece.end:
            if expressions[at].span[0] >= piece.start:
                inside.append(expressions[at])
            at += 1
        yield inside


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
    cell = piece.cell_at(expression.span[0])
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
