"""How alike two texts are."""

from __future__ import annotations

import numpy as np

from bot.answers.similarity import by_vectors
from bot.wiring import Services
from store.vectors.embeddings import Vectors

MOVED = "The conference was put off to a later date."


def test_what_says_the_same_is_more_alike_than_what_does_not(report: Services) -> None:
    similarity = by_vectors(report.search.embedder.encode_question)

    assert similarity(MOVED, "The meeting has been postponed.") > 0.5
    assert similarity(MOVED, "Broadband reaches 95 per cent of the population.") < 0.3


def test_a_text_is_encoded_once() -> None:
    encoded: list[str] = []

    def encode(text: str) -> Vectors:
        encoded.append(text)
        return np.ones(1, dtype=np.float32)

    similarity = by_vectors(encode)

    assert [similarity("a", "b"), similarity("a", "c")] == [1.0, 1.0]
    assert encoded == ["a", "b", "c"]
