"""The bundled report, paragraph by paragraph: what every answer about it stands on."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from ingest.files import InputFile, read_bytes, read_document
from ingest.text.sentences import split
from store.records import Document, Section

REPORT = Path(str(files("ingest.samples"))) / "itu-un-digital-engagement-2024.txt"


def read(path: Path) -> tuple[Document, list[Section]]:
    file = InputFile(path, path.parent)
    return read_document(file, read_bytes(file))


@pytest.fixture(scope="module")
def sections() -> dict[str, Section]:
    return {section.number: section for section in read(REPORT)[1]}


def test_every_sentence_is_verbatim_in_the_file(sections: dict[str, Section]) -> None:
    source = REPORT.read_text("utf-8")
    quotes = [section.quote(a, b) for section in sections.values() for a, b in split(section.text)]

    assert len(quotes) > 120
    assert [quote for quote in quotes if quote not in source] == []


def test_no_break_spaces_are_read_as_spaces_and_quoted_as_they_are(sections: dict[str, Section]) -> None:
    section = sections["3.3"]
    start = section.text.index("Dialogue 4")

    assert section.quote(start, start + len("Dialogue 4")) == "Dialogue\u00a04"
    assert not any("\u00a0" in s.text for s in sections.values())


def test_nothing_of_the_file_is_lost(sections: dict[str, Section]) -> None:
    kept = " ".join(words for s in sections.values() for words in (s.raw, s.heading))
    lost = letters(REPORT.read_text("utf-8")) - letters(kept)

    # Numbers are kept as such, and the bookmarks are residue.
    assert {word for word in lost if not word.replace(".", "").isdigit()} <= {
        "[bookmark:",
        "_Hlk160634451]2.9",
    }


def letters(text: str) -> set[str]:
    return {word for word in text.split() if any(c.isalnum() for c in word)}
