"""What can break: each fault is one line that says what to do, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from store import upkeep
from store.catalog import Catalog
from store.embeddings import SentenceTransformerEmbedder
from store.errors import NoStore, StoreDamaged, StoreError
from store.index import Index
from tests.small_store import SmallStore, open_store

ROOT = Path(__file__).parents[2]
TEXT = "1.1\tThe stone lies at the gate.\n1.2\tThe river runs to the sea.\n"

# Runs an ingest under a limit and says how it went; a fault that is no StoreError shows as a traceback.
_INGEST = """
import os, resource, sys
from pathlib import Path
import chromadb
from store.errors import StoreError
from tests.small_store import open_store

folder, paper, limit, user = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if user:
    os.seteuid(user)
try:
    open_store(folder).ingest(paper)
except StoreError as error:
    print("StoreError:", error)
"""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def store(tmp_path: Path, paper: Path) -> SmallStore:
    store = open_store(tmp_path / "data")
    store.ingest(paper)
    return store


def reopened(store: SmallStore, tmp_path: Path) -> SmallStore:
    """The store as a process finds it that starts now: Chroma keeps what it has opened, by its folder."""
    folder = tmp_path / "reopened"
    store.catalog.engine.dispose()
    shutil.move(store.folder, folder)
    return open_store(folder)


def line(error: pytest.ExceptionInfo[StoreError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_nothing_ingested_yet(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="no documents yet; run `itubot ingest`"):
        open_store(tmp_path / "data").found("stone")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("rest", [b"", b"no database at all " * 400])
def test_a_catalog_that_is_no_database(store: SmallStore, paper: Path, tmp_path: Path, rest: bytes) -> None:
    again = reopened(store, tmp_path)
    catalog = again.folder / "catalog.sqlite"
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
        assert "move the data folder away and run `itubot ingest`" in line(error)


def test_a_catalog_that_was_cut_off(store: SmallStore, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    catalog = again.folder / "catalog.sqlite"
    whole = catalog.read_bytes()
    catalog.write_bytes(whole[: len(whole) // 3])

    with pytest.raises(StoreDamaged) as error:
        again.found("stone")
    assert "move the data folder away" in line(error)


def test_a_catalog_of_an_earlier_version_is_adapted_by_the_next_ingest(
    store: SmallStore, paper: Path, tmp_path: Path
) -> None:
    again = reopened(store, tmp_path)
    with sqlite3.connect(again.folder / "catalog.sqlite") as connection:
        for column in ("found", "notes"):
            connection.execute(f"ALTER TABLE documents DROP COLUMN {column}")
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    connection.close()

    with pytest.raises(StoreDamaged) as error:
        again.found("stone")
    assert "earlier version of the program; run `itubot ingest` to adapt it" in line(error)
    assert again.ingest(paper).documents[0].status == "unchanged"
    assert again.found("stone")[0] == "The stone lies at the gate."


def test_a_missing_index_is_named_and_mended_from_the_kept_vectors(
    store: SmallStore, paper: Path, tmp_path: Path
) -> None:
    again = reopened(store, tmp_path)
    shutil.rmtree(again.folder / "index")

    with pytest.raises(StoreDamaged) as error:
        again.found("stone")
    assert line(error) == "a part of the index is missing; run `itubot ingest` to mend it"

    report = again.ingest(paper)
    assert (report.documents[0].status, report.embedded) == ("unchanged", 0)
    assert again.found("stone")[0] == "The stone lies at the gate."


def test_one_lost_segment_is_mended_and_the_others_are_kept(
    store: SmallStore, paper: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("1.1\tThe bird sits on the roof.\n")
    first = set(upkeep.live_segments(store.catalog))
    store.ingest(other)
    (second,) = set(upkeep.live_segments(store.catalog)) - first
    store.index.drop([second])

    report = store.ingest(paper)

    assert report.embedded == 0
    live = set(upkeep.live_segments(store.catalog))
    assert first < live
    assert second not in live
    assert store.search.search("bird").hits[0].cosine > 0.5


def test_a_segment_that_lost_its_folder_is_noticed(tmp_path: Path) -> None:
    """Chroma would answer from the newest vectors alone, and say nothing."""
    vectors = np.random.default_rng(5).normal(size=(1500, 8)).astype(np.float32)
    batches = [{str(n): vectors[n].tobytes() for n in range(at, at + 500)} for at in range(0, 1500, 500)]
    name = Index.new_name()
    index = Index(tmp_path / "whole")
    index.write_segment(name, batches)
    shutil.copytree(tmp_path / "whole", tmp_path / "robbed")
    for folder in (path for path in (tmp_path / "robbed").iterdir() if path.is_dir()):
        shutil.rmtree(folder)

    assert index.sound([name]) == {name}
    robbed = Index(tmp_path / "robbed")
    assert robbed.sound([name]) == set()
    with pytest.raises(StoreDamaged, match="a part of the index is missing"):
        robbed.query([name], vectors[0], 1)


def test_a_half_written_index_says_what_to_move_away(store: SmallStore, paper: Path, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    database = again.folder / "index" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:20_000])

    for act in (lambda: again.found("stone"), lambda: again.ingest(paper)):
        with pytest.raises(StoreDamaged) as error:
            act()
        assert f"the index in {again.folder / 'index'} cannot be used" in line(error)
        assert "move it away and run `itubot ingest`" in line(error)

    (again.folder / "index").rename(tmp_path / "aside")
    after = reopened(again, tmp_path / "then")
    assert after.ingest(paper).embedded == 0
    assert after.found("stone")[0] == "The stone lies at the gate."


def test_an_index_folder_that_is_a_file(store: SmallStore, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    shutil.rmtree(again.folder / "index")
    (again.folder / "index").write_text("")

    with pytest.raises(StoreDamaged) as error:
        again.found("stone")
    assert "cannot be used" in line(error)


@pytest.mark.parametrize("limit", [20_000, 120_000, 400_000])
def test_a_disk_that_takes_no_more(tmp_path: Path, store: SmallStore, limit: int) -> None:
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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike those that pytest makes."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user to be refused")
def test_a_folder_of_somebody_else(open_folder: Path) -> None:
    paper = open_folder / "paper.txt"
    paper.write_text(TEXT)
    folder = open_folder / "data"
    open_store(folder).ingest(paper)

    said = ingest_elsewhere(folder, paper, user=65534)

    assert said == f"StoreError: {folder} cannot be written (Permission denied); check its permissions\n"


def test_a_folder_that_cannot_be_made(tmp_path: Path, paper: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot be written"):
        open_store(tmp_path / "file" / "data").ingest(paper)


def test_a_chroma_server_that_is_away(store: SmallStore, paper: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    index = Index(store.folder / "index", url)

    with pytest.raises(StoreDamaged) as error:
        index.query(upkeep.live_segments(store.catalog), store.embedder.encode_question("stone"), 1)
    assert line(error).startswith(f"the Chroma server at {url} does not answer")
    assert "ITUBOT_CHROMA_URL" in line(error)


def test_a_database_without_its_driver() -> None:
    with pytest.raises(StoreError, match=r"needs the Python package 'pymysql'; run `pip install pymysql`"):
        Catalog("mysql+pymysql://user@host/name")


@pytest.mark.parametrize("url", ["catalog", "nosuch://host/name"])
def test_a_database_url_that_is_none(url: str) -> None:
    with pytest.raises(StoreError, match="ITUBOT_DATABASE_URL names no database") as error:
        Catalog(url)
    line(error)


def test_an_embedding_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the embedding model '.*nothing' cannot be loaded") as error:
        SentenceTransformerEmbedder(str(tmp_path / "nothing")).encode_question("stone")
    line(error)


def ingest_elsewhere(folder: Path, paper: Path, *, limit: int = 0, user: int = 0) -> str:
    run = subprocess.run(
        [sys.executable, "-c", _INGEST, folder, paper, str(limit), str(user)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
