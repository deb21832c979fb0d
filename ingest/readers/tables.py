"""Turns tables into lines that can be read alone: each row with its header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ingest.errors import NotReadable
from ingest.readers.base import Block

_HEADER_WORDS = 10
_STATES = re.compile(r":\s*\S|[.;!?]\s*$|\d{1,2} \w+ \d{4}")

# A header, and perhaps a cell, is repeated in every row: the text of a small file could grow without limit.
_MOST_CHARACTERS = 30_000_000


def is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the rows are a table, and not a frame around text: two rows and two columns are filled."""
    filled = [row for row in rows if len({cell.strip() for cell in row if cell.strip()}) >= 2]
    return len(filled) >= 2


def has_header(rows: Sequence[Sequence[str]], *, repeated: bool = False) -> bool:
    """Whether the first row has the names of columns: short, no statements, and different, if not `repeated`."""
    cells = [cell.strip() for cell in rows[0]] if rows else []
    named = [cell for cell in cells if cell]
    return (
        len(rows) >= 2
        and len(named) >= 2
        and len(named) >= len(cells) - 1  # the corner may be empty
        and (repeated or len({cell.casefold() for cell in named}) == len(named))
        and all(len(cell.split()) <= _HEADER_WORDS and not _STATES.search(cell) for cell in named)
    )


@dataclass(frozen=True, slots=True)
class TableParts:
    """The captions above a table's header, the names of its columns if it has any, and the rows below."""

    captions: Sequence[Sequence[str]]
    header: Sequence[str] | None
    rows: Sequence[Sequence[str]]

    def blocks(self, budget: CharacterBudget) -> list[Block]:
        """Return a block for each row. Raises NotReadable if the text of all rows of the file becomes too long."""
        captions = row_blocks(self.captions, budget, header=None)
        return captions + row_blocks(self.rows, budget, header=self.header)


def table_parts(rows: Sequence[Sequence[str]], marked: int) -> TableParts:
    """Divide a table of which the first `marked` rows are marked as header.

    A row with one text in all of several columns is a caption.
    """
    captions = [row for row in rows[:marked] if len(row) > 1 and len({cell.strip() for cell in row}) == 1]
    names = [row for row in rows[:marked] if row not in captions]
    below = rows[marked:]
    if names:
        return TableParts(captions, column_names(names), below)
    header, rows = (below[0], below[1:]) if has_header(below) else (None, below)
    return TableParts(captions, header, rows)


def column_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of columns from all rows of a header.

    "Date" over two columns, with "Start" and "End" below it, gives the names "Date Start" and "Date End".
    """
    columns = zip_longest(*rows, fillvalue="")
    return [" ".join(dict.fromkeys(filter(None, map(str.strip, column)))) for column in columns]


def row_blocks(
    rows: Sequence[Sequence[str]],
    budget: CharacterBudget,
    *,
    header: Sequence[str] | None,
    page: int | None = None,
) -> list[Block]:
    """Return a block for each row, "Header: cell; Header: cell"; `rows` are those below the header.

    Raises NotReadable if the text of all rows of the file becomes too long.
    """
    if header is not None and not rows:
        rows, header = [header], None  # nothing is below the header, but its text must not be lost
    blocks: list[Block] = []
    above = [tuple(header)] if header is not None else []
    for row in rows:
        if line := _line(row, header or ()):
            budget.spend(len(line))
            blocks.append(Block("row", line, page=page, rows=(*above, tuple(row))))
            above = []
    return blocks


def _line(row: Sequence[str], header: Sequence[str]) -> str:
    parts: list[str] = []
    before = None
    for place, cell in enumerate(row):
        text = " ".join(cell.split())
        # A cell that spans columns is stated once.
        if not text or text == before:
            continue
        before = text
        name = " ".join(header[place].split()).rstrip(":") if place < len(header) else ""
        parts.append(f"{name}: {text}" if name else text)
    return "; ".join(parts)


@dataclass
class CharacterBudget:
    """The number of characters that the tables of one file, and the notes of a page, may still become."""

    left: int = field(default=_MOST_CHARACTERS)

    def spend(self, count: int) -> None:
        """Subtract `count` characters. Raises NotReadable if too few are left."""
        self.left -= count
        if self.left < 0:
            raise NotReadable(
                f"its tables and notes would become more than {_MOST_CHARACTERS // 1_000_000} million characters: "
                "split it"
            )

    def row(self, cells: Sequence[str], header: Sequence[str] | None, page: int | None = None) -> list[Block]:
        """Return the block of one row with its header; nothing for an empty one. Raises NotReadable.

        Two cells with the same text are both stated, unlike in `row_blocks`: of a cell that spans columns, only the
        first may be given.
        """
        self.spend(sum(map(len, cells)) + sum(map(len, header or ())))
        pairs = zip_longest(cells, header or (), fillvalue="")
        parts = [part for cell, name in pairs if (part := _line((cell,), (name,)))]
        return [Block("row", "; ".join(parts), page=page)] if parts else []
