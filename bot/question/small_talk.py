"""Small talk, recognised by its similarity to examples."""

from __future__ import annotations

import threading

import numpy as np

from bot.question.lexicon import table
from store.vectors import QuestionEncoder, Vector, Vectors

# The least cosine of small talk and an example, and the cosine at which no search is needed to compare with.
LEAST_COSINE = 0.35
_BEYOND_DOUBT = 0.6


class SmallTalk:
    """Finds the reply to small talk. The examples are embedded on first use."""

    def __init__(self, embedder: QuestionEncoder) -> None:
        self._embedder = embedder
        kinds = table("small_talk").values()
        self._replies = {example: kind["reply"] for kind in kinds for example in kind["examples"]}
        self._vectors: Vectors | None = None
        self._lock = threading.Lock()

    def prepare(self) -> Vectors:
        """Embed the examples, once."""
        with self._lock:
            if self._vectors is None:
                self._vectors = self._embedder.encode(list(self._replies))
            return self._vectors

    def reply(self, question: Vector, least: float = _BEYOND_DOUBT) -> str | None:
        """Return the reply if the cosine of the question and an example exceeds `least`."""
        cosines = self.prepare() @ question
        closest = int(np.argmax(cosines))
        return list(self._replies.values())[closest] if cosines[closest] > least else None
