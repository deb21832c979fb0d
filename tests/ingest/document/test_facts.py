"""What a document is, and where that was found."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.document.facts import find_facts
from ingest.readers import html
from ingest.readers.base import Block, Extract, Properties
from tests.cases import cases

BODY = "The report of the Secretary-General to the Council on the work of the Union in the year that is over."


def extract(case: dict[str, Any]) -> Extract:
    """Return lines of a document, a paragraph of running text, and lines below it."""
    body = case.get("body", BODY)
    return Extract(
        [
            *(Block("paragraph", line) for line in case.get("lines", ())),
            *([Block("paragraph", body, "1")] if body else ()),
            *(Block("paragraph", line) for line in case.get("below", ())),
        ],
        margins=case.get("margins", []),
        properties=Properties(**case.get("properties", {})),
        **case.get("front", {}),
    )


@pytest.mark.parametrize("case", cases("facts"))
def test_facts_of_a_document(case: dict[str, Any]) -> None:
    found = find_facts(
        html.read(case["page"].encode()) if "page" in case else extract(case),
        name=case.get("name", "x.docx"),
        sidecar=case.get("beside", {}),
        today=case.get("today"),
    )

    for name in ("title", "symbol", "date", "language"):
        fact = getattr(found, name)
        # With the place where it was found, where the case has that.
        told = [fact.value, fact.found] if isinstance(case.get(name), list) else fact.value
        assert told == case.get(name, told)
    assert list(found.notes) == case.get("notes", list(found.notes))
    assert found.date_inferred == case.get("inferred", found.date_inferred)
