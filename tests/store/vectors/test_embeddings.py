"""The embedding model of an ingest."""

from __future__ import annotations

import sys

import pytest

from store.errors import StoreError
from store.vectors.encoders import SentenceTransformerEmbedder


def test_an_installation_without_the_models_library_says_where_documents_are_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(StoreError, match="add them where the whole program is installed"):
        SentenceTransformerEmbedder().lengths(["Hello"])
