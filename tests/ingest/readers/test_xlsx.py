"""Workbooks: sheets, tables and titles, merged and hidden cells, and values as people write them."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from ingest.readers import xlsx
from ingest.readers.choice import reader_for
from tests.ingest.readers import report
from tests.ingest.readers.words import WordFile, with_part
from tests.ingest.readers.workbooks import TIMETABLE, BookFile, timetable

EVENTS = [["Event", "Date", "Place"], ["Forum", dt.date(2026, 7, 6), "Geneva"]]
FORUM = "Event: Forum; Date: 6 July 2026; Place: Geneva"


def told(book: BookFile) -> list[tuple[str, str]]:
    return [(block.kind, block.raw) for block in xlsx.read(book.save()).blocks]


def lines(book: BookFile) -> list[str]:
    return [raw for _, raw in told(book)]


def test_a_workbook_of_another_program_is_read() -> None:
    extract = xlsx.read(timetable())
    assert [(block.kind, block.raw) for block in extract.blocks] == TIMETABLE
    assert (extract.title, extract.notes) == (
        "Timetable of the Council",
        ["hidden sheets are left out: “Old”"],
    )


def test_a_sheet_is_a_heading_above_its_rows() -> None:
    book = BookFile()
    book.sheet.title = "Calendar 2026"
    book.rows(EVENTS)
    assert told(book) == [("heading", "Calendar 2026"), ("row", FORUM)]


def test_an_empty_sheet_says_nothing() -> None:
    book = BookFile()
    book.rows(EVENTS)
    book.book.create_sheet("Empty")
    assert told(book) == [("row", FORUM)]


@pytest.mark.parametrize("name", ["Sheet1", "Tabelle1", "Feuil2", "Лист1", "工作表1"])
def test_a_name_that_nobody_gave_is_no_heading(name: str) -> None:
    book = BookFile()
    book.sheet.title = name
    book.rows(EVENTS)
    assert told(book) == [("row", FORUM)]


def test_the_same_table_gives_the_same_rows_in_every_format() -> None:
    book, word = BookFile(), WordFile()
    book.rows(report.TABLE)
    word.table(report.TABLE)
    cells = "<tr>".join("".join(f"<td>{cell}" for cell in row) for row in report.TABLE)
    files = {"a.xlsx": book.save(), "a.docx": word.save(), "a.html": f"<table><tr>{cells}</table>".encode()}
    rows = {
        name: [b.raw for b in reader_for(name, data)(data).blocks if b.kind == "row"]
        for name, data in files.items()
    }
    assert rows["a.xlsx"] == rows["a.docx"] == rows["a.html"] == [part.text for part in report.PARTS[9:11]]


def test_lines_above_and_below_a_table_are_paragraphs() -> None:
    book = BookFile()
    book.rows([["Events of the year"], ["• as of May"], [], *EVENTS, ["All dates are provisional."]])
    assert told(book) == [
        ("paragraph", "Events of the year"),
        ("item", "• as of May"),
        ("row", FORUM),
        ("paragraph", "All dates are provisional."),
    ]


def test_the_title_stands_at_the_top_in_bold() -> None:
    book = BookFile()
    book.rows([["Events of the year"], *EVENTS], bold=True)
    assert xlsx.read(book.save()).title == "Events of the year"


def test_two_tables_parted_by_a_blank_row_are_two() -> None:
    book = BookFile()
    book.rows([*EVENTS, [], ["Name", "Seats"], ["Popov", 300], ["Room A", 40]])
    assert lines(book) == [FORUM, "Name: Popov; Seats: 300", "Name: Room A; Seats: 40"]


def test_the_rest_of_a_table_behind_a_blank_row_keeps_its_header() -> None:
    book = BookFile()
    book.rows([["Event", "Place"], ["Forum", "Geneva"], [], ["Council", "Kigali"]], bold=True)
    book.rows([["Summit", "Doha"]])
    assert lines(book) == [
        "Event: Forum; Place: Geneva",
        "Event: Council; Place: Kigali",
        "Event: Summit; Place: Doha",
    ]


def test_blank_columns_are_dropped() -> None:
    book = BookFile()
    book.rows([[None, "Event", None, "Place"], [None, "Forum", None, "Geneva"], [None, "Council", None, "K"]])
    assert lines(book)[0] == "Event: Forum; Place: Geneva"


def test_names_in_bold_are_a_header_whatever_they_say() -> None:
    book = BookFile()
    book.rows([["Group", dt.date(2026, 4, 14), dt.date(2026, 4, 15)], ["A", "Room 1", "Room 2"]], bold=True)
    assert lines(book) == ["Group: A; 14 April 2026: Room 1; 15 April 2026: Room 2"]


def test_a_list_of_facts_has_no_header() -> None:
    book = BookFile()
    book.rows([["Venue:", "CICG"], ["City:", "Geneva"]])
    assert lines(book) == ["Venue: CICG", "City: Geneva"]


def test_cells_that_say_the_same_are_both_told() -> None:
    book = BookFile()
    book.rows([["Room", "Seats", "Doors"], ["A", 2, 2]])
    assert lines(book) == ["Room: A; Seats: 2; Doors: 2"]


def programme(rows: list[str | list[str]]) -> BookFile:
    """Return a programme of hours; a row that is one text stands over both columns."""
    book = BookFile()
    book.rows([["Time", "Session"], *([row] if isinstance(row, str) else row for row in rows)])
    for number, row in enumerate(rows, 2):
        if isinstance(row, str):
            book.sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=2)
    return book


# Merged cells


def test_a_group_belongs_to_each_of_its_rows_and_is_stated_once_in_each() -> None:
    book = BookFile()
    book.rows(
        [
            ["Group", "Event", "Place", "Note"],
            ["WSIS", "Forum", "Geneva", None],
            [None, "Prep", "Online", "x"],
        ]
    )
    book.sheet.merge_cells("A2:A3")
    book.sheet.merge_cells("C2:D2")
    assert lines(book) == [
        "Group: WSIS; Event: Forum; Place: Geneva",
        "Group: WSIS; Event: Prep; Place: Online; Note: x",
    ]


def test_a_blank_row_within_a_merged_cell_parts_nothing() -> None:
    book = BookFile()
    book.rows([["Group", "Event"], ["WSIS", "Forum"], [], [None, "Prep"]])
    book.sheet.merge_cells("A2:A4")
    assert lines(book) == ["Group: WSIS; Event: Forum", "Group: WSIS; Event: Prep"]


def test_a_header_of_two_rows_is_joined() -> None:
    book = BookFile()
    book.rows([["Event", "Date", None], [None, "Start", "End"], ["Forum", "6 July 2026", "10 July 2026"]])
    book.sheet.merge_cells("A1:A2")
    book.sheet.merge_cells("B1:C1")
    assert lines(book) == ["Event: Forum; Date Start: 6 July 2026; Date End: 10 July 2026"]


def test_the_day_above_the_hours_of_a_programme_is_told_with_each() -> None:
    book = BookFile()
    book.rows(
        [
            ["Time", "Session", "Room"],
            ["Tuesday, 14 April 2026"],
            ["09:00", "Opening", "A"],
            ["Lunch"],
            ["14:00", "Debate", "B"],
        ]
    )
    book.sheet.merge_cells("A2:C2")
    book.sheet.merge_cells("A4:C4")
    assert told(book) == [
        ("row", "Tuesday, 14 April 2026; Time: 09:00; Session: Opening; Room: A"),
        ("paragraph", "Lunch"),
        ("row", "Tuesday, 14 April 2026; Time: 14:00; Session: Debate; Room: B"),
    ]


@pytest.mark.parametrize("row", ["Tuesday, 14 April 2026", "14 April 2026 (Tuesday)", "Day 1: 14 April 2026"])
def test_a_day_is_told_with_its_hours(row: str) -> None:
    assert lines(programme([row, ["09:00", "Opening"]])) == [f"{row}; Time: 09:00; Session: Opening"]


@pytest.mark.parametrize(
    "row", ["Registration closes 2 May 2025", "Closed on 14 April 2026", "From 2 May 2025 to 5 May 2025"]
)
def test_a_row_that_says_more_than_a_day_stands_for_itself(row: str) -> None:
    assert told(programme([row, ["09:00", "Opening"]])) == [
        ("paragraph", row),
        ("row", "Time: 09:00; Session: Opening"),
    ]


@pytest.mark.parametrize("below", [["Room", "Popov"], ["09:00", "Opening"]])
def test_a_day_ends_at_a_group_that_its_hours_do_not_go_on_below(below: list[str]) -> None:
    book = programme(["14 April 2026", ["10:00", "Debate"], "To be decided", below])
    assert lines(book)[1:] == ["To be decided", f"Time: {below[0]}; Session: {below[1]}"]


def test_a_day_that_no_row_follows_stands_for_itself() -> None:
    book = programme(["14 April 2026", "15 April 2026", ["09:00", "Opening"]])
    assert told(book) == [
        ("paragraph", "14 April 2026"),
        ("row", "15 April 2026; Time: 09:00; Session: Opening"),
    ]


# What is hidden


def test_what_is_hidden_is_left_out_and_noted() -> None:
    book = BookFile()
    book.rows(
        [["Event", "Draft", "Place"], ["Forum", "no", "Geneva"], ["Secret", "yes", "X"], ["Prep", "", "Y"]]
    )
    book.sheet.column_dimensions["B"].hidden = True
    book.sheet.row_dimensions[3].hidden = True
    book.book.create_sheet("Old").append(["Gone", "since 2020"])
    book.book["Old"].sheet_state = "hidden"
    extract = xlsx.read(book.save())
    assert [b.raw for b in extract.blocks] == ["Event: Forum; Place: Geneva", "Event: Prep; Place: Y"]
    assert extract.notes == [
        "hidden sheets are left out: “Old”",
        "what is hidden is left out: 1 row and 1 column",
    ]


# What cells say


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (dt.date(2026, 4, 14), "yyyy-mm-dd", "14 April 2026"),
        (dt.date(2026, 4, 14), "mm-dd-yy", "14 April 2026"),
        (dt.date(2026, 4, 14), "d mmm", "14 April 2026"),
        (dt.date(2026, 4, 1), "mmm yyyy", "April 2026"),
        (dt.date(2026, 4, 1), "yyyy", "2026"),
        (dt.date(2026, 4, 14), "[$-409]dddd d mmmm;@", "Tuesday, 14 April 2026"),
        (dt.datetime(2026, 4, 14, 17), "d.m.yy h:mm", "14 April 2026, 17:00"),
        (dt.datetime(2026, 4, 14, 17, 5), "h:mm AM/PM", "17:05"),
        (dt.datetime(2026, 4, 14, 17, 5), 'd "hours" mmm yyyy', "14 April 2026"),
        (dt.time(9, 30), "hh:mm", "09:30"),
        (dt.timedelta(hours=36), "[h]:mm", "36:00"),
        ("14–17 April 2026", "General", "14–17 April 2026"),
        ("two\nlines", "General", "two lines"),
        (0.125, "0.0%", "12.5%"),
        (0.125, "0%", "13%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, "#,##0.00_);[Red](#,##0.00)", "-1,234.50"),
        (1200, '"USD" #,##0', "USD 1,200"),
        (1200, "[$€-407] #,##0", "€ 1,200"),
        (2_500_000, '0.0,," million"', "2.5 million"),
        (7, "000", "007"),
        (0, '0;-0;"none"', "none"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "TRUE"),
    ],
)
def test_values_are_written_as_people_write_them(value: Any, form: str, shown: str) -> None:
    book = BookFile()
    book.formatted(value, form)
    assert lines(book) == [f"value; {shown}"]


@pytest.mark.parametrize(("value", "form"), [("#N/A", "General"), ("=1+1", "General"), (5, ";;;"), ("", "@")])
def test_what_shows_nothing_says_nothing(value: Any, form: str) -> None:
    book = BookFile()
    book.formatted(value, form)
    assert lines(book) == ["value"]


def test_a_formula_says_what_was_last_computed() -> None:
    book = BookFile()
    book.rows([["Total", "=40+2"]])
    data = book.save()
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    computed = re.sub(rb"<v */>|<v></v>", b"<v>42</v>", sheet)
    data = with_part(data, "xl/worksheets/sheet1.xml", computed)
    assert [b.raw for b in xlsx.read(data).blocks] == ["Total; 42"]


def test_a_comment_follows_its_row() -> None:
    book = BookFile()
    book.rows([*EVENTS, ["Council", dt.date(2026, 6, 16), "Geneva"]])
    book.sheet["B2"].comment = Comment("To be confirmed.", "a")
    assert [kind for kind, _ in told(book)] == ["row", "note", "row"]
    assert told(book)[1] == ("note", "To be confirmed.")


def test_the_properties_of_the_file_are_kept() -> None:
    book = BookFile()
    book.rows(EVENTS)
    book.book.properties.title, book.book.properties.language = "Calendar of events", "en"
    kept = xlsx.read(book.save()).properties
    assert (kept.title, kept.language, isinstance(kept.date, dt.date)) == ("Calendar of events", "en", True)


def test_a_picture_that_is_broken_keeps_nobody_from_the_cells() -> None:
    book = BookFile()
    book.rows(EVENTS)
    book.sheet["A1"].font = Font(bold=True)
    data = with_part(book.save(), "xl/theme/theme1.xml", b"<broken/>")
    assert [b.raw for b in xlsx.read(with_part(data, "docProps/custom.xml", b"<x/>")).blocks] == [FORUM]
