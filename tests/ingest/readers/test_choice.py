"""What a file is, its content decides; what cannot be read is refused with one reason."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.errors import NotReadable
from ingest.readers.choice import reader_for
from tests.ingest.readers import report
from tests.ingest.readers.words import WordFile, with_part

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def read(name: str, data: bytes) -> list[str]:
    return [block.raw for block in reader_for(name, data)(data).blocks]


def word() -> bytes:
    file = WordFile()
    file.paragraph("One paragraph.")
    return file.save()


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return data.getvalue()


@pytest.mark.parametrize("name", ["report.txt", "report.pdf", "report", "report.zip", "report.html"])
def test_a_word_file_is_one_under_any_name(name: str) -> None:
    assert read(name, word()) == ["One paragraph."]


def test_a_page_is_one_under_any_name() -> None:
    assert read("report.docx", report.as_html())[0] == report.PAPERS["report"]["title"]


def test_text_under_the_name_of_a_word_file_is_text() -> None:
    assert read("report.docx", b"One paragraph.") == ["One paragraph."]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", b"", "empty"),
        ("a.docx", zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
        ("a.docx", zipped("mimetype", "content.xml"), "OpenDocument"),
        ("a.docx", zipped("a.txt"), "name it .zip"),
        ("a.docx", zipped("[Content_Types].xml"), "no Word file"),
        ("a.docx", word()[:300], "damaged"),
        ("a.docx", with_part(word(), "word/styles.xml", BOMB + b"<x>&b;</x>"), "document type"),
        ("a.rtf", b"{\\rtf1 hello}", "Rich Text"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "not read"),
        ("a.txt", b"\x00\x01\x02" * 50, "not text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(NotReadable, match=reason):
        reader_for(name, data)(data)


@pytest.mark.parametrize("opening", [b"", b'<?xml version="1.0"?>'])
def test_entities_that_a_page_declares_are_not_expanded(opening: bytes) -> None:
    grown = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10))
    outside = b'<!ENTITY out SYSTEM "file:///etc/hostname">'
    page = (
        opening
        + b"<!DOCTYPE html ["
        + grown
        + outside
        + b"]><html><body><p>A &l9; and &out;.</p></body></html>"
    )
    assert read("a.html", page) == ["A &l9; and &out;."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html"])
def test_encodings_are_read_without_being_stated(name: str, encoding: str) -> None:
    page = "<p>Café “René”</p>" if name == "a.html" else "Café “René”"
    assert read(name, page.encode(encoding)) == ["Café “René”"]
