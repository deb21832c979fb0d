"""The vector index: segments (Chroma collections) that are written once, published, and never changed.

With the embedded client, processes cannot safely write and read the same collection, but they can open one that is
complete. So each publication adds a segment, and readers open the segments that the catalog says are live.

The index is derived from the catalog, which has every vector. Whatever is wrong with it, at opening or in a query, is
IndexDamaged: full text answers meanwhile, and the next writer builds the index anew.
"""

from __future__ import annotations

import math
import shutil
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import Context, copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import IndexDamaged, IndexUnavailable, StoreBusy, StoreDamaged, StoreError
from store.restarts import CircuitBreaker
from store.schema import SEGMENT_PREFIX
from store.vectors.chroma_server import connect, shown
from store.vectors.encoders import Vector

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# A disk with less free space counts as full.
_LEAST_FREE_BYTES = 1 << 20
# Parts of error messages of the system and SQLite for a full disk, and for missing permissions.
_DISK_FULL = ("disk is full", "No space left", "disk I/O error")
_REFUSED = ("readonly", "ermission denied", "unable to open")
# With Chroma's defaults 7 of 100 stored vectors did not find themselves among 10,000; with these, all do.
_CONFIGURATION: Any = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 600, "max_neighbors": 32}
}
_MISSING = "a part of the index is missing or damaged; run `itubot reindex` to rebuild it"
# Chroma keeps files of retired segments open. If there are more retired segments than this, all files are closed, and
# the live ones are opened again, which takes some hundredths of a second.
_MOST_RETIRED = 16
# Largest cosine distance of a vector from itself, in single precision.
_SAME_DISTANCE = 1e-3
# How long a server may take for a call. If it takes longer, full text alone answers the question.
_ANSWER_SECONDS = 5.0
# The same while segments are written or deleted, when nobody waits for an answer.
_WRITE_SECONDS = 120.0
# After a call that took longer, the server is not asked for so long.
_PAUSE_SECONDS = 30.0
# Queries that a server gets at the same time.
_PARALLEL_QUERIES = 8
# Chroma's database in the folder of an index.
_DATABASE = "chroma.sqlite3"


