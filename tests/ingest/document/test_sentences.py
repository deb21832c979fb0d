"""Where a sentence ends, and where it only looks so."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.text.sentences import split
from store.terms import acronyms
from tests.cases import cases


@pytest.mark.parametrize("case", cases("sentences"))
def test_sentences_and_acronyms_of_a_text(case: dict[str, Any]) -> None:
    text = case["text"]
    told = {
        "sentences": [text[a:b] for a, b in split(text)],
        "acronyms": [list(pair) for pair in acronyms([text])],
    }
    expected = {name: value for name, value in case.items() if name != "text"}
    assert {name: told[name] for name in expected} == expected
