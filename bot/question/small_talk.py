"""Small talk: told from questions by its likeness to some fifty prototypes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from bot.question.lexicon import Talk
from store.vectors.embeddings import QuestionEncoder, Vectors

# Less alike than this is no small talk, however little the documents say of it.
LEAST = 0.35
_BEYOND_DOUBT = 0.6


class SmallTalk:
    """Finds the reply to small talk. The prototypes are embedded on first use."""

    def __init__(self, embedder: QuestionEncoder, kinds: Sequence[Talk]) -> None:
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
        """Return the reply where the question's vector is closer to a prototype than to any sentence found."""
        return self._closest(question, max(LEAST, best_sentence))

    def plain_reply(self, text: str, least: float = _BEYOND_DOUBT) -> str | None:
        """Return the reply where the text is small talk beyond doubt, whatever the documents hold.

        `least` is how like a prototype it has to be, as a cosine.
        """
        return self._closest(self._embedder.encode_question(text), least)

    def _closest(self, vector: Vectors, least: float) -> str | None:
        cosines = self.prepare() @ vector
        closest = int(np.argmax(cosines))
        return self._replies[closest] if cosines[closest] > least else None
