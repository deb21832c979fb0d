"""The real embedder, loaded once: it takes seconds; and a small store without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.vectors import SentenceTransformerEmbedder
from tests.small_store import SmallStore, open_store
from tests.store.damage import TEXT


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def store(tmp_path: Path, paper: Path) -> Iterator[SmallStore]:
    store = open_store(tmp_path / "data")
    store.ingest(paper)
    yield store
    store.close()
