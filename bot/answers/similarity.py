"""How alike two texts are, by the vectors that the search uses too."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bot.grounding import Similarity
from store.vectors.embeddings import Vectors

# The sentences of an answer and of the passages that it may rest on, several times over.
_REMEMBERED = 1024


def by_vectors(encode: Callable[[str], Vectors]) -> Similarity:
    """Return the cosine of two texts' unit vectors as a function; it remembers the last texts, whoever asks."""
    vector = lru_cache(maxsize=_REMEMBERED)(encode)

    def similarity(one: str, other: str) -> float:
        return float(vector(one) @ vector(other))

    return similarity
