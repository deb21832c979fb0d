"""Plain text into sections: numbers, headings, lists, margins, encodings."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from ingest.document.sections import to_sections
from ingest.errors import NotReadable
from ingest.files import InputFile, read_bytes, read_document
from ingest.readers.text import read
from tests.cases import cases

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("case", cases("readers/papers"))
def test_papers_are_numbered_as_they_print_it(case: dict[str, Any]) -> None:
    path = ROOT / case["file"]
    file = InputFile(path, path.parent)
    sections = read_document(file, read_bytes(file))[1]

    # What stands before the first number may make several sections.
    assert [number for number, _ in groupby(section.number for section in sections)] == case["numbers"]
    assert [section.position for section in sections] == list(range(len(sections)))
    assert case.get("headings", {}).items() <= {s.number: s.heading for s in sections}.items()


@pytest.mark.parametrize("case", cases("readers/text"))
def test_sections_of_a_text(case: dict[str, Any]) -> None:
    sections = to_sections("paper", read(case["text"].encode()).blocks)
    assert [[s.number, s.heading, s.text] for s in sections] == case["sections"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n", "the file is empty"),
        (b"\x89PNG\x00\x00\x00", "binary data"),
        (b"\xff\xfe\x00", "not text in UTF-8, UTF-16 or Windows-1252"),
        (b"caf\x81 \x8d", "not text in UTF-8, UTF-16 or Windows-1252"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        read(data)
