"""The vector index: segments (Chroma collections) that are written once, published, and never changed.

With the embedded client, processes cannot safely write and read the same collection, but they can open one that is
complete. So each publication adds a segment, and readers open the segments that the catalog says are live.

Chroma does not check its files: half a file silently gives wrong neighbours, and zeros in the wrong place crash the
process. So the checksums of a segment's files are recorded when it is written, and compared before Chroma opens it.
"""

from __future__ import annotations

import ctypes
import json
import math
import shutil
import sqlite3
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import Context, copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import IndexDamaged, IndexUnavailable, StoreBusy, StoreDamaged, StoreError
from store.restarts import CircuitBreaker
from store.vectors.chroma_server import connect, shown
from store.vectors.embeddings import Vector

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# A disk with less free space counts as full.
_LEAST_FREE_BYTES = 1 << 20
# Parts of error messages of the system and SQLite for a full disk, and for missing permissions.
_DISK_FULL = ("disk is full", "No space left", "disk I/O error")
_REFUSED = ("readonly", "ermission denied", "unable to open")
# With Chroma's defaults 7 of 100 stored vectors did not find themselves among 10,000; with these, all do.
_CONFIGURATION: Any = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
}
# How the names of segments begin, those of other catalogs too.
_PREFIX = "itubot-"
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
# Chroma writes it last. Without it the vectors are in its database, and each reader rebuilds the other files.
_COMPLETE = "index_metadata.pickle"
_CHUNK_BYTES = 1 << 20
# https://sourceware.org/glibc/manual/latest/html_node/Malloc-Tunable-Parameters.html: a value other than 0 fills memory
# when it is allocated and when it is freed.
_M_PERTURB = -6


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
                with self._errors(), _clean_memory():
                    collection.add(ids=part, embeddings=rows)
                if written is not None:
                    written(len(part))
        if not self.url:
            with self._errors():
                _record_checksums(self.folder, name, str(collection.id))

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

    def _nearest(self, name: str, vector: Vector, count: int) -> dict[str, float]:
        collection = self._collection(name)
        with self._errors():
            result = collection.query(
                query_embeddings=vector[np.newaxis, :], n_results=count, include=["distances"]
            )
        pairs = zip(result["ids"][0], result["distances"][0], strict=True)
        length = float(np.linalg.norm(vector))
        return {key: length * (1.0 - float(distance)) for key, distance in pairs}

    def server_version(self) -> str:
        """Return the version of the Chroma server. Raises IndexUnavailable."""
        client = self._client()
        with self._errors():
            return client.get_version()

    def names(self) -> set[str]:
        """Return the names of all segments, live or not."""
        client = self._client()
        with self._errors():
            return {c.name for c in client.list_collections() if c.name.startswith(_PREFIX)}

    def intact(self, names: Iterable[str]) -> set[str]:
        """Return those of the segments that exist and are not damaged."""
        existing = self.names()
        return {name for name in names if name in existing and self._is_intact(name)}

    def rename_damaged(self) -> Path | None:
        """Rename the index folder if Chroma's database in it is damaged; return its new path.

        A new one is created at the next use. None on a server, or if the database is sound, even with damaged segments.
        Reads all of the database: Chroma answers from one whose damage it has not met yet, and fails when it writes.
        The caller holds the writer's lock. Raises StoreDamaged.
        """
        if self.url:
            return None
        try:
            self.names()  # creates it
            if is_sound_database(self.folder):
                return None
        except IndexDamaged:
            pass
        aside = self.folder.with_name(f"{self.folder.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        with self._errors():
            self.folder.rename(aside)
        self.close()
        return aside

    def drop(self, names: Iterable[str]) -> None:
        """Delete segments. The caller holds the writer's lock."""
        client = self._writing_client()
        for name in names:
            self._collections.pop(name, None)
            with self._errors():
                client.delete_collection(name)
                if not self.url:
                    _record(self.folder, name).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete the folders that Chroma leaves of deleted collections; return their number.

        The caller holds the writer's lock. Does nothing on a server.
        """
        if self.url or not (self.folder / _DATABASE).exists():
            return 0
        with self._errors():
            owned = owned_folders(self.folder)
        stray = [d for d in self.folder.iterdir() if d.is_dir() and _is_uuid(d.name) and d.name not in owned]
        for folder in stray:
            shutil.rmtree(folder, ignore_errors=True)
        return len(stray)

    def _collection(self, name: str) -> Any:
        with self._lock:
            if name not in self._collections:
                collection = self._named(name)
                if collection is None and self._was_replaced():
                    self.close()
                    collection = self._named(name)
                with self._errors():
                    # Checked before the first query, at which Chroma opens the files.
                    if collection is None or not (
                        self.url or _is_as_recorded(self.folder, name, str(collection.id))
                    ):
                        raise IndexDamaged(_MISSING)
                    if not _finds_its_oldest(collection):
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

    def _is_intact(self, name: str) -> bool:
        try:
            self._collection(name)
        except IndexDamaged:
            return False
        return True

    def _client(self) -> ClientAPI:
        with self._lock:
            if self._opened is None:
                with self._errors():
                    self._opened = connect(self.url, self._seconds) if self.url else _open(self.folder)
                    self._inode = self._found_inode()
            return self._opened

    def _writing_client(self) -> ClientAPI:
        if not self.url:
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
            if not _is_by_client(error):
                raise
            # A refused connection costs no time.
            self._breaker.record(failed=_is_timeout(error))
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


def damaged_segments(index: Path, names: Sequence[str]) -> list[str]:
    """Return those of the segments in a folder that are missing or damaged, without loading Chroma."""
    if not is_sound_database(index):
        return list(names)
    with closing(sqlite3.connect(index / _DATABASE)) as connection:
        ids = {str(row[0]): str(row[1]) for row in connection.execute("SELECT name, id FROM collections")}
    return [name for name in names if name not in ids or not _is_as_recorded(index, name, ids[name])]


def is_sound_database(index: Path) -> bool:
    """Whether Chroma's database is intact. Reads all of it."""
    try:
        with closing(sqlite3.connect(f"file:{index / _DATABASE}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def owned_folders(index: Path) -> set[str]:
    """Return the names of the folders that Chroma knows of. Raises sqlite3.Error."""
    with closing(sqlite3.connect(index / _DATABASE)) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM segments")}


def _record(index: Path, name: str) -> Path:
    return index / f"{name}.files.json"


def _record_checksums(index: Path, name: str, collection_id: str) -> None:
    _record(index, name).write_text(json.dumps(_checksums(index, collection_id)))


def _is_as_recorded(index: Path, name: str, collection_id: str) -> bool:
    """Whether the files match their record. Raises OSError, sqlite3.Error."""
    try:
        recorded = json.loads(_record(index, name).read_text())
    except (FileNotFoundError, ValueError):
        return False
    return bool(recorded == _checksums(index, collection_id))


def _checksums(index: Path, collection_id: str) -> dict[str, list[int]]:
    """Return file name -> [bytes, CRC-32] of a segment's files: enough to detect accidents, at 2 GB/s."""
    with closing(sqlite3.connect(index / _DATABASE)) as connection:
        query = "SELECT id FROM segments WHERE collection = ? AND scope = 'VECTOR'"
        row = connection.execute(query, (collection_id,)).fetchone()
    if row is None or not (index / row[0] / _COMPLETE).exists():
        return {}
    return {path.name: _checksum(path) for path in sorted((index / row[0]).iterdir()) if path.is_file()}


def _checksum(path: Path) -> list[int]:
    size = sum_ = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            size, sum_ = size + len(chunk), zlib.crc32(chunk, sum_)
    return [size, sum_]


@contextmanager
def _clean_memory() -> Iterator[None]:
    """While the context is open, memory that native code allocates is overwritten first, where glibc allocates it.

    hnswlib, which Chroma uses, allocates room for more vectors than a segment has, and writes all of it to a file, with
    whatever was in that memory before: it can be the text of a removed document.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", lambda _parameter, _value: 0)
    mallopt(_M_PERTURB, 1)
    try:
        yield
    finally:
        mallopt(_M_PERTURB, 0)


def _is_by_client(error: BaseException) -> bool:
    """Whether an error may be the client's, and not a request to end the program."""
    # A panic in its compiled part is not an Exception, and its class cannot be imported.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _is_timeout(error: BaseException) -> bool:
    """Whether a server did not answer in time."""
    # One of httpx's four. httpx is a dependency of chromadb alone, and slow to import.
    return type(error).__name__.endswith("Timeout")


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
