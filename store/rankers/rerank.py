"""Sections put in a better order by a cross-encoder, which reads question and section together; loaded on first use."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from store.errors import StoreError
from store.rankers.cross_encoders import load_cross_encoder
from store.records import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# Sections that are read again: some tenths of a second on a processor with a model of six layers.
DEPTH = 20
_SETTING = "ITUBOT_RERANKER"


class Reranker(Protocol):
    """What says how well each of some texts fits a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text, the higher the better, on any scale."""
        ...


def reranked(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """Return the first `DEPTH` hits in the order of the reranker, whose scores, scaled to 0..1, become theirs."""
    read = hits[:DEPTH]
    scores = reranker.scores(question, [f"{h.section.heading}\n{h.section.text}".strip() for h in read])
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    scaled = [
        (score - low) / (high - low) if high > low else hit.score
        for score, hit in zip(scores, read, strict=True)
    ]
    best = sorted(range(len(read)), key=lambda place: -scaled[place])
    return [replace(read[place], score=scaled[place]) for place in best]


class CrossEncoderReranker:
    """A Reranker on any sentence-transformers cross-encoder with one output: a name or a path. Safe between threads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text. Raises StoreError where the model cannot be loaded, or does not rank."""
        if not texts:
            return []
        # One at a time: the tokenizer of a model is not safe between threads.
        with self._lock:
            if self._model is None:
                self._model = load_cross_encoder(self.name, "reranker", _SETTING)
            pairs = [(question, text) for text in texts]
            scores = np.asarray(self._model.predict(pairs, show_progress_bar=False), dtype=np.float64)
        if scores.size != len(texts) or not np.isfinite(scores).all():
            raise StoreError(
                f"{self.name!r} does not rank: it gives {scores.size // len(texts)} scores a text; "
                f"set {_SETTING} to a cross-encoder with one output"
            )
        return [float(score) for score in scores.reshape(-1)]
