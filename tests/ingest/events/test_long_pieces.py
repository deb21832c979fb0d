"""Lines and rows beyond measure are cut, for the work on a piece grows with the square of its dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ingest.events.pieces import pieces
from store.records import Section
from tests.ingest.events.papers import rows

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=count) for count in range(300)]
WIDE_ROW = "Group: Council; " + "; ".join(f"Paper {n}: {day:%d %B %Y}" for n, day in enumerate(DAYS))
LONG_CELL = "Group: Council; Papers: " + " or else ".join(f"{day:%d %B %Y}" for day in DAYS)
LONG_LINE = "Papers are due " + " or else ".join(f"{day:%d %B %Y}" for day in DAYS)


@pytest.mark.parametrize("text", [WIDE_ROW, LONG_CELL, LONG_LINE], ids=["cells", "cell", "line"])
def test_length_of_pieces_is_limited(text: str) -> None:
    found = pieces(Section("d", "1", 0, 0, "", text, text))
    assert max(piece.end - piece.start for piece in found) <= 4000
    assert max(len(piece.cells) for piece in found) <= 60


@pytest.mark.parametrize("text", [WIDE_ROW, LONG_CELL, LONG_LINE], ids=["cells", "cell", "line"])
def test_each_date_of_a_piece_that_is_cut_is_found(text: str) -> None:
    assert {start for _, _, start in rows(text)} == {str(day) for day in DAYS}


def test_a_cell_of_a_row_that_is_cut_keeps_the_name_of_the_row() -> None:
    assert rows(WIDE_ROW)[-1][0] == "Council: paper 299"
