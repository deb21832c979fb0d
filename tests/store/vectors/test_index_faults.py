"""An index that is missing or damaged: it is noticed before it answers, and built anew from the catalog."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from store.catalog import tables
from store.errors import IndexDamaged, StoreDamaged
from store.vectors import Index
from store.vectors.index import is_sound_database
from tests.small_store import SmallStore
from tests.store.damage import damage_page, ingest_elsewhere, line, reopened


def found_by_full_text_alone(store: SmallStore) -> bool:
    """Whether the index did not take part in a search, which finds the right section in any case."""
    result = store.search.search("stone")
    assert result.hits[0].section.text == "The stone lies at the gate."
    return result.full_text_only


@pytest.mark.files
def test_missing_index_is_reported_and_rebuilt_from_stored_vectors(
    store: SmallStore, paper: Path, tmp_path: Path
) -> None:
    again = reopened(store, tmp_path)
    shutil.rmtree(again.folder / "index")

    assert found_by_full_text_alone(again)

    report = again.ingest(paper)
    assert (report.documents[0].status, report.embedded) == ("unchanged", 0)
    assert not found_by_full_text_alone(again)


def test_lost_segment_is_rebuilt_and_the_others_stay(store: SmallStore, paper: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("1.1\tThe bird sits on the roof.\n")
    first = set(tables.live_segments(store.catalog))
    store.ingest(other)
    (second,) = set(tables.live_segments(store.catalog)) - first
    store.index.drop([second])

    report = store.ingest(paper)

    assert report.embedded == 0
    live = set(tables.live_segments(store.catalog))
    assert first < live
    assert second not in live
    assert store.search.search("bird").hits[0].cosine > 0.5


def test_section_that_comes_back_is_indexed_although_only_a_lost_segment_had_its_vector(
    store: SmallStore, paper: Path
) -> None:
    whole = paper.read_text()
    (lost,) = tables.live_segments(store.catalog)
    paper.write_text(whole.replace("The stone lies at the gate", "The bird sits on the roof"))
    store.ingest(paper)
    store.index.drop([lost])
    paper.write_text(whole)

    assert store.ingest(paper).embedded == 0

    stone = store.embedder.encode_question("The stone lies at the gate.")
    found = store.index.query(tables.live_segments(store.catalog), stone, 1)
    assert max(cosine for nearest in found for cosine in nearest.values()) == pytest.approx(1.0)


def test_segment_without_its_folder_is_detected(tmp_path: Path) -> None:
    """Chroma would answer from the newest vectors alone, and say nothing."""
    vectors = np.random.default_rng(5).normal(size=(1500, 8)).astype(np.float32)
    batches = [{str(n): vectors[n].tobytes() for n in range(at, at + 500)} for at in range(0, 1500, 500)]
    name = "itubot-one"
    index = Index(tmp_path / "whole")
    index.write_segment(name, batches)
    shutil.copytree(tmp_path / "whole", tmp_path / "robbed")
    for folder in (path for path in (tmp_path / "robbed").iterdir() if path.is_dir()):
        shutil.rmtree(folder)

    assert index.intact([name]) == {name}
    robbed = Index(tmp_path / "robbed")
    assert robbed.intact([name]) == set()
    with pytest.raises(StoreDamaged, match="a part of the index is missing or damaged"):
        robbed.query([name], vectors[0], 1)


def robbed_of(vectors: dict[str, bytes], file: str, rest: Callable[[bytes], bytes], tmp_path: Path) -> Index:
    """An index with one file of its segment changed, as a process finds it that starts now."""
    index = Index(tmp_path / "whole")
    index.write_segment("itubot-one", [vectors])
    shutil.copytree(tmp_path / "whole", tmp_path / "damaged")
    (found,) = (tmp_path / "damaged").glob(f"*/{file}")
    found.write_bytes(rest(found.read_bytes()))
    return Index(tmp_path / "damaged")


@pytest.mark.parametrize(
    ("file", "rest"),
    [
        ("data_level0.bin", lambda data: data[: len(data) // 2]),
        ("data_level0.bin", lambda data: data[:40_000] + b"\xff" * 100 + data[40_100:]),
        ("link_lists.bin", lambda data: b""),
        ("link_lists.bin", lambda data: bytes(len(data))),
        ("header.bin", lambda data: data[:50]),
        ("index_metadata.pickle", lambda data: data[:-1]),
    ],
    ids=["half", "other bytes", "emptied", "zeros", "half a header", "a byte less"],
)
def test_damaged_segment_file_is_detected_before_chroma_opens_it(
    tmp_path: Path, file: str, rest: Callable[[bytes], bytes]
) -> None:
    """Chroma would give other neighbours for half a file, and end the process over zeros in the links."""
    vectors = np.random.default_rng(5).normal(size=(1100, 8)).astype(np.float32)
    index = robbed_of({str(n): row.tobytes() for n, row in enumerate(vectors)}, file, rest, tmp_path)

    assert index.intact(["itubot-one"]) == set()
    with pytest.raises(IndexDamaged, match="run `itubot reindex` to rebuild it"):
        index.query(["itubot-one"], vectors[0], 1)
    index.drop(["itubot-one"])
    assert index.names() == set()


@pytest.mark.files
def test_half_written_index_is_renamed_and_rebuilt(store: SmallStore, paper: Path, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    database = again.folder / "index" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:20_000])

    with pytest.raises(IndexDamaged) as error:
        again.index.names()
    assert f"the index in {again.folder / 'index'} cannot be used" in line(error)
    assert "run `itubot reindex` to rebuild it" in line(error)
    assert found_by_full_text_alone(again)

    report = again.ingest(paper)

    (aside,) = again.folder.glob("index.damaged-*")
    assert report.notes == (f"the index was damaged and is rebuilt; the damaged one is now {aside}",)
    assert report.embedded == 0
    assert not found_by_full_text_alone(again)


@pytest.mark.files
@pytest.mark.parametrize("page", [2, 10, 20, 30, 40])
@pytest.mark.parametrize("by", ["ingest", "reindex"])
def test_index_with_a_damaged_page_is_rebuilt_by_the_first_writer_whether_or_not_a_question_meets_the_page(
    store: SmallStore, paper: Path, tmp_path: Path, page: int, by: str
) -> None:
    again = reopened(store, tmp_path)
    damage_page(again.folder / "index" / "chroma.sqlite3", page)

    report = again.pipeline.reindex() if by == "reindex" else again.ingest(paper)

    assert report.embedded == 0
    assert "the index was damaged and is rebuilt" in report.notes[0]
    assert is_sound_database(again.folder / "index")
    assert not found_by_full_text_alone(again)


@pytest.mark.files
def test_index_that_could_not_be_opened_is_opened_by_the_next_question(
    store: SmallStore, tmp_path: Path
) -> None:
    again = reopened(store, tmp_path)
    database, aside = again.folder / "index" / "chroma.sqlite3", tmp_path / "aside"
    database.rename(aside)
    database.mkdir()

    assert found_by_full_text_alone(again)

    database.rmdir()
    aside.rename(database)
    assert not found_by_full_text_alone(again)


@pytest.mark.files
def test_reader_of_a_renamed_index_finds_the_new_one(store: SmallStore, paper: Path, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    assert again.found("stone")
    (again.folder / "index").rename(again.folder / "index.damaged")

    assert ingest_elsewhere(again.folder, paper) == ""

    assert again.found("stone")[0] == "The stone lies at the gate."


@pytest.mark.files
def test_an_index_folder_that_is_a_file(store: SmallStore, paper: Path, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    shutil.rmtree(again.folder / "index")
    (again.folder / "index").write_text("")

    assert found_by_full_text_alone(again)
    assert again.ingest(paper).embedded == 0
    assert not found_by_full_text_alone(again)
