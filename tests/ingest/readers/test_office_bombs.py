"""Workbooks and presentations that are damaged, or made to hold up a reader: each is refused in one line, soon."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from ingest.errors import NotReadable
from ingest.readers.choice import reader_for
from tests.ingest.readers.decks import DeckFile
from tests.ingest.readers.words import with_part
from tests.ingest.readers.workbooks import BookFile

SHEET, SLIDE = "xl/worksheets/sheet1.xml", "ppt/slides/slide1.xml"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def book() -> bytes:
    file = BookFile()
    file.rows([["Event", "Place"], ["Forum", "Geneva"], ["Council", "Kigali"]])
    return file.save()


def deck() -> bytes:
    file = DeckFile()
    file.list_slide("Next steps", "Register")
    return file.save()


def sheet(cells: bytes, behind: bytes = b"") -> bytes:
    """A workbook whose only sheet has these rows, and what follows them."""
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = b'<worksheet xmlns="%b"><sheetData>%b</sheetData>%b</worksheet>' % (space, cells, behind)
    return with_part(book(), SHEET, part)


def text(place: bytes, said: bytes) -> bytes:
    return b'<c r="%b" t="inlineStr"><is><t>%b</t></is></c>' % (place, said)


def replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    inner = zipfile.ZipFile(io.BytesIO(data)).read(part)
    assert old in inner
    return with_part(data, part, inner.replace(old, new))


def said(data: bytes) -> list[str]:
    return [block.raw for block in reader_for("a.bin", data)(data).blocks]


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.txt", "a", "a.zip"])
def test_the_parts_say_what_a_file_is_whatever_its_name(name: str) -> None:
    assert len(reader_for(name, book())(book()).blocks) == 2
    assert len(reader_for(name, deck())(deck()).blocks) == 2


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda: book()[:-400], "damaged"),
        (lambda: with_part(book(), SHEET, b"<broken"), "damaged"),
        (lambda: with_part(book(), "xl/workbook.xml", b"<broken"), "no valid XML"),
        (lambda: with_part(book(), "xl/styles.xml", b"<broken"), "damaged"),
        (lambda: with_part(book(), SHEET, ENTITIES), "document type"),
        (lambda: with_part(book(), SHEET, ENTITIES.decode().encode("utf-16")), "document type"),
        (lambda: with_part(book(), "xl/x.dat", ENTITIES), "document type"),
        (lambda: with_part(book(), SHEET, b"<x>" + b" " * 60_000_000 + b"</x>"), "60 MB"),
        pytest.param(
            lambda: sheet(b"<row>%b</row>" % (b"<c><v>1</v></c>" * 600_000)),
            "500,000 cells",
            marks=pytest.mark.slow,
        ),
        (lambda: sheet(b"".join(b'<row r="%d">%b</row>' % (n, text(b"XFD%d" % n, b"x")) for n in range(1, 3000))),
         "too far apart"),
        (lambda: sheet(b'<row r="1">%b</row>' % text(b"ZZZ1", b"x")), "outside of it"),
        (lambda: sheet(b'<row r="99999999">%b</row>' % text(b"A99999999", b"x")), "damaged"),
        (lambda: sheet(b'<row r="1">%b</row>' % text(b"A1", b"x" * 30_000) + b"".join(
            b'<row r="%d">%b</row>' % (n, text(b"B%d" % n, b"x")) for n in range(2, 3000)),
            b'<mergeCells><mergeCell ref="A1:A3000"/></mergeCells>'), "million characters"),
        (lambda: replaced(book(), "xl/workbook.xml", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                          b"http://purl.oclc.org/ooxml/spreadsheetml/main"), "Strict Open XML"),
        (lambda: deck()[:-400], "damaged"),
        (lambda: with_part(deck(), SLIDE, b"<broken"), "damaged"),
        (lambda: with_part(deck(), SLIDE, ENTITIES), "document type"),
        (lambda: with_part(deck(), "[Content_Types].xml", b"<x/>"), "damaged"),
        (lambda: replaced(deck(), "ppt/presentation.xml", b"<p:sldId ", b"<p:sldId id='257' r:id='rId9999'/><p:sldId "),
         "damaged"),
        (lambda: OLD + "Workbook".encode("utf-16-le"), r"\.xls\): save it as \.xlsx"),
        (lambda: OLD + "PowerPoint Document".encode("utf-16-le"), r"\.ppt\): save it as \.pptx"),
        (lambda: OLD + b"x", "old kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(write: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(NotReadable, match=reason) as refused:
        said(write())
    assert "\n" not in str(refused.value)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("cells", "behind"),
    [
        (b"", b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        (b"", b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="a"/></hyperlinks>'),
        (b'<row r="1048576"/>', b""),
        (b"", b"<mergeCells>%b</mergeCells>" % (b'<mergeCell ref="A1:XFD1048576"/>' * 2_000)),
        (b'<row r="4" ht="0"/>', b'<cols><col min="1" max="16384"/></cols>'),
    ],
)
def test_a_range_of_all_the_sheet_costs_nothing(cells: bytes, behind: bytes) -> None:
    row = b'<row r="2">%b%b</row>' % (text(b"B2", b"Forum"), text(b"C2", b"Geneva"))
    assert said(sheet(row + cells, behind)) == ["Forum; Geneva"]


@pytest.mark.timeout(120)
def test_one_slide_that_is_named_many_times_is_read_once() -> None:
    data = deck()
    inner = zipfile.ZipFile(io.BytesIO(data)).read("ppt/presentation.xml")
    start = inner.index(b"<p:sldId ")
    one = inner[start : inner.index(b"/>", start) + 2]
    assert len(said(replaced(data, "ppt/presentation.xml", one, one * 4_000))) == 2


def test_a_dimension_that_is_not_true_hides_no_cells() -> None:
    data = replaced(book(), SHEET, b'ref="A1:B3"', b'ref="A1:A1"')
    assert said(data) == said(book())
