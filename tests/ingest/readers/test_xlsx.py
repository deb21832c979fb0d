"""Workbooks: sheets, tables and titles, merged and hidden cells, and values as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.readers.choice import read_file
from tests.cases import cases
from tests.ingest.readers.words import replaced, with_part
from tests.ingest.readers.workbooks import SHEET, TIMETABLE, BookFile, book, timetable


def told(data: bytes) -> list[tuple[str, str]]:
    return [(block.kind, block.raw) for block in read_file("a.xlsx", data).blocks]


def test_a_workbook_of_another_program_is_read() -> None:
    extract = read_file("a.xlsx", timetable())
    assert [(block.kind, block.raw) for block in extract.blocks] == TIMETABLE
    assert extract.title == "Timetable of the Council"
    assert extract.notes == ["hidden sheets are left out: “Old”"]


@pytest.mark.parametrize("case", cases("readers/xlsx"))
def test_a_sheet_is_read_as_people_see_it(case: dict[str, Any]) -> None:
    file = BookFile(*case["rows"], bold=case.get("bold", False))
    file.sheet.title = case.get("sheet", file.sheet.title)
    file.book.create_sheet("Empty")
    for area in case.get("merged", ()):
        file.sheet.merge_cells(area)
    if hidden := case.get("hidden"):
        file.sheet.column_dimensions[hidden["column"]].hidden = True
        file.sheet.row_dimensions[hidden["row"]].hidden = True
    if "form" in case:
        file.sheet["B1"].number_format = case["form"]

    extract = read_file("a.xlsx", file.save())

    assert [block.raw for block in extract.blocks] == case["told"]
    assert list(extract.notes) == case.get("notes", [])


def test_a_part_that_is_broken_keeps_nobody_from_the_cells() -> None:
    assert told(with_part(book(), "xl/theme/theme1.xml", b"<broken/>")) == told(book())
    assert told(replaced(book(), SHEET, b'ref="A1:B3"', b'ref="A1:A1"')) == told(book())


@pytest.mark.parametrize(
    ("cells", "behind"),
    [
        (b"", b'<mergeCells><mergeCell ref="D1:XFD1048576"/></mergeCells>'),
        (b"", b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="a"/></hyperlinks>'),
        (b'<row r="4" ht="0"/>', b'<cols><col min="1" max="16384"/></cols>'),
    ],
)
def test_a_range_of_all_the_sheet_costs_nothing(cells: bytes, behind: bytes) -> None:
    end = b"</sheetData>"
    assert told(replaced(book(), SHEET, end, cells + end + behind)) == told(book())
