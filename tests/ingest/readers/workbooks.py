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

SHEET = "xl/worksheets/sheet1.xml"


class BookFile:
    """A workbook under construction; its first sheet has the name that nobody gave it."""

    def __init__(self, *rows: Sequence[Any], bold: bool = False) -> None:
        self.book = Workbook()
        self.sheet: Worksheet = self.book.active
        for row in rows:
            self.sheet.append(list(row))
        for cell in self.sheet[1] if bold else ():
            cell.font = Font(bold=True)

    def save(self) -> bytes:
        data = io.BytesIO()
        self.book.save(data)
        return data.getvalue()


def book() -> bytes:
    """A workbook with one small table."""
    return BookFile(["Event", "Place"], ["Forum", "Geneva"], ["Council", "Kigali"]).save()


def timetable() -> bytes:
    """A timetable with texts that its cells share, two tables, and merged cells; a comment and a sheet are left out."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"default_date_format": "d mmm"}) as file:
        bold = file.add_format({"bold": True})
        sheet = file.add_worksheet("Council 2026")
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
        at = file.add_format({"num_format": "d mmm yyyy h:mm"})
        sheet.write_datetime("A10", dt.datetime(2026, 4, 14, 17), at)
        file.add_worksheet("Old").hide()
    return data.getvalue()


TIMETABLE = [
    ("heading", "Council 2026"),
    ("paragraph", "Timetable of the Council"),
    ("row", "Group: Council; Meeting: Plenary; Date: 16 June 2026; Seats: 300"),
    ("row", "Group: Council; Meeting: Committee; Date: 17 June 2026; Seats: 40"),
    ("paragraph", "Dates may change."),
    ("row", "Deadline: 14 April 2026, 17:00; Paper: Proposals"),
]
"""Kind and text of what the timetable says."""
