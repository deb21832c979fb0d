"""Presentations: slides with their titles, text in reading order, tables and the speaker's notes."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from ingest.readers.choice import read_file
from tests.cases import cases
from tests.ingest.readers.decks import DeckFile, deck
from tests.ingest.readers.words import replaced, with_part


@pytest.mark.parametrize("case", cases("readers/pptx"))
def test_slides_are_read_as_people_see_them(case: dict[str, Any]) -> None:
    file = DeckFile()
    for name, *values in case["steps"]:
        getattr(file, name)(*values)
    for name, value in case.get("properties", {}).items():
        setattr(file.deck.core_properties, name, value)

    extract = read_file("a.pptx", file.save())

    told: dict[str, Any] = {
        "title": extract.title,
        "language": extract.properties.language,
        "blocks": [[block.kind, block.raw, block.page] for block in extract.blocks],
        "texts": [block.raw for block in extract.blocks],
        "notes": list(extract.notes),
        "margins": list(extract.margins),
    }
    expected = {name: case[name] for name in told if name in case}
    assert {name: told[name] for name in expected} == expected


def test_a_show_is_a_presentation_and_a_slide_that_is_named_often_is_read_once() -> None:
    show = replaced(deck(), "[Content_Types].xml", b"presentation.main+xml", b"slideshow.main+xml")
    inner = zipfile.ZipFile(io.BytesIO(show)).read("ppt/presentation.xml")
    start = inner.index(b"<p:sldId ")
    one = inner[start : inner.index(b"/>", start) + 2]
    data = with_part(show, "ppt/presentation.xml", inner.replace(one, one * 40))
    assert [b.raw for b in read_file("a.ppsx", data).blocks] == ["Next steps", "• Register"]
