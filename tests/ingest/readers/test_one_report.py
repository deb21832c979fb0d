"""The same report gives the same sections, whatever it is saved as."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.document.sections import to_sections
from ingest.readers.choice import reader_for
from tests.ingest.readers import report

FORMATS = {"docx": report.as_docx, "html": report.as_html, "md": report.as_markdown, "pdf": report.as_pdf}


@pytest.mark.parametrize(("ending", "write"), FORMATS.items())
def test_every_paragraph_has_its_number_and_its_words(ending: str, write: Callable[[], bytes]) -> None:
    data = write()
    extract = reader_for(f"report.{ending}", data)(data)
    sections = to_sections("report", extract.blocks)
    assert [(s.number, s.heading, s.text.split("\n")) for s in sections] == report.SECTIONS


@pytest.mark.parametrize(("ending", "write"), FORMATS.items())
def test_the_title_is_found(ending: str, write: Callable[[], bytes]) -> None:
    data = write()
    assert reader_for(f"report.{ending}", data)(data).title == report.TITLE
