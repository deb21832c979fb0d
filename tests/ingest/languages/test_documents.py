"""Documents in five languages: the events that their sentences and rows date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from store.records import Document
from tests.cases import cases
from tests.ingest.events.papers import events


@pytest.mark.parametrize("case", cases("languages"))
def test_dates_of_a_sentence(case: dict[str, Any]) -> None:
    text, expected = case["text"], case["dates"]
    paper = Document("C25/9", "paper.txt", "C25/9", date=date(2025, 2, 3), language=case["language"])
    told: dict[str, dict[str, Any]] = {}

    for event in events(text, heading="", document=paper):
        for mention in event.mentions:
            assert text[mention.offset :].startswith(mention.text)
            assert text[mention.sentence_start : mention.sentence_end].strip() == text
            every = {
                "cue": mention.cue,
                "tentative": mention.tentative,
                "kind": event.kind,
                "title": event.title,
            }
            day = str(mention.start)
            told[day] = {name: every[name] for name in expected.get(day, every)}

    assert told == expected
