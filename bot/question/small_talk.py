"""Small talk, recognised by its similarity to some fifty prototypes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from bot.question.lexicon import SmallTalkKind
from store.vectors import QuestionEncoder, Vectors

# Cosine below which nothing is small talk, however little the documents say about it.
LEAST_COSINE = 0.35
_BEYOND_DOUBT = 0.6


class SmallTalk:
    """Finds the reply to small talk. The prototypes are embedded on first use."""

    def __init__(self, embedder: QuestionEncoder, kinds: Sequence[SmallTalkKind]) -> None:
        self._embedder = embedder
        self._replies = [kind.reply for kind in kinds for _ in kind.like]
        self._texts = [text for kind in kinds for text in kind.like]
        self._vectors: Vectors | None = None
        self._lock = threading.Lock()

    def prepare(self) -> Vectors:
        """Embed the prototypes, once."""
        with self._lock:
            if self._vectors is None:
                self._vectors = self._embedder.encode(self._texts)
            return self._vectors

    def reply(self, question: Vectors, best_sentence: float) -> str | None:
        """Return the reply if the question's vector is nearer to a prototype than the best sentence found is to it."""
        return self._closest(question, max(LEAST_COSINE, best_sentence))

    def plain_reply(self, text: str, least: float = _BEYOND_DOUBT) -> str | None:
        """Return the reply if the cosine of the text and a prototype exceeds `least`, whatever the documents say."""
        return self._closest(self._embedder.encode_question(text), least)

    def _closest(self, vector: Vectors, least: float) -> str | None:
        cosines = self.prepare() @ vector
        closest = int(np.argmax(cosines))
        return self._replies[closest] if cosines[closest] > least else None
