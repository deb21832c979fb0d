"""Reads the layout of a sheet: its extent, merged cells, hidden rows and columns.

openpyxl knows this only with the whole sheet in memory, and then makes a cell for each place of a merged range, of
which a file of a thousand bytes can have a billion. Here no cells are made, and the extent is known before they are.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.office import Element, Package

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MOST_CELLS = 500_000
# Rows by columns up to the last cell: cells that are far apart take time too.
_MOST_PLACES = 30_000_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, counted from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`height` and `width` reach to the last cell that is not empty."""

    height: int
    width: int
    merged: tuple[Area, ...]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]


def read_layout(package: Package, part: str, sheet: str) -> Layout:
    """Return the layout of a sheet, called `sheet` in messages. Raises NotReadable."""
    data = package.content(part)
    rows = height = width = cells = 0
    hidden_rows: set[int] = set()
    columns: list[tuple[int, int]] = []
    merged: list[Area] = []
    number = 0
    try:
        for _, node in etree.iterparse(
            io.BytesIO(data),
            events=("end",),
            tag=(_S + "row", _S + "col", _S + "mergeCell"),
            resolve_entities=False,
            no_network=True,
        ):
            if node.tag == _S + "row":
                number = int(float(node.get("r", number + 1)))
                rows += 1
                filled = [cell for cell in node if len(cell)]
                if filled:
                    cells += len(filled)
                    height = max(height, number)
                    width = max(width, _width(node, filled))
                if _is_hidden(node, "ht"):
                    hidden_rows.add(number)
                node.clear()
            elif node.tag == _S + "col" and _is_hidden(node, "width"):
                columns.append((int(node.get("min", 1)), int(node.get("max", 1))))
            elif node.tag == _S + "mergeCell":
                merged.append(area(node.get("ref", "")))
            if cells > _MOST_CELLS:
                raise NotReadable(f"its sheet “{sheet}” has more than {_MOST_CELLS:,} cells: split it")
    except (etree.XMLSyntaxError, ValueError, OverflowError) as error:
        raise NotReadable(f"its sheet “{sheet}” is damaged ({error})") from None
    if height > _LAST_ROW or width > _LAST_COLUMN:
        raise NotReadable(f"its sheet “{sheet}” is damaged (it has cells outside of it)")
    if rows * width > _MOST_PLACES:
        raise NotReadable(
            f"the cells of its sheet “{sheet}” lie too far apart ({height:,} rows, {width:,} columns): "
            "remove the cells far to the right"
        )
    return Layout(height, width, tuple(merged), frozenset(hidden_rows), _within(columns, width))


def area(reference: str) -> Area:
    """Return the area of a reference, "A2:B5" or "A2". Raises ValueError."""
    # Imported late: openpyxl takes a quarter of a second.
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(reference)
    if None in (left, top, right, bottom):
        raise ValueError(f"“{reference[:30]}” is no place in a sheet")
    return Area(top, left, bottom, right)


def _within(spans: Iterable[tuple[int, int]], last: int) -> frozenset[int]:
    """Return the numbers from 1 to `last` that lie in one of the spans."""
    found: set[int] = set()
    reached = 0
    for low, high in sorted(spans):
        found.update(range(max(low, reached + 1), min(high, last) + 1))
        reached = max(reached, high)
    return frozenset(found)


def _width(row: Element, filled: Iterable[Element]) -> int:
    references = [cell.get("r") for cell in filled]
    # Without references, the cells are one beside the other.
    return len(row) if None in references else max(area(reference).left for reference in references)


def _is_hidden(node: Element, size: str) -> bool:
    return node.get("hidden") in ("1", "true") or node.get(size) in ("0", "0.0")
