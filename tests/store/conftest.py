"""The real embedder, loaded once: it takes seconds; and a small store without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.vectors.encoders import SentenceTransformerEmbedder
from tests.small_store import SmallStore
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
def store(store: SmallStore, paper: Path) -> SmallStore:
    store.ingest(paper)
    return store
