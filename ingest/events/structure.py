"""Divides a section into sentences, lines and table rows, each with the lines above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.document.sentences import split
from store.records import Section

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
