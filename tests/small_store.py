"""A whole store with an embedder that costs nothing: for what is tested of the store, not of the model."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ingest.pipeline import Pipeline
from ingest.report import IngestReport
from store.catalog import Catalog, next_term
from store.files import FileStorage, StoredFile, local_copies
from store.records import Event, Section
from store.search import Search
from store.terms import terms
from store.vectors.encoders import Vector, Vectors
from store.vectors.index import Index
from store.writer import maintain
from tests.servers import chroma_url, database_url

REPORT = """1. Forum
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tRegistration for the Forum closes on 16 June 2025.
2. Alliance
2.1\tThe Schools Alliance has eighty-four partners.
2.2\tIts secretary is appointed by the Council.
"""


class HashingEmbedder:
    """Unit vectors of hashed words: texts that share words are near one another. It counts what it is asked."""

    def __init__(self, name: str = "hashing", size: int = 64) -> None:
        self.name = name
        self.size = size
        self.embedded: list[str] = []

    @property
    def fingerprint(self) -> str:
        return self.name

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.embedded += texts
        if progress is not None:
            progress(len(texts))
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(
            len(texts), self.size
        )

    def encode_questions(self, texts: Sequence[str], language: str = "en") -> Vectors:
        return self.encode(texts)

    def encode_question(self, text: str, language: str = "en") -> Vector:
        return self._vector(text)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _vector(self, text: str) -> Vector:
        vector = np.full(self.size, 0.01, dtype=np.float32)
        for word in terms(text):
            digest = hashlib.sha256(f"{self.name} {word}".encode()).digest()
            vector[digest[0] % self.size] += 1.0 if digest[1] % 2 else -1.0
        return vector / np.float32(np.linalg.norm(vector))


@dataclass(frozen=True, slots=True)
class SmallStore:
    """What the program has on a data folder."""

    folder: Path
    embedder: HashingEmbedder
    catalog: Catalog
    index: Index
    pipeline: Pipeline
    search: Search
    storage: FileStorage

    def ingest(self, *paths: Path, prune: bool = False) -> IngestReport:
        return self.pipeline.ingest(paths, prune=prune)

    def send(self, name: str, data: bytes, sent_at: float) -> StoredFile:
        """Store a file as one that somebody sent at a time."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "file")
            file.write_bytes(data)
            return StoredFile(name, self.storage.put(file), sent_at)

    def ingest_stored(self, *files: StoredFile) -> IngestReport:
        """Ingest stored files, as an upload does."""
        with local_copies(self.storage, files) as copies:
            return self.pipeline.ingest(list(copies), copies=copies)

    def maintain(self, clock: Callable[[], float] = time.time) -> None:
        """Do the maintenance that follows a write, in a term of its own."""
        with self.catalog.writing() as connection:
            term = next_term(connection)
        maintain(self.catalog, self.index, term, clock=clock)

    def close(self) -> None:
        """Let go of its files; a later use opens them again."""
        self.catalog.close()
        self.index.close()

    def found(self, question: str) -> list[str]:
        """Return the texts found for a question by vectors and full text, best first."""
        result = self.search.search(question)
        assert not result.full_text_only
        return [hit.section.text for hit in result.hits]

    def ids(self) -> dict[str, str]:
        """Return number -> id of the live sections of all documents."""
        return {s.number: s.id for d in self.catalog.documents() for s in stored_sections(self.catalog, d.id)}


def stored_events(catalog: Catalog) -> list[Event]:
    """Return the events of the live documents."""
    with catalog.snapshot() as view:
        return view.events()


def stored_sections(catalog: Catalog, document_id: str) -> list[Section]:
    """Return the live sections of a document, in reading order."""
    with catalog.snapshot() as view:
        return view.sections_of(document_id)


def open_store(folder: Path, model: str = "hashing", chroma: str = "") -> SmallStore:
    """Return a store on `folder`, as another process would open it; `chroma` is the URL of a server."""
    embedder = HashingEmbedder(model)
    catalog = Catalog(database_url(folder))
    index = Index(folder / "index", chroma or chroma_url(folder))
    storage = FileStorage(str(folder / "library"))
    return SmallStore(
        folder=folder,
        embedder=embedder,
        catalog=catalog,
        index=index,
        pipeline=Pipeline(catalog, index, embedder, folder, storage=storage),
        search=Search(catalog, index, embedder),
        storage=storage,
    )


def open_filled_store(folder: Path, chroma: str) -> SmallStore:
    """Return a store with REPORT on a Chroma server."""
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "report.txt"
    report.write_text(REPORT, "utf-8")
    store = open_store(folder, chroma=chroma)
    store.ingest(report)
    return store
