"""Embedding models: texts into vectors, by a sentence-transformers model that is loaded on first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from store.errors import StoreError
from store.records import short_hash
from store.vectors.model_files import bundled_model, fingerprint, local_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# The unit vector of one text: (dimension,).
Vector = NDArray[np.float32]
# One such vector a row, for each of several texts: (texts, dimension).
Vectors = NDArray[np.float32]

_BATCH_TEXTS = 32
# Up to so many texts are encoded with one thread: beside busy processes three took 0.3 s, and 2.5 s with two threads.
_FEW_TEXTS = 8


class QuestionEncoder(Protocol):
    """An embedding model for answers: the dot product of a question's vector and a passage's is their cosine."""

    @property
    def fingerprint(self) -> str:
        """Name of the model with a hash of its weights. Raises StoreError if the model cannot be found."""
        ...

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question in a language."""
        ...

    def encode_question(self, text: str, language: str = "en") -> Vector:
        """Return the vector of one question in a language."""
        ...


class Embedder(QuestionEncoder, Protocol):
    """An embedding model for ingests: vectors of many texts, and their lengths."""

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row, a unit vector, for each text; `progress` receives the number of texts of each batch."""
        ...

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's own tokens."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model as Embedder: a name, a path, or "" for the bundled one.

    The folder `cache` caches the hash of the model's files.
    """

    def __init__(self, name: str = "", cache: Path | None = None) -> None:
        self.name = name
        self._cache = cache
        self._model: SentenceTransformer | None = None
        self._fingerprint: str | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Name of the model with a hash of its weights. Raises StoreError if the model cannot be found."""
        if self._fingerprint is None:
            found = fingerprint(self.name, self._cache)
            if found is None:
                # Loading downloads a model from the Hugging Face Hub, or raises.
                self._load()
                found = fingerprint(self.name, self._cache)
            self._fingerprint = found or self.name
        return self._fingerprint

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row for each text; `progress` receives the number of texts of each batch."""
        # Sorted by length, for less padding; `rows` has the original order.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        threads = 1 if len(texts) <= _FEW_TEXTS else os.cpu_count() or 1
        rows: Vectors | None = None
        for start in range(0, len(order), _BATCH_TEXTS):
            batch = order[start : start + _BATCH_TEXTS]
            with self.model(threads) as model:
                vectors = self._encode(model, [texts[i] for i in batch])
            if rows is None:
                rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            rows[batch] = vectors
            if progress is not None:
                progress(len(batch))
        return rows if rows is not None else np.empty((0, 0), dtype=np.float32)

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        """Return one row for each question."""
        return self.encode(texts)

    def encode_question(self, text: str, language: str = "en") -> Vector:
        """Return the vector of one question."""
        # With more threads, each step waits for the slowest one: beside a busy process, 12 ms became 480 ms.
        with self.model(threads=1) as model:
            vector: Vector = self._encode(model, [text])[0]
        return vector

    @contextmanager
    def model(self, threads: int) -> Iterator[SentenceTransformer]:
        """Hold the model for this thread alone, with so many torch threads.

        Raises StoreError if it cannot be loaded.
        """
        model = self._load()
        import torch

        with self._lock:
            # The number is global in torch.
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            yield model

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's tokens."""
        tokenizer: Any = self._load().tokenizer
        if not texts:
            return []
        encoded = tokenizer(list(texts), add_special_tokens=True, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    @staticmethod
    def _encode(model: SentenceTransformer, texts: list[str]) -> Vectors:
        vectors = model.encode(
            texts,
            batch_size=_BATCH_TEXTS,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _load_model(self.name)
            return self._model


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors of questions, which need not be unit vectors."""
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def embedding_key(fingerprint: str, text: str) -> str:
    """Return the key of the vector of a text."""
    return short_hash(fingerprint, text)


def _load_model(name: str) -> SentenceTransformer:
    # Importing takes five seconds, and most commands need no vector.
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise StoreError(
            f"documents need sentence-transformers, which this installation lacks ({error}); "
            "add them where the whole program is installed"
        ) from error

    folder = local_model(name) if name else bundled_model()
    # Files on this machine are used as they are, without asking the Hub for newer ones.
    tries = [(str(folder), True)] if folder is not None else []
    if name and not Path(name).exists():
        # Not downloaded yet, or not completely.
        tries.append((name, False))
    failed: Exception | None = None
    for path, local in tries:
        try:
            return SentenceTransformer(path, device="cpu", local_files_only=local)
        except (OSError, ValueError) as error:
            failed = error
    line = next(iter(str(failed).splitlines()), "") or "it has no files"
    raise StoreError(f"the embedding model {(name or str(folder))!r} cannot be loaded: {line}") from failed
