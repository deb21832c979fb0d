"""Turns tables into lines that can be read alone: each row with its header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from ingest.readers.base import Block

_HEADER_WORDS = 10
# A header is repeated in every row: with longer names a small file would become a large text.
_NAME_CHARS = 150
_STATES = re.compile(r":\s*\S|[.;!?]\s*$|\d{1,2} \w+ \d{4}")
# Figures and words, as a date has: "12 May".
_MIXED = re.compile(r"(?=.*\d)(?=.*[^\W\d_])")


class Repeated(str):
    """The text of a cell in a further column that the cell spans."""

    __slots__ = ()


def is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the rows are a table, and not a frame around text: two rows and two columns are filled."""
    filled = [row for row in rows if len({cell.strip() for cell in row if cell.strip()}) >= 2]
    return len(filled) >= 2


def has_header(rows: Sequence[Sequence[str]], *, repeated: bool = False) -> bool:
    """Whether the first row has the names of columns: short, no statements, and different, if not `repeated`."""
    cells = [cell.strip() for cell in rows[0]] if rows else []
    named = [cell for cell in cells if cell]
    columns = list(zip_longest(*rows, fillvalue=""))
    dated = [column for column in columns if _MIXED.match(column[0])]
    if len(dated) == 1 and len(rows) > 1 and all(map(_MIXED.match, filter(str.strip, dated[0]))):
        return False  # a list of dates without names of columns
    return (
        len(rows) >= 2
        and len(named) >= 2
        and len(named) >= len(cells) - 1  # the corner may be empty
        and (repeated or len({cell.casefold() for cell in named}) == len(named))
        and all(
            len(cell) <= _NAME_CHARS
            and len(cell.split()) <= _HEADER_WORDS
            and not _STATES.search(cell)
            and any(map(str.isalnum, cell))
            for cell in named
        )
    )


def column_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of columns from all rows of a header.

    "Date" over two columns, with "Start" and "End" below it, gives the names "Date Start" and "Date End".
    """
    columns = zip_longest(*rows, fillvalue="")
    return [" ".join(dict.fromkeys(filter(None, map(str.strip, column)))) for column in columns]


def table_blocks(rows: Sequence[Sequence[str]], marked: int = 0, page: int | None = None) -> list[Block]:
    """Return a block for each row of a table below its header, of which the first `marked` rows are marked as header.

    A marked row with one text in all of several columns is a caption. Without marked rows, the looks of the first one
    tell whether it is a header.
    """
    captions = [row for row in rows[:marked] if len(row) > 1 and len({cell.strip() for cell in row}) == 1]
    names = [row for row in rows[:marked] if row not in captions]
    below = rows[marked:]

    if names:
        header: Sequence[str] | None = column_names(names)
    elif has_header(below):
        header, below = below[0], below[1:]
    else:
        header = None

    return row_blocks(captions, None, page) + row_blocks(below, header, page)


def row_blocks(
    rows: Sequence[Sequence[str]], header: Sequence[str] | None, page: int | None = None
) -> list[Block]:
    """Return a block for each row below the header, "Header: cell; Header: cell"."""
    if header is not None and not rows:
        rows, header = [header], None  # nothing is below the header, but its text must not be lost
    blocks: list[Block] = []
    above = [tuple(header)] if header is not None else []
    for row in rows:
        if line := _line(row, header or ()):
            blocks.append(Block("row", line, page=page, rows=(*above, tuple(row))))
            above = []
    return blocks


def _line(row: Sequence[str], header: Sequence[str]) -> str:
    parts: list[str] = []
    for cell, name in zip_longest(row, header, fillvalue=""):
        text = " ".join(cell.split())
        if not text or isinstance(cell, Repeated):
            continue
        name = " ".join(name.split()).rstrip(":")
        parts.append(f"{name}: {text}" if name else text)
    return "; ".join(parts)
