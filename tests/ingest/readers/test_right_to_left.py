"""Word and HTML files in Arabic: their paragraphs are those of the same text without a direction."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from docx.oxml import OxmlElement

from ingest.readers import docx, html, text
from ingest.readers.base import Extract
from tests.ingest.readers.words import WordFile

ARABIC = (Path(__file__).parents[2] / "data/languages/versions/C26-INF-14-A.txt").read_text("utf-8")
LINES = [line for line in ARABIC.splitlines() if line.strip()]


def word() -> Extract:
    file = WordFile()
    for line in LINES:
        paragraph = file.paragraph(line)._p
        paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for run in paragraph.r_lst:
            run.get_or_add_rPr().append(OxmlElement("w:rtl"))
    return docx.read(file.save())


def page() -> Extract:
    tags = ["h2" if re.match(r"\d\s", line) else "p" for line in LINES]
    body = "".join(f"<{tag}>{markup.escape(line)}</{tag}>" for tag, line in zip(tags, LINES, strict=True))
    return html.read(f'<!doctype html><html dir="rtl" lang="ar"><body>{body}</body></html>'.encode())


def paragraphs(extract: Extract) -> list[tuple[str, str]]:
    """Return the numbered paragraphs, with white space unified."""
    return [
        (block.number, re.sub(r"\s+", " ", block.raw)) for block in extract.blocks if block.number is not None
    ]


@pytest.mark.parametrize("read", [word, page])
def test_file_from_right_to_left_is_read_as_its_text(read: Callable[[], Extract]) -> None:
    expected = paragraphs(text.read(ARABIC.encode()))
    assert len(expected) > 20
    assert paragraphs(read()) == expected
