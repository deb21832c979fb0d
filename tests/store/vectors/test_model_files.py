"""An embedding model of one's own: its name, and its weights."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.pipeline import Pipeline
from store.catalog import Catalog
from store.errors import ModelChanged
from store.search import Search
from store.vectors.encoders import SentenceTransformerEmbedder
from store.vectors.index import Index
from tests.servers import chroma_url, database_url
from tests.store.vectors.tiny_embedding_model import embedding_model


class Opened:
    """A data folder as a new process opens it, with the model of a path."""

    def __init__(self, folder: Path, model: Path) -> None:
        embedder = SentenceTransformerEmbedder(str(model))
        catalog, index = Catalog(database_url(folder)), Index(folder / "index", chroma_url(folder))
        self.pipeline = Pipeline(catalog, index, embedder, folder)
        self.search = Search(catalog, index, embedder)


@pytest.mark.slow
def test_changed_weights_under_one_name_are_refused_until_the_next_ingest(
    tmp_path: Path, paper: Path
) -> None:
    data, model = tmp_path / "data", embedding_model(tmp_path / "model")
    Opened(data, model).pipeline.ingest([paper])
    embedding_model(model, seed=2)

    with pytest.raises(ModelChanged, match="run `itubot reindex`"):
        Opened(data, model).search.search("stone")
    again = Opened(data, model).pipeline.ingest([paper])

    assert again.embedded > 0
    assert Opened(data, model).search.search("stone").hits


@pytest.mark.slow
def test_copy_of_a_model_has_the_same_fingerprint(tmp_path: Path) -> None:
    model = embedding_model(tmp_path / "model")
    copy = Path(shutil.copytree(model, tmp_path / "copy"))

    fingerprints = [SentenceTransformerEmbedder(str(path)).fingerprint for path in (model, copy)]

    assert len({fingerprint.rpartition(":")[2] for fingerprint in fingerprints}) == 1
