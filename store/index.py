"""The index: Chroma collections that are written once, published, and never written again.

The embedded client is not safe between processes that write and read the same collection; a collection
that was complete before it was first opened is. So each publication adds a segment (a collection), and
readers open what the catalog says is live.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from store.embeddings import Vectors
from store.errors import StoreDamaged

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# With Chroma's defaults 7 of 100 stored vectors did not find themselves among 10,000; with these, all.
_CONFIGURATION: Any = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}
}
_PREFIX = "itubot-"


class Index:
    """Segments of vectors, in a folder or on a Chroma server. Safe between threads."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.url = url
        self._opened: ClientAPI | None = None
        self._collections: dict[str, Any] = {}
        self._lock = threading.Lock()

    def write_segment(
        self, batches: Iterable[Mapping[str, bytes]], written: Callable[[int], None] | None = None
    ) -> str:
        """Write vectors (key -> float32 bytes) into a new segment; return its name. Not live until published."""
        name = f"{_PREFIX}{uuid.uuid4().hex}"
        client = self._client()
        collection = client.create_collection(name, configuration=_CONFIGURATION, embedding_function=None)
        most = client.get_max_batch_size()
        for batch in batches:
            keys = list(batch)
            for start in range(0, len(keys), most):
                part = keys[start : start + most]
                rows = np.stack([np.frombuffer(batch[key], dtype=np.float32) for key in part])
                collection.add(ids=part, embeddings=rows)
                if written is not None:
                    written(len(part))
        return name

    def query(self, segments: Sequence[str], vector: Vectors, count: int) -> dict[str, float]:
        """Return key -> cosine of the `count` nearest vectors in each of the segments."""
        nearest: dict[str, float] = {}
        for name in segments:
            collection = self._collection(name)
            result = collection.query(
                query_embeddings=vector[np.newaxis, :], n_results=count, include=["distances"]
            )
            for key, distance in zip(result["ids"][0], result["distances"][0], strict=True):
                nearest[key] = 1.0 - float(distance)
        return nearest

    def names(self) -> set[str]:
        """Return the segments that are there, live or not."""
        return {c.name for c in self._client().list_collections() if c.name.startswith(_PREFIX)}

    def drop(self, names: Iterable[str]) -> None:
        """Delete segments. Only the holder of the writer's lock may."""
        client = self._client()
        for name in names:
            self._collections.pop(name, None)
            client.delete_collection(name)

    def sweep(self) -> int:
        """Delete folders that no collection owns (Chroma leaves them behind); return how many.

        Only the holder of the writer's lock may. Nothing is done on a server.
        """
        catalog = self.folder / "chroma.sqlite3"
        if self.url or not catalog.exists():
            return 0
        with closing(sqlite3.connect(catalog)) as connection:
            owned = {row[0] for row in connection.execute("SELECT id FROM segments")}
        stray = [d for d in self.folder.iterdir() if d.is_dir() and _is_uuid(d.name) and d.name not in owned]
        for folder in stray:
            shutil.rmtree(folder, ignore_errors=True)
        return len(stray)

    def _collection(self, name: str) -> Any:
        with self._lock:
            if name not in self._collections:
                try:
                    self._collections[name] = self._client().get_collection(name, embedding_function=None)
                except Exception as error:
                    raise StoreDamaged(
                        "a part of the index is missing; run `itubot ingest` to mend it"
                    ) from error
            return self._collections[name]

    def _client(self) -> ClientAPI:
        if self._opened is None:
            self._opened = _open(self.folder, self.url)
        return self._opened


def _open(folder: Path, url: str) -> ClientAPI:
    # Two seconds to import, and most commands never search.
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    try:
        if url:
            parts = urlsplit(url)
            secure = parts.scheme == "https"
            port = parts.port or (443 if secure else 8000)
            return chromadb.HttpClient(host=parts.hostname or "", port=port, ssl=secure, settings=settings)
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=str(folder), settings=settings)
    except Exception as error:
        where = f"the Chroma server at {url}" if url else f"the index in {folder}"
        raise StoreDamaged(f"{where} cannot be opened ({str(error).splitlines()[0]})") from error


def _is_uuid(name: str) -> bool:
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True
