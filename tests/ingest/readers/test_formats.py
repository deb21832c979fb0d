"""The same document has the same sections, facts and dates, whatever it is saved as."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.register import build_register
from ingest.files import InputFile, read_document
from tests.event_reading import read_events
from tests.ingest.readers.report import FORMATS, PAPERS


@pytest.mark.parametrize(
    ("name", "ending"),
    [(name, ending) for name in PAPERS for ending in FORMATS if ending not in PAPERS[name].get("but", ())],
)
def test_a_document_does_not_depend_on_its_format(name: str, ending: str) -> None:
    paper = PAPERS[name]
    document, sections = read_document(InputFile(Path(f"x.{ending}"), Path()), FORMATS[ending](name))
    entries = build_register(
        [document], {s.id: s for s in sections}, read_events(document, sections), date(2024, 4, 1)
    )

    told: dict[str, Any] = {
        "title": document.title,
        "symbol": document.symbol,
        "date": None if document.date_inferred else document.date,
        "numbers": [section.number for section in sections],
        "sections": [[section.number, section.heading, section.text] for section in sections],
        # A title where a row has one; else the sentence, which every surface shows as a quotation.
        "entries": sorted([str(e.start), str(e.end), e.kind, e.status, e.title] for e in entries),
    }
    expected = {key: value for key, value in paper.items() if key not in ("parts", "head", "but")}
    assert {key: told[key] for key in expected} == expected
