"""Web pages: lists with their counts, tables, notes, and what is no text of the page."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.readers import html
from tests.cases import cases


@pytest.mark.parametrize("case", cases("readers/html"))
def test_a_page_is_read_as_it_is_seen(case: dict[str, Any]) -> None:
    extract = html.read(case["page"].encode())
    kept = extract.properties
    told = {
        "blocks": [[block.kind, block.number, block.raw] for block in extract.blocks],
        "texts": [block.raw for block in extract.blocks],
        "properties": [kept.title, str(kept.date), kept.language],
    }
    expected = {name: value for name, value in case.items() if name != "page"}
    assert {name: told[name] for name in expected} == expected
