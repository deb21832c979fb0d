"""Texts into vectors, by a sentence-transformers model that is loaded on first use."""

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
from store.records import digest
from store.vectors.model_files import bundled_model, fingerprint, local_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

_BATCH = 32
# So few are encoded like a question: beside other busy processes three took 0.3 s with one thread, 2.5 with two.
_FEW = 8


class QuestionEncoder(Protocol):
    """What answering needs of an embedding model: unit vectors of questions and of a few other short texts."""

    @property
    def fingerprint(self) -> str:
        """The name of the model with a hash of its weights. Raises StoreError where the model cannot be found."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        ...

    def encode_question(self, text: str) -> Vectors:
        """Return the vector of one question."""
        ...


class Embedder(QuestionEncoder, Protocol):
    """What an ingest needs of it besides: vectors of many texts, and the texts' lengths."""

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row a text; `progress` is told how many more are done."""
        ...

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's own tokens."""
        ...


class SentenceTransformerEmbedder:
    """An Embedder on any sentence-transformers model: a name, a path, or "" for the bundled one.

    The hash of a model's files is kept in the folder `kept`.
    """

    def __init__(self, name: str = "", kept: Path | None = None) -> None:
        self.name = name
        self._kept = kept
        self._model: SentenceTransformer | None = None
        self._fingerprint: str | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        if self._fingerprint is None:
            found = fingerprint(self.name, self._kept)
            if found is None:
                # Loading downloads a model of the Hugging Face Hub, or says why there is none.
                self._load()
                found = fingerprint(self.name, self._kept)
            self._fingerprint = found or self.name
        return self._fingerprint

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        # Equal lengths beside one another: less padding. The order is restored below.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        threads = 1 if len(texts) <= _FEW else os.cpu_count() or 1
        rows: Vectors | None = None
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            with self.model(threads) as model:
                vectors = self._encode(model, [texts[i] for i in batch])
            if rows is None:
                rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            rows[batch] = vectors
            if progress is not None:
                progress(len(batch))
        return rows if rows is not None else np.empty((0, 0), dtype=np.float32)

    def encode_question(self, text: str) -> Vectors:
        # With more threads, another busy process makes each step wait for the slowest: 12 ms became 480.
        with self.model(threads=1) as model:
            vector: Vectors = self._encode(model, [text])[0]
        return vector

    @contextmanager
    def model(self, threads: int) -> Iterator[SentenceTransformer]:
        """Lend the model, to one thread at a time, with so many torch threads.

        Raises StoreError where it cannot be loaded.
        """
        model = self._load()
        import torch

        with self._lock:
            # Their number is torch's global.
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            yield model

    def lengths(self, texts: Sequence[str]) -> list[int]:
        tokenizer: Any = self._load().tokenizer
        if not texts:
            return []
        encoded = tokenizer(list(texts), add_special_tokens=True, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    @staticmethod
    def _encode(model: SentenceTransformer, texts: list[str]) -> Vectors:
        vectors = model.encode(
            texts,
            batch_size=_BATCH,
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


def embedding_key(fingerprint: str, text: str) -> str:
    """Return the name of the vector that the model makes of the text."""
    return digest(fingerprint, text)


def _load_model(name: str) -> SentenceTransformer:
    # Importing takes five seconds, and most commands need no vector.
    from sentence_transformers import SentenceTransformer

    folder = local_model(name) if name else bundled_model()
    # What is on this machine is read as it is: nobody is asked whether there is something newer.
    tries = [(str(folder), True)] if folder is not None else []
    if name and not Path(name).exists():
        # Not downloaded yet, or not all of it.
        tries.append((name, False))
    failed: Exception | None = None
    for path, local in tries:
        try:
            return SentenceTransformer(path, device="cpu", local_files_only=local)
        except (OSError, ValueError) as error:
            failed = error
    line = next(iter(str(failed).splitlines()), "") or "it has no files"
    raise StoreError(f"the embedding model {(name or str(folder))!r} cannot be loaded: {line}") from failed
