"""An index that is missing or damaged: full text answers, and the next writer builds it anew from the catalog."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from store.errors import StoreDamaged
from store.vectors.index import Index
from tests.small_store import SmallStore
from tests.store.damage import damage_page, ingest_elsewhere, reopened

pytestmark = pytest.mark.files


def found_by_full_text_alone(store: SmallStore) -> bool:
    """Whether the index did not take part in a search, which finds the right section in any case."""
    result = store.search.search("stone")
    assert result.hits[0].section.text == "The stone lies at the gate."
    return result.full_text_only


def empty(index: Path) -> None:
    shutil.rmtree(index)


def replace_by_a_file(index: Path) -> None:
    shutil.rmtree(index)
    index.write_text("")


def cut_database(index: Path) -> None:
    database = index / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:20_000])


def damage_database(page: int) -> Callable[[Path], None]:
    return lambda index: damage_page(index / "chroma.sqlite3", page)


DAMAGE = {
    "no folder": empty,
    "a file in place of the folder": replace_by_a_file,
    "half a database": cut_database,
    "zeros in the first page": damage_database(1),
    "zeros in the second page": damage_database(2),
}


@pytest.mark.parametrize("by", ["ingest", "reindex"])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_index_is_noticed_by_a_query_and_rebuilt_by_the_next_writer(
    store: SmallStore, paper: Path, tmp_path: Path, damage: Callable[[Path], None], by: str
) -> None:
    again = reopened(store, tmp_path)
    damage(again.folder / "index")

    assert found_by_full_text_alone(again)
    report = again.pipeline.reindex() if by == "reindex" else again.ingest(paper)

    assert report.embedded == 0
    assert report.notes == ("the index was damaged, and is built anew",)
    assert not found_by_full_text_alone(again)
    assert again.ingest(paper).notes == ()


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_new_document_is_found_although_nobody_has_noticed_the_damage(
    store: SmallStore, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    again = reopened(store, tmp_path)
    damage(again.folder / "index")
    other = tmp_path / "other.txt"
    other.write_text("1.1\tThe bird sits on the roof.\n")

    again.ingest(other)

    for _ in range(2):
        # The first question may notice that the former parts are gone.
        assert again.search.search("bird").hits[0].section.text == "The bird sits on the roof."
        again.ingest(other)
    assert not found_by_full_text_alone(again)


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


def test_reader_of_a_replaced_index_finds_the_new_one(store: SmallStore, paper: Path, tmp_path: Path) -> None:
    again = reopened(store, tmp_path)
    assert again.found("stone")
    shutil.rmtree(again.folder / "index")
    again.catalog.report_damaged_index()

    assert ingest_elsewhere(again.folder, paper) == ""

    assert again.found("stone")[0] == "The stone lies at the gate."


def test_segment_without_its_folder_is_detected(tmp_path: Path) -> None:
    """Chroma would answer from the newest vectors alone, and say nothing."""
    vectors = np.random.default_rng(5).normal(size=(1500, 8)).astype(np.float32)
    batches = [{str(n): vectors[n].tobytes() for n in range(at, at + 500)} for at in range(0, 1500, 500)]
    index = Index(tmp_path / "whole")
    index.write_segment("itubot-one", batches)
    shutil.copytree(tmp_path / "whole", tmp_path / "robbed")
    for folder in (path for path in (tmp_path / "robbed").iterdir() if path.is_dir()):
        shutil.rmtree(folder)

    index.check(["itubot-one"])
    with pytest.raises(StoreDamaged, match="a part of the index is missing or damaged"):
        Index(tmp_path / "robbed").query(["itubot-one"], vectors[0], 1)
