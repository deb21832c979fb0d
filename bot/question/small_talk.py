"""Small talk, recognised by its similarity to examples."""

from __future__ import annotations

import threading

import numpy as np

from bot.question.lexicon import table
from store.vectors import QuestionEncoder, Vector, Vectors

# The least cosine of small talk and an example, and the cosine at which no search is needed to compare with.
LEAST_COSINE = 0.35
BEYOND_DOUBT = 0.6


class SmallTalk:
    """Finds the reply to small talk. The examples are embedded on first use."""

    def __init__(self, embedder: QuestionEncoder) -> None:
        self._embedder = embedder
        kinds = table("small_talk").values()
        self._replies = {example: kind["reply"] for kind in kinds for example in kind["examples"]}
        # By whether the language is English: other languages have one model.
        self._vectors: dict[bool, Vectors] = {}
        self._locks = {True: threading.Lock(), False: threading.Lock()}

    def prepare(self, language: str = "en") -> Vectors:
        """Embed the examples for comparison with what is written in a language, once; return unit vectors."""
        is_english = language == "en"
        with self._locks[is_english]:
            if is_english not in self._vectors:
                rows = self._embedder.encode_questions(list(self._replies), language)
                self._vectors[is_english] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            return self._vectors[is_english]

    def reply(self, question: Vector, least: float = BEYOND_DOUBT, language: str = "en") -> str | None:
        """Return the reply if the cosine of the question and an example exceeds `least`."""
        cosines = self.prepare(language) @ (question / np.linalg.norm(question))
        closest = int(np.argmax(cosines))
        return list(self._replies.values())[closest] if cosines[closest] > least else None
