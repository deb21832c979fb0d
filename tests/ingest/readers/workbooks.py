"""Excel workbooks for the tests, written by openpyxl, and by XlsxWriter as Excel itself writes them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet


class BookFile:
    """A workbook under construction; its first sheet has the name that nobody gave it."""

    def __init__(self) -> None:
        self.book = Workbook()
        self.sheet: Worksheet = self.book.active

    def rows(self, rows: Sequence[Sequence[Any]], *, bold: bool = False) -> None:
        """Put rows below what is there; a row of nothing is a blank one. `bold`: the first of them."""
        first = self.sheet.max_row + 1 if self.sheet._cells else 1
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                cell = self.sheet.cell(first + place, column + 1)
                cell.value = value
                cell.font = Font(bold=bold and place == 0)

    def formatted(self, value: Any, form: str) -> None:
        """Put a value below what is there, beside a word that tells that it shows nothing."""
        row = self.sheet.max_row + 1
        self.sheet.cell(row, 1, "value")
        cell = self.sheet.cell(row, 2, value)
        cell.number_format = form

    def save(self) -> bytes:
        data = io.BytesIO()
        self.book.save(data)
        return data.getvalue()


def timetable() -> bytes:
    """A timetable with texts that its cells share, two tables, merged cells, a comment and a hidden sheet."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"default_date_format": "d mmm"}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Council 2026")
        sheet.merge_range("A1:D1", "Timetable of the Council", bold)
        sheet.write_row("A3", ["Group", "Meeting", "Date", "Seats"], bold)
        for row, (meeting, day, seats) in enumerate(
            [("Plenary", dt.date(2026, 6, 16), 300), ("Committee", dt.date(2026, 6, 17), 40)], 3
        ):
            sheet.write(row, 1, meeting)
            sheet.write_datetime(row, 2, day)
            sheet.write_formula(row, 3, f"=0+{seats}", None, seats)
        sheet.merge_range("A4:A5", "Council")
        sheet.write_comment("B5", "The room is not certain.", {"author": "a"})
        sheet.write("A6", "Dates may change.")
        sheet.write_row("A9", ["Deadline", "Paper"], bold)
        sheet.write("B10", "Proposals")
        sheet.write_datetime(
            "A10", dt.datetime(2026, 4, 14, 17), book.add_format({"num_format": "d mmm yyyy h:mm"})
        )
        book.add_worksheet("Old").hide()
    return data.getvalue()


TIMETABLE = [
    ("heading", "Council 2026"),
    ("paragraph", "Timetable of the Council"),
    ("row", "Group: Council; Meeting: Plenary; Date: 16 June 2026; Seats: 300"),
    ("row", "Group: Council; Meeting: Committee; Date: 17 June 2026; Seats: 40"),
    ("note", "The room is not certain."),
    ("paragraph", "Dates may change."),
    ("row", "Deadline: 14 April 2026, 17:00; Paper: Proposals"),
]
"""Kind and text of what the timetable says."""