class Index:
    """Segments of vectors, in a folder or on a Chroma server. Safe between threads.

    A server has `seconds` to answer; if it takes longer, it counts as away for half a minute. `clock` gives seconds.
    """

    def __init__(
        self,
        folder: Path,
        url: str = "",
        seconds: float = _ANSWER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.url = url
        self._seconds = seconds
        self._breaker = CircuitBreaker(1, _PAUSE_SECONDS, clock)
        self._pool = ThreadPoolExecutor(_PARALLEL_QUERIES, "chroma")
        self._opened: ClientAPI | None = None
        self._inode = 0
        self._collections: dict[str, Any] = {}
        self._lock = threading.RLock()

    @property
    def shared(self) -> bool:
        """True on a server, which may also have segments of other catalogs."""
        return bool(self.url)

    def write_segment(
        self,
        name: str,
        batches: Iterable[Mapping[str, bytes]],
        written: Callable[[int], None] | None = None,
    ) -> None:
        """Write vectors (key -> float32 bytes) into the new segment `name`, which becomes live when it is published."""
        client = self._writing_client()
        with self._errors():
            collection = client.create_collection(name, configuration=_CONFIGURATION, embedding_function=None)
            most = client.get_max_batch_size()
        for batch in batches:
            keys = list(batch)
            for start in range(0, len(keys), most):
                part = keys[start : start + most]
                rows = np.stack([np.frombuffer(batch[key], dtype=np.float32) for key in part])
                with self._errors():
                    collection.add(ids=part, embeddings=rows)
                if written is not None:
                    written(len(part))

    def close(self) -> None:
        """Close the client and its files: running queries finish, and the next use opens them again."""
        with self._lock:
            if self._opened is None:
                return
            self._opened = None
            self._collections.clear()
            _clear_cache()

    def close_retired(self, live: int) -> None:
        """Close the files of retired segments once there are many; `live` is the number of live ones."""
        if len(self._collections) > live + _MOST_RETIRED:
            self.close()

    def query(self, segments: Sequence[str], vector: Vector, count: int) -> list[dict[str, float]]:
        """Return key -> dot product of the `count` nearest vectors in each segment, in the order of the segments.

        A server is asked for several segments at the same time. Raises StoreDamaged, IndexUnavailable.
        """
        if not self.url or len(segments) < 2:
            return [self._nearest(name, vector, count) for name in segments]

        def nearest(name: str, context: Context) -> dict[str, float]:
            return context.run(self._nearest, name, vector, count)

        return list(self._pool.map(nearest, segments, [copy_context() for _ in segments]))

    def check(self, segments: Iterable[str]) -> None:
        """Open segments, each with one query. Raises StoreDamaged, IndexUnavailable."""
        for name in segments:
            self._collection(name)

    def server_version(self) -> str:
        """Return the version of the Chroma server. Raises IndexUnavailable."""
        client = self._client()
        with self._errors():
            return client.get_version()

    def names(self) -> set[str]:
        """Return the names of all segments, live or not."""
        client = self._client()
        with self._errors():
            return {c.name for c in client.list_collections() if c.name.startswith(SEGMENT_PREFIX)}

    def discard(self) -> None:
        """Delete all of a damaged index in a folder; the next use creates an empty one. Does nothing on a server.

        The caller holds the writer's lock. Processes that have it open answer from it until they see the new segments.
        """
        self.close()
        if self.url:
            return
        with self._errors():
            if self.folder.is_dir():
                shutil.rmtree(self.folder)
            else:
                self.folder.unlink(missing_ok=True)

    def drop(self, names: Iterable[str]) -> None:
        """Delete segments, and the folders that Chroma leaves of them. The caller holds the writer's lock."""
        for name in names:
            client = self._writing_client()
            self._collections.pop(name, None)
            with self._errors():
                client.delete_collection(name)
        if self.url or not (self.folder / _DATABASE).exists():
            return
        with self._errors():
            owned = owned_folders(self.folder)
        for folder in self.folder.iterdir():
            if folder.is_dir() and _is_uuid(folder.name) and folder.name not in owned:
                shutil.rmtree(folder, ignore_errors=True)

    def _nearest(self, name: str, vector: Vector, count: int) -> dict[str, float]:
        collection = self._collection(name)
        with self._errors():
            result = collection.query(
                query_embeddings=vector[np.newaxis, :], n_results=count, include=["distances"]
            )
        pairs = zip(result["ids"][0], result["distances"][0], strict=True)
        length = float(np.linalg.norm(vector))
        return {key: length * (1.0 - float(distance)) for key, distance in pairs}

    def _collection(self, name: str) -> Any:
        with self._lock:
            if name not in self._collections:
                collection = self._named(name)
                if collection is None and self._was_replaced():
                    self.close()
                    collection = self._named(name)
                with self._errors():
                    if collection is None or not _finds_its_oldest(collection):
                        raise IndexDamaged(_MISSING)
                self._collections[name] = collection
            return self._collections[name]

    def _named(self, name: str) -> Any:
        from chromadb.errors import NotFoundError

        client = self._client()
        with self._errors():
            try:
                return client.get_collection(name, embedding_function=None)
            except NotFoundError:
                return None

    def _client(self) -> ClientAPI:
        with self._lock:
            if self._opened is None:
                with self._errors():
                    self._opened = connect(self.url, self._seconds) if self.url else _open(self.folder)
                    self._inode = self._found_inode()
            return self._opened

    def _writing_client(self) -> ClientAPI:
        if not self.url:
            if self._was_replaced():
                self.close()
            return self._client()
        with self._errors():
            return connect(self.url, _WRITE_SECONDS)

    def _found_inode(self) -> int:
        try:
            return 0 if self.url else (self.folder / _DATABASE).stat().st_ino
        except OSError:
            return 0

    def _was_replaced(self) -> bool:
        """Whether another process replaced the folder by a new one since it was opened."""
        return self._found_inode() != self._inode

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn all errors of the client into StoreError, with a message of one line that says what to do.

        A server that was too slow a short time ago is not asked.
        """
        if not self._breaker.allows():
            pause = math.ceil(self._breaker.remaining)
            raise IndexUnavailable(
                f"the Chroma server at {shown(self.url)} took too long; it is asked again in {pause} seconds"
            )
        try:
            yield
        except StoreError:
            # There was an answer: a segment is damaged, or the server has no such database.
            self._breaker.record(failed=False)
            raise
        except BaseException as error:
            # A panic in Chroma's compiled part is not an Exception, and its class cannot be imported.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            # One of httpx's four time limits; httpx is a dependency of chromadb alone. A refused connection costs no
            # time.
            self._breaker.record(failed=type(error).__name__.endswith("Timeout"))
            if not self.url:
                # After a full disk, the next write of the same client can wait for ever.
                self.close()
            raise _explained(error, self.folder, self.url) from error
        self._breaker.record(failed=False)


def _finds_its_oldest(collection: Any) -> bool:
    """Whether a segment finds its oldest vector.

    Chroma keeps the newest vectors in its database and the others in a folder. If the folder is gone, it silently
    answers from the rest.
    """
    from chromadb.errors import InternalError

    try:
        first = collection.get(limit=1, include=["embeddings"])
        if not first["ids"]:
            return False
        nearest = collection.query(query_embeddings=first["embeddings"], n_results=1, include=["distances"])
    except InternalError:
        return False
    return bool(nearest["ids"][0]) and float(nearest["distances"][0][0]) < _SAME_DISTANCE


def _open(folder: Path) -> ClientAPI:
    # Importing takes two seconds, and most commands never search.
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    try:
        return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    except BaseException:
        # Its cache also has the client that could not be opened.
        _clear_cache()
        raise


def _clear_cache() -> None:
    """Clear Chroma's cache of one client for each path, so that the next client is a new one.

    Its own `close` would break queries of other threads.
    """
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()


def _is_uuid(name: str) -> bool:
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True


def owned_folders(index: Path) -> set[str]:
    """Return the names of the folders that Chroma knows of. Raises sqlite3.Error."""
    with closing(sqlite3.connect(index / _DATABASE)) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM segments")}


def _explained(error: BaseException, folder: Path, url: str) -> StoreError:
    """Return the error with a message of one line that says what to do, about an index in a folder or at a URL."""
    message = next(iter(str(error).splitlines()), "") or type(error).__name__
    if url:
        return IndexUnavailable(
            f"the Chroma server at {shown(url)} does not answer as it should ({message}); start it, or correct "
            "ITUBOT_CHROMA_URL"
        )
    if _is_full(folder) or any(words in message for words in _DISK_FULL):
        return StoreDamaged(
            f"the index in {folder} cannot be written: the disk is full; make room and try again"
        )
    if any(words in message for words in _REFUSED):
        return StoreDamaged(
            f"the index in {folder} cannot be written; check the folder's permissions and the room on its disk"
        )
    if "locked" in message:
        return StoreBusy(f"the index in {folder} is locked by another program; close it and try again")
    return IndexDamaged(
        f"the index in {folder} cannot be used ({message}); run `itubot reindex` to rebuild it"
    )


def _is_full(folder: Path) -> bool:
    """Whether the disk is full, which Chroma reports in many ways."""
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
    except OSError:
        return False
