"""Drafts in each format become sentences; nothing of them is stored or logged."""

from __future__ import annotations

import io
import logging

import pytest
from docx import Document

from ingest.drafts import read_draft
from ingest.errors import NotReadable

MARKDOWN = b"""# Speaking points

The Forum meets in Geneva. It opens on 7 July 2025.

- The Alliance has 84 partners.

| Event | Day |
|---|---|
| Forum | 7 July |
"""


def test_sentences_come_with_their_heading_and_what_was_said_before() -> None:
    found = read_draft("draft.md", MARKDOWN)

    assert [(s.text, s.is_heading) for s in found][:4] == [
        ("Speaking points", True),
        ("The Forum meets in Geneva.", False),
        ("It opens on 7 July 2025.", False),
        ("The Alliance has 84 partners.", False),
    ]
    assert found[2].before == "Speaking points\nThe Forum meets in Geneva."


def test_a_row_of_a_table_is_one_sentence_and_is_found_by_its_first_cell() -> None:
    row = read_draft("draft.md", MARKDOWN)[-1]

    assert ("7 July" in row.text, row.place) == (True, "Forum")


def test_a_word_file_is_read_with_its_table() -> None:
    document, file = Document(), io.BytesIO()
    document.add_heading("Brief", 1)
    document.add_paragraph("The Forum meets in Geneva. It opens on 7 July 2025.")
    document.add_table(1, 2).cell(0, 0).text = "Alliance"
    document.save(file)

    found = [sentence.text for sentence in read_draft("draft.docx", file.getvalue())]

    assert found[:3] == ["Brief", "The Forum meets in Geneva.", "It opens on 7 July 2025."]
    assert "Alliance" in found[3]


@pytest.mark.parametrize(
    ("name", "data"),
    [("draft.md", b""), ("draft.md", b"\n\n"), ("draft.docx", b"PK\x03\x04 no archive"), ("d.odt", b"x")],
)
def test_what_has_no_text_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(NotReadable):
        read_draft(name, data)


def test_a_damaged_draft_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(NotReadable):
        read_draft("draft.docx", b"PK\x03\x04 a secret sentence of the draft")

    assert "secret" not in caplog.text
