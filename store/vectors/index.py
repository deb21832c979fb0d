"""The index: Chroma collections that are written once, published, and never written again.

The embedded client is not safe between processes that write and read the same collection; a collection
that was complete before it was first opened is. So each publication adds a segment (a collection), and
readers open what the catalog says is live.
"""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import IndexDamaged, IndexUnavailable, StoreBusy, StoreDamaged, StoreError
from store.vectors import index_files
from store.vectors.chroma_server import parse_server, shown
from store.vectors.embeddings import Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# With Chroma's defaults 7 of 100 stored vectors did not find themselves among 10,000; with these, all.
_CONFIGURATION: Any = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
}
_PREFIX = "itubot-"
_MISSING = "a part of the index is missing or damaged; run `itubot ingest` to mend it"
# With less room than this, in bytes, nothing can be written.
_ROOM = 1 << 20
# What the system and SQLite say where a disk takes no more, and where a file may not be opened.
_NO_ROOM = ("disk is full", "No space left", "disk I/O error")
_REFUSED = ("readonly", "ermission denied", "unable to open")
# Chroma keeps the files of a collection open that is used no more. Beyond so many, all are closed, and the live ones
# opened again, which takes some hundredths of a second.
_MOST_RETIRED = 16
# A vector's cosine distance from itself, with what single precision makes of it.
_ITSELF = 1e-3


