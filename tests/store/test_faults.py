"""What can break: each fault is one line that says what to do, and nothing is lost."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from store import publication
from store.catalog import Catalog
from store.errors import IndexUnavailable, NoStore, StoreDamaged, StoreError
from store.vectors.encoders import SentenceTransformerEmbedder
from store.vectors.index import Index
from tests.small_store import SmallStore, open_store
from tests.store.damage import TEXT, ingest_elsewhere, line, reopened


def test_search_without_documents_raises_no_store(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="no documents yet; run `itubot ingest`"):
        open_store(tmp_path / "data").found("stone")
    assert not (tmp_path / "data").exists()


@pytest.mark.files
@pytest.mark.parametrize("rest", [b"", b"no database at all " * 400])
def test_a_catalog_that_is_no_database(store: SmallStore, paper: Path, tmp_path: Path, rest: bytes) -> None:
    again = reopened(store, tmp_path)
    catalog = again.folder / "itubot.sqlite"
    for side in ("-wal", "-shm"):
        catalog.with_name(catalog.name + side).unlink(missing_ok=True)
    catalog.write_bytes(rest)
    if not rest:
        # An emptied file is a new database: the next ingest fills it.
        with pytest.raises(NoStore):
            again.found("stone")
        assert again.ingest(paper).documents[0].status == "new"
        return

    for act in (lambda: again.found("stone"), lambda: again.ingest(paper)):
        with pytest.raises(StoreDamaged) as error:
            act()
        assert "move itubot.sqlite* out of the data folder and run `itubot restore FILE`" in line(error)


@pytest.mark.files
def test_truncated_catalog(store: SmallStore, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    catalog = again.folder / "itubot.sqlite"
    whole = catalog.read_bytes()
    catalog.write_bytes(whole[: len(whole) // 3])

    with pytest.raises(StoreDamaged) as error:
        again.found("stone")
    assert "move itubot.sqlite* out of the data folder and run `itubot restore" in line(error)


@pytest.mark.files
@pytest.mark.slow
@pytest.mark.parametrize("limit", [20_000, 400_000])
def test_full_disk(tmp_path: Path, store: SmallStore, limit: int) -> None:
    """A limit on the size of files stands for the full disk: it needs no rights and no file system."""
    again = reopened(store, tmp_path)
    large = tmp_path / "large.txt"
    large.write_text("".join(f"{n // 100 + 1}.{n % 100 + 1}\tStone {n * 7} is wet.\n" for n in range(1500)))

    said = ingest_elsewhere(again.folder, large, limit=limit)

    assert said.startswith("StoreError: ")
    assert said.count("\n") == 1
    assert "the disk" in said
    assert again.found("stone")[0] == "The stone lies at the gate."
    assert again.ingest(large).documents[0].sections == 1500


@pytest.mark.files
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user to be refused")
def test_folder_without_write_permission(open_folder: Path) -> None:
    paper = open_folder / "paper.txt"
    paper.write_text(TEXT)
    folder = open_folder / "data"
    open_store(folder).ingest(paper)

    said = ingest_elsewhere(folder, paper, user=65534)

    assert said.startswith(
        f"StoreError: {folder} cannot be written (Permission denied); check its permissions"
    )


@pytest.mark.files
def test_folder_that_cannot_be_created(tmp_path: Path, paper: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot be written"):
        open_store(tmp_path / "file" / "data").ingest(paper)


def test_unreachable_chroma_server(store: SmallStore, paper: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    index = Index(store.folder / "index", url)

    with pytest.raises(IndexUnavailable) as error:
        index.query(publication.live_segments(store.catalog), store.embedder.encode_question("stone"), 1)
    assert line(error).startswith(f"the Chroma server at {url} does not answer")
    assert "ITUBOT_CHROMA_URL" in line(error)


def test_a_database_without_its_driver() -> None:
    with pytest.raises(StoreError, match=r"needs the Python package 'pymysql'; run `pip install pymysql`"):
        Catalog("mysql+pymysql://user@host/name")


@pytest.mark.parametrize("url", ["catalog", "nosuch://host/name"])
def test_invalid_database_url(url: str) -> None:
    with pytest.raises(StoreError, match="ITUBOT_DATABASE_URL names no database") as error:
        Catalog(url)
    line(error)


@pytest.mark.slow
def test_missing_embedding_model(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the embedding model '.*nothing' cannot be loaded") as error:
        SentenceTransformerEmbedder(str(tmp_path / "nothing")).encode_question("stone")
    line(error)
