"""Finds the visible cells of one sheet with their texts: merged cells in all of their places, and comments."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.readers.tables import CharacterBudget
from ingest.readers.xlsx.layout import Area, Layout

Place = tuple[int, int]
"""Row and column, counted from 1."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell; `area` if it is merged."""

    text: str
    bold: bool = False
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column, and the comments on it. `parted`: there is a blank row above it."""

    cells: Mapping[int, Cell]
    parted: bool = False
    notes: Sequence[str] = field(default=())

    @property
    def texts(self) -> list[str]:
        """The texts of the row, each once."""
        return list(dict.fromkeys(cell.text for cell in self.cells.values()))

    @property
    def only(self) -> Cell | None:
        """The only cell, which may span columns; None if there are several."""
        return next(iter(self.cells.values())) if len(self.texts) == 1 else None

    @property
    def bold(self) -> bool:
        """Whether all cells are bold."""
        return all(cell.bold for cell in self.cells.values())


def visible_rows(
    filled: Mapping[Place, Cell], layout: Layout, notes: Mapping[Place, str], budget: CharacterBudget
) -> list[Row]:
    """Return the rows that are not hidden or blank, in order. Raises NotReadable if the texts become too long."""
    rows: dict[int, dict[int, Cell]] = {}
    for (number, column), cell in filled.items():
        if number not in layout.hidden_rows:
            rows.setdefault(number, {})[column] = cell
    numbers = sorted(rows)
    bridges: list[tuple[int, int]] = []  # rows of merged cells, whose blank rows do not divide a table
    for area in layout.merged:
        origin = filled.get((area.top, area.left))
        if origin is None:
            continue
        bridges.append((area.top, area.bottom))
        last = min(area.right, layout.width)
        within = numbers[bisect_left(numbers, area.top) : bisect_right(numbers, area.bottom)]
        budget.spend(len(within) * (last - area.left + 1) * (len(origin.text) + 1))
        for number in within:
            for column in range(area.left, last + 1):
                rows[number][column] = Cell(origin.text, origin.bold, area)
    return _in_order(rows, numbers, _merged(bridges), layout, notes)


def _in_order(
    rows: Mapping[int, Mapping[int, Cell]],
    numbers: Sequence[int],
    bridges: Sequence[tuple[int, int]],
    layout: Layout,
    notes: Mapping[Place, str],
) -> list[Row]:
    beside: dict[int, list[str]] = {}
    for (number, column), note in sorted(notes.items()):
        if numbers and number not in layout.hidden_rows and column not in layout.hidden_columns:
            # A comment on a blank row belongs to the row above it.
            beside.setdefault(numbers[max(bisect_right(numbers, number) - 1, 0)], []).append(note)
    found: list[Row] = []
    before = None
    bridge = 0
    for number in numbers:
        cells = {c: cell for c, cell in sorted(rows[number].items()) if c not in layout.hidden_columns}
        if not cells:
            continue
        while bridge < len(bridges) and bridges[bridge][1] < number:
            bridge += 1
        held = bridge < len(bridges) and before is not None and bridges[bridge][0] <= before
        gap = range(number if before is None else before + 1, number)
        parted = not held and any(between not in layout.hidden_rows for between in gap)
        found.append(Row(cells, parted, tuple(beside.pop(number, ()))))
        before = number
    return found


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the spans of rows that overlap, and return all in order."""
    found: list[tuple[int, int]] = []
    for top, bottom in sorted(spans):
        if found and top <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], bottom))
        else:
            found.append((top, bottom))
    return found
