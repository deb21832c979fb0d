"""The real embedder, loaded once: it takes seconds."""

from __future__ import annotations

import pytest

from store.embeddings import SentenceTransformerEmbedder


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()
