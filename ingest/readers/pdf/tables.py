"""Finds tables by their ruled lines, and the words in their cells. Places are in points from the foot of the page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.readers.pdf.lines import lines_across
from ingest.readers.pdf.pages import Page, Rule, Word

# Ruled lines meet if they are at most this far apart.
_TOUCH_POINTS = 3.0
# A page with more is a drawing, and comparing all of them would take long.
_MOST_RULES = 2_000


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: the text of each cell, the first row first; `top` is its upper edge."""

    rows: list[list[str]]
    page: int
    top: float


@dataclass
class _Grid:
    uprights: list[Rule] = field(default_factory=list)
    levels: list[Rule] = field(default_factory=list)


def find_tables(page: Page) -> tuple[list[Table], list[Word]]:
    """Return the tables of a page, and the words outside of them."""
    words = page.words
    tables: list[Table] = []
    for xs, ys in _grids(page.rules):
        inside = [w for w in words if xs[0] < (w.left + w.right) / 2 < xs[-1] and ys[0] < w.base < ys[-1]]
        rows = _cells(inside, xs, ys, page.number)
        # A table has at least two rows with two filled cells; other grids are frames around text.
        if sum(1 for row in rows if sum(map(bool, row)) >= 2) >= 2:
            taken = set(map(id, inside))
            words = [w for w in words if id(w) not in taken]
            tables.append(Table(rows, page.number, ys[-1]))
    return tables, words


def _grids(rules: Sequence[Rule]) -> list[tuple[list[float], list[float]]]:
    """Return the places of the ruled lines of each table: from left to right, and from the foot up."""
    grids: list[_Grid] = []
    if len(rules) > _MOST_RULES:
        return []
    for upright in (rule for rule in rules if rule.upright):
        met = [grid for grid in grids if any(_meet(upright, other) for other in grid.levels)]
        joined = _Grid([upright], [])
        for grid in met:
            joined.uprights += grid.uprights
            joined.levels += grid.levels
            grids.remove(grid)
        known = set(map(id, joined.levels))
        joined.levels += [r for r in rules if not r.upright and id(r) not in known and _meet(upright, r)]
        grids.append(joined)
    found = []
    for grid in grids:
        xs = _places([(r.left + r.right) / 2 for r in grid.uprights])
        ys = _places([(r.bottom + r.top) / 2 for r in grid.levels])
        if len(xs) >= 3 and len(ys) >= 3:
            found.append((xs, ys))
    return found


def _meet(one: Rule, other: Rule) -> bool:
    return (
        one.left - _TOUCH_POINTS <= other.right
        and other.left <= one.right + _TOUCH_POINTS
        and one.bottom - _TOUCH_POINTS <= other.top
        and other.bottom <= one.top + _TOUCH_POINTS
    )


def _places(values: Sequence[float]) -> list[float]:
    merged: list[float] = []
    for value in sorted(values):
        if not merged or value - merged[-1] > _TOUCH_POINTS:
            merged.append(value)
    return merged


def _cells(words: Sequence[Word], xs: Sequence[float], ys: Sequence[float], page: int) -> list[list[str]]:
    """Return the text of each cell, the first row first; `xs` go from left to right, `ys` from the foot up."""
    held: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        middle = (word.left + word.right) / 2
        column = bisect_left(xs, middle, 1, len(xs) - 1) - 1
        # Rows are counted from the top.
        row = len(ys) - 1 - bisect_right(ys, word.base, 1, len(ys) - 1)
        held.setdefault((row, column), []).append(word)
    return [
        [
            " ".join(line.text for line in lines_across(held.get((row, column), ()), page))
            for column in range(len(xs) - 1)
        ]
        for row in range(len(ys) - 1)
    ]
