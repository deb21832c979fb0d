"""Cross-encoders, models that read two texts together: one ranks sections for a question, one decides entailment."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import StoreError
from store.records import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# Word pieces of both texts together; the model's tokenizer cuts longer ones.
_PIECES = 512
# Sections that are reranked: some tenths of a second on a processor with a model of six layers.
_DEPTH = 20


class _CrossEncoder:
    """A sentence-transformers cross-encoder, by name or path, loaded on first use. Safe between threads.

    `role` and `setting` are for messages: what it is for, and which setting names it.
    """

    role: str
    setting: str

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    def _predict(self, pairs: list[tuple[str, str]]) -> Any:
        """Return the outputs for each pair. Raises StoreError if the model cannot be loaded."""
        # One at a time: the tokenizer of a model is not safe between threads.
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model.predict(pairs, show_progress_bar=False)

    def _load(self) -> CrossEncoder:
        # Importing takes five seconds, and is needed only if one of the settings names a model.
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(
                self.name, device="cpu", max_length=_PIECES, local_files_only=Path(self.name).exists()
            )
        except Exception as error:
            # The libraries raise other errors for a wrong name in each version.
            line = next(iter(str(error).splitlines()), type(error).__name__)
            raise StoreError(
                f"the {self.role} {self.name!r} cannot be loaded: {line}; correct {self.setting}, or leave it empty"
            ) from error
        return model


class CrossEncoderReranker(_CrossEncoder):
    """A cross-encoder with one output, which scores how well sections fit a question."""

    role, setting = "reranker", "ITUBOT_RERANKER"

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, the higher the better, on any scale. Raises StoreError."""
        if not texts:
            return []
        scores = np.asarray(self._predict([(question, text) for text in texts]), dtype=np.float64)
        if scores.size != len(texts) or not np.isfinite(scores).all():
            raise StoreError(
                f"{self.name!r} does not rank: it gives {scores.size // len(texts)} scores a text; "
                f"set {self.setting} to a cross-encoder with one output"
            )
        return [float(score) for score in scores.reshape(-1)]

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the first 20 hits, best first, with the model's scores scaled to 0..1. Raises StoreError."""
        hits = hits[:_DEPTH]
        scores = self.scores(question, [f"{h.section.heading}\n{h.section.text}".strip() for h in hits])
        low, high = min(scores, default=0.0), max(scores, default=0.0)
        if high > low:
            hits = [
                replace(hit, score=(score - low) / (high - low))
                for hit, score in zip(hits, scores, strict=True)
            ]
        return sorted(hits, key=lambda hit: -hit.score)


class CrossEncoderEntailment(_CrossEncoder):
    """A cross-encoder for natural language inference, whose configuration names a label for entailment."""

    role, setting = "model for entailment", "ITUBOT_JUDGE"

    def compare(self, premise: str, hypothesis: str) -> str:
        """Return the likeliest label: "entailment", "contradiction" or the model's own word.

        Raises StoreError if the model cannot be used.
        """
        (scores,) = self._predict([(premise, hypothesis)])
        return self._labels[int(scores.argmax())]

    def _load(self) -> CrossEncoder:
        model = super()._load()
        config: Any = model.config
        labels = {int(number): str(label) for number, label in (config.id2label or {}).items()}
        self._labels = {number: relation(label) for number, label in labels.items()}
        if len(labels) < 2 or list(self._labels.values()).count("entailment") != 1:
            raise StoreError(
                f"the model {self.name!r} names no label for entailment ({', '.join(labels.values())}); "
                f"correct {self.setting}, or leave it empty"
            )
        return model


def relation(label: str) -> str:
    """Return "entailment" or "contradiction" for a model's label of it, such as "ENTAILMENT"; else the label."""
    known = ("entailment", "contradiction")
    return next((name for name in known if label.casefold().startswith(name[:6])), label)