class Index:
    """Segments of vectors, in a folder or on a Chroma server. Safe between threads."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.url = url
        self._opened: ClientAPI | None = None
        self._inode = 0
        self._collections: dict[str, Any] = {}
        self._lock = threading.RLock()

    @property
    def shared(self) -> bool:
        """Whether others may keep segments in the same place: on a server, not in a folder of our own."""
        return bool(self.url)

    @staticmethod
    def new_name() -> str:
        """Return a name that no segment has."""
        return f"{_PREFIX}{uuid.uuid4().hex}"

    def write_segment(
        self,
        name: str,
        batches: Iterable[Mapping[str, bytes]],
        written: Callable[[int], None] | None = None,
    ) -> None:
        """Write vectors (key -> float32 bytes) into the new segment `name`. Not live until published."""
        client = self._client()
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
        if not self.url:
            with self._errors():
                index_files.record(self.folder, name, str(collection.id))

    def close(self) -> None:
        """Let go of what is open: queries that are under way finish, and the next use opens what is there then."""
        with self._lock:
            if self._opened is None:
                return
            # Chroma keeps a client for each path, for as long as the process lives. Its own `close` would take the
            # files from a query that is under way in another thread.
            from chromadb.api.shared_system_client import SharedSystemClient

            self._opened = None
            self._collections.clear()
            SharedSystemClient.clear_system_cache()

    def release_all_but(self, segments: Sequence[str]) -> None:
        """Close the files of segments that are used no more, once there are many of them."""
        if len(self._collections) > len(segments) + _MOST_RETIRED:
            self.close()

    def query(self, segments: Sequence[str], vector: Vectors, count: int) -> dict[str, float]:
        """Return key -> cosine of the `count` nearest vectors in each of the segments. Raises StoreDamaged."""
        nearest: dict[str, float] = {}
        for name in segments:
            collection = self._collection(name)
            with self._errors():
                result = collection.query(
                    query_embeddings=vector[np.newaxis, :], n_results=count, include=["distances"]
                )
            for key, distance in zip(result["ids"][0], result["distances"][0], strict=True):
                nearest[key] = 1.0 - float(distance)
        return nearest

    def names(self) -> set[str]:
        """Return the segments that are there, live or not."""
        client = self._client()
        with self._errors():
            return {c.name for c in client.list_collections() if c.name.startswith(_PREFIX)}

    def sound(self, names: Iterable[str]) -> set[str]:
        """Return those of `names` that are there and give back what was put in."""
        there = self.names()
        return {name for name in names if name in there and self._is_sound(name)}

    def put_aside(self, names: Iterable[str]) -> Path | None:
        """Rename a folder that Chroma cannot use any more, and begin an empty one; return where the old one is.

        `names` are the segments that should be there. None where the folder is usable, though segments in it may
        not be, and always for a server. Only the holder of the writer's lock may. Raises StoreDamaged.
        """
        try:
            if self.url or set(names) <= self.sound(names) or index_files.is_sound_database(self.folder):
                return None
        except IndexDamaged:
            pass
        aside = self.folder.with_name(f"{self.folder.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        with self._errors():
            self.folder.rename(aside)
        self.close()
        return aside

    def drop(self, names: Iterable[str]) -> None:
        """Delete segments. Only the holder of the writer's lock may."""
        client = self._client()
        for name in names:
            self._collections.pop(name, None)
            with self._errors():
                client.delete_collection(name)
                if not self.url:
                    index_files.forget(self.folder, name)

    def sweep(self) -> int:
        """Delete folders that no collection owns (Chroma leaves them behind); return how many.

        Only the holder of the writer's lock may. Nothing is done on a server.
        """
        if self.url or not (self.folder / index_files.DATABASE).exists():
            return 0
        with self._errors():
            owned = index_files.owned_folders(self.folder)
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
                    # Before the first query: that is when Chroma opens the files.
                    if collection is None or not (
                        self.url or index_files.is_intact(self.folder, name, str(collection.id))
                    ):
                        raise IndexDamaged(_MISSING)
                    if not _gives_back(collection):
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

    def _is_sound(self, name: str) -> bool:
        try:
            self._collection(name)
        except IndexDamaged:
            return False
        return True

    def _client(self) -> ClientAPI:
        with self._lock:
            if self._opened is None:
                with self._errors():
                    self._opened = _open(self.folder, self.url)
                    self._inode = self._found_inode()
            return self._opened

    def _found_inode(self) -> int:
        try:
            return 0 if self.url else (self.folder / index_files.DATABASE).stat().st_ino
        except OSError:
            return 0

    def _was_replaced(self) -> bool:
        """Whether another process put the folder aside since it was opened here, and began a new one."""
        return self._found_inode() != self._inode

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn whatever the client meets into one line that says what to do."""
        try:
            yield
        except StoreError:
            raise
        except BaseException as error:
            # The client has no common root: its own errors, httpx's, sqlite3's, OSError and ValueError. A panic in
            # its compiled part is no Exception, and of a class that cannot be imported.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise _explained(error, self.folder, self.url) from error


def _gives_back(collection: Any) -> bool:
    """Whether a segment finds its oldest vector.

    Chroma keeps the newest vectors in its database and the others in a folder; where the folder is gone, it
    answers from the rest without a word.
    """
    from chromadb.errors import InternalError

    try:
        first = collection.get(limit=1, include=["embeddings"])
        if not first["ids"]:
            return False
        nearest = collection.query(query_embeddings=first["embeddings"], n_results=1, include=["distances"])
    except InternalError:
        return False
    return bool(nearest["ids"][0]) and float(nearest["distances"][0][0]) < _ITSELF


def _explained(error: BaseException, folder: Path, url: str) -> StoreError:
    said = next(iter(str(error).splitlines()), "") or type(error).__name__
    if url:
        return IndexUnavailable(
            f"the Chroma server at {shown(url)} does not answer as it should ({said}); start it, or mend "
            "ITUBOT_CHROMA_URL"
        )
    if _is_full(folder) or any(words in said for words in _NO_ROOM):
        return StoreDamaged(
            f"the index in {folder} cannot be written: the disk is full; make room and try again"
        )
    if any(words in said for words in _REFUSED):
        return StoreDamaged(f"the index in {folder} cannot be written; check the folder's permissions")
    if "locked" in said:
        return StoreBusy(f"the index in {folder} is locked by another program; close it and try again")
    return IndexDamaged(
        f"the index in {folder} cannot be used ({said}); run `itubot ingest` to build it anew"
    )


def _is_full(folder: Path) -> bool:
    """Whether the disk is; a full one makes Chroma say all kinds of things."""
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


def _open(folder: Path, url: str) -> ClientAPI:
    # Two seconds to import, and most commands never search.
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if url:
        server = parse_server(url)
        return chromadb.HttpClient(
            host=server.address,
            headers=server.headers,
            settings=settings,
            tenant=server.tenant,
            database=server.database,
        )
    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(path=str(folder), settings=settings)


def _is_uuid(name: str) -> bool:
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True
