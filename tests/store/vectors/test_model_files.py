"""What names an embedding model: its name, and its files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ingest.pipeline import Pipeline
from store.catalog import Catalog
from store.errors import ModelChanged
from store.search import Search
from store.vectors import Index, SentenceTransformerEmbedder
from store.vectors.model_files import fingerprint
from tests.servers import catalog_url, chroma_url
from tests.store.vectors.tiny_embedding_model import embedding_model


def write_model(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").write_text("{}")
    return folder


class Opened:
    """A data folder as a new process opens it, with the model of a path."""

    def __init__(self, folder: Path, model: Path) -> None:
        embedder = SentenceTransformerEmbedder(str(model), folder / "encoder")
        catalog, index = Catalog(catalog_url(folder)), Index(folder / "index", chroma_url(folder))
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


def test_file_with_an_older_modification_time_is_read_again(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    file = model / "model.safetensors"
    before, times = fingerprint(str(model), tmp_path), file.stat()

    file.write_bytes(b"WEIGHTS")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert fingerprint(str(model), tmp_path) != before


def test_hash_is_cached_for_other_processes(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    named = fingerprint(str(model), tmp_path / "kept")
    kept = tmp_path / "kept" / "weights.json"
    kept.write_text(kept.read_text().replace('"hash": "', '"hash": "from what is kept '))

    assert named is not None
    assert fingerprint(str(model), tmp_path / "kept") == f"{model}:from what is"


def test_irrelevant_files_do_not_change_the_fingerprint(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    before = fingerprint(str(model))

    (model / "README.md").write_text("A model.")
    (model / "onnx").mkdir()
    (model / "onnx" / "config.json").write_text("{}")

    assert fingerprint(str(model)) == before


def test_fingerprint_of_a_hub_model_is_that_of_its_cached_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    repository, revision = tmp_path / "models--owner--tiny", "0123456789abcdef0123456789abcdef01234567"
    snapshot = write_model(repository / "snapshots" / revision)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision)

    named = fingerprint("owner/tiny")

    assert named == f"owner/tiny:{str(fingerprint(str(snapshot))).rpartition(':')[2]}"


def test_model_that_is_not_on_this_machine_has_no_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    assert [fingerprint(name) for name in ("owner/tiny", "tiny", "./tiny", "no name of a model")] == [
        None
    ] * 4


def test_copy_of_a_model_has_the_same_hash(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    copy = Path(shutil.copytree(model, tmp_path / "copy"))

    hashes = {str(fingerprint(str(path))).rpartition(":")[2] for path in (model, copy)}

    assert len(hashes) == 1
