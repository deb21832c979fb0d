"""Small talk, recognised by its similarity to examples."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from bot.question.lexicon import SmallTalkKind
from store.vectors import QuestionEncoder, Vector, Vectors

# The least cosine of small talk and an example, and the cosine at which no search is needed to compare with.
LEAST_COSINE = 0.35
_BEYOND_DOUBT = 0.6


class SmallTalk:
    """Finds the reply to small talk. The examples are embedded on first use."""

    def __init__(self, embedder: QuestionEncoder, kinds: Sequence[SmallTalkKind]) -> None:
        self._embedder = embedder
        self._replies = [kind.reply for kind in kinds for _ in kind.examples]
        self._texts = [text for kind in kinds for text in kind.examples]
        self._vectors: Vectors | None = None
        self._lock = threading.Lock()

    def prepare(self) -> Vectors:
        """Embed the examples, once."""
        with self._lock:
            if self._vectors is None:
                self._vectors = self._embedder.encode(self._texts)
            return self._vectors

    def reply(self, question: Vector, best_sentence: float) -> str | None:
        """Return the reply if an example is more similar to the question than the best sentence found."""
        return self._closest(question, max(LEAST_COSINE, best_sentence))

    def plain_reply(self, question: Vector, least: float = _BEYOND_DOUBT) -> str | None:
        """Return the reply if the cosine of the question and an example exceeds `least`, whatever the documents say."""
        return self._closest(question, least)

    def _closest(self, vector: Vector, least: float) -> str | None:
        cosines = self.prepare() @ vector
        closest = int(np.argmax(cosines))
        return self._replies[closest] if cosines[closest] > least else None
