"""Workbooks: sheets, tables and titles, merged and hidden cells, and values as people write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from ingest.readers.choice import read_file
from tests.ingest.readers.words import replaced, with_part
from tests.ingest.readers.workbooks import SHEET, TIMETABLE, BookFile, book, timetable

EVENTS = [["Event", "Date", "Place"], ["Forum", dt.date(2026, 7, 6), "Geneva"]]
FORUM = "Event: Forum; Date: 6 July 2026; Place: Geneva"


def told(data: bytes) -> list[tuple[str, str]]:
    return [(block.kind, block.raw) for block in read_file("a.xlsx", data).blocks]


def lines(file: BookFile) -> list[str]:
    return [raw for _, raw in told(file.save())]


def test_a_workbook_of_another_program_is_read() -> None:
    extract = read_file("a.xlsx", timetable())
    assert [(block.kind, block.raw) for block in extract.blocks] == TIMETABLE
    assert extract.title == "Timetable of the Council"
    assert extract.notes == ["hidden sheets are left out: “Old”"]


@pytest.mark.parametrize(
    ("name", "heading"), [("Calendar 2026", ["Calendar 2026"]), ("Feuil2", []), ("工作表1", [])]
)
def test_a_sheet_is_a_heading_by_the_name_that_somebody_gave_it(name: str, heading: list[str]) -> None:
    file = BookFile(*EVENTS)
    file.sheet.title = name
    file.book.create_sheet("Empty")
    assert lines(file) == [*heading, FORUM]


@pytest.mark.parametrize(
    ("rows", "bold", "shown"),
    [
        ([["Events"], ["• of May"], [], *EVENTS, ["All are provisional."]], False,
         ["Events", "• of May", FORUM, "All are provisional."]),
        ([*EVENTS, [], ["Name", "Seats"], ["Popov", 300]], False, [FORUM, "Name: Popov; Seats: 300"]),
        ([["Event", "Place"], ["Forum", "Geneva"], [], ["Council", "Kigali"]], True,
         ["Event: Forum; Place: Geneva", "Event: Council; Place: Kigali"]),
        ([[None, "Event", None, "Place"], [None, "Forum", None, "Geneva"]], False, ["Event: Forum; Place: Geneva"]),
        ([["Group", dt.date(2026, 4, 14)], ["A", "Room 1"]], True, ["Group: A; 14 April 2026: Room 1"]),
        ([["Venue:", "CICG"], ["City:", "Geneva"]], False, ["Venue: CICG", "City: Geneva"]),
        ([["Room", "Seats", "Doors"], ["A", 2, 2]], False, ["Room: A; Seats: 2; Doors: 2"]),
    ],
)  # fmt: skip
def test_tables_and_the_lines_around_them(rows: list[Sequence[Any]], bold: bool, shown: list[str]) -> None:
    assert lines(BookFile(*rows, bold=bold)) == shown


@pytest.mark.parametrize(
    ("rows", "merged", "shown"),
    [
        ([["Group", "Event", "Place", "Note"], ["WSIS", "Forum", "Geneva"], [None, "Prep", "Online", "x"]],
         ["A2:A3", "C2:D2"],
         ["Group: WSIS; Event: Forum; Place: Geneva", "Group: WSIS; Event: Prep; Place: Online; Note: x"]),
        ([["Group", "Event"], ["WSIS", "Forum"], [], [None, "Prep"]], ["A2:A4"],
         ["Group: WSIS; Event: Forum", "Group: WSIS; Event: Prep"]),
        ([["Event", "Date"], [None, "Start", "End"], ["Forum", "6 July", "10 July"]], ["A1:A2", "B1:C1"],
         ["Event: Forum; Date Start: 6 July; Date End: 10 July"]),
        ([["Time", "Session"], ["14 April 2026"], ["09:00", "Opening"]], ["A2:B2"],
         ["14 April 2026", "Time: 09:00; Session: Opening"]),
    ],
)  # fmt: skip
def test_merged_cells_belong_to_each_row(
    rows: list[Sequence[Any]], merged: list[str], shown: list[str]
) -> None:
    file = BookFile(*rows)
    for area in merged:
        file.sheet.merge_cells(area)
    assert lines(file) == shown


def test_what_is_hidden_is_left_out_and_noted() -> None:
    file = BookFile(
        ["Event", "Draft", "Place"], ["Forum", "no", "Geneva"], ["Secret", "yes", "X"], ["Prep", "", "Y"]
    )
    file.sheet.column_dimensions["B"].hidden = True
    file.sheet.row_dimensions[3].hidden = True
    extract = read_file("a.xlsx", file.save())
    assert [b.raw for b in extract.blocks] == ["Event: Forum; Place: Geneva", "Event: Prep; Place: Y"]
    assert extract.notes == ["what is hidden is left out: 1 row and 1 column"]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (dt.date(2026, 4, 14), "yyyy-mm-dd", "; 14 April 2026"),
        (dt.date(2026, 4, 14), "d mmm", "; 14 April 2026"),
        (dt.date(2026, 4, 1), "mmm yyyy", "; April 2026"),
        (dt.date(2026, 4, 1), "yyyy", "; 2026"),
        (dt.datetime(2026, 4, 14, 17), "d.m.yy h:mm", "; 14 April 2026, 17:00"),
        (dt.datetime(2026, 4, 14, 17, 5), "h:mm AM/PM", "; 17:05"),
        (dt.datetime(2026, 4, 14, 17, 5), 'd "hours" mmm yyyy', "; 14 April 2026"),
        (dt.time(9, 30), "hh:mm", "; 09:30"),
        (dt.timedelta(hours=36), "[h]:mm", "; 36:00"),
        ("two\nlines", "General", "; two lines"),
        (0.125, "0.0%", "; 12.5%"),
        (-1234.5, "#,##0.00_);[Red](#,##0.00)", "; -1,234.50"),
        (1200, "[$€-407] #,##0", "; € 1,200"),
        (7, "000", "; 007"),
        (2_500_000, '0.0,," million"', "; 2500000"),
        (0.1 + 0.2, "General", "; 0.3"),
        (True, "General", "; TRUE"),
        ("#N/A", "General", ""),
        ("=1+1", "General", ""),
        (5, ";;;", ""),
    ],
)
def test_values_are_written_as_people_write_them(value: Any, form: str, shown: str) -> None:
    file = BookFile(["value", value])
    file.sheet["B1"].number_format = form
    assert lines(file) == [f"value{shown}"]


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
