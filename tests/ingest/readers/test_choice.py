"""What a file is, its content decides; what cannot be read is refused with one reason."""

from __future__ import annotations

import pytest

from ingest.readers.choice import reader_for
from tests.ingest.readers import report
from tests.ingest.readers.words import WordFile


def read(name: str, data: bytes) -> list[str]:
    return [block.raw for block in reader_for(name, data)(data).blocks]


def word() -> bytes:
    file = WordFile()
    file.paragraph("One paragraph.")
    return file.save()


@pytest.mark.parametrize("name", ["report.txt", "report.pdf", "report", "report.zip", "report.html"])
def test_a_word_file_is_one_under_any_name(name: str) -> None:
    assert read(name, word()) == ["One paragraph."]


def test_a_page_is_one_under_any_name() -> None:
    assert read("report.docx", report.as_html())[0] == report.PAPERS["report"]["title"]


def test_text_under_the_name_of_a_word_file_is_text() -> None:
    assert read("report.docx", b"One paragraph.") == ["One paragraph."]


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
