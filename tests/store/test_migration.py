"""Databases of another version: an older layout is to be ingested again, newer tables are refused, in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from store.errors import SchemaMismatch
from store.migrations import REVISION, migrate
from tests.small_store import SmallStore, open_store

DOORS: dict[str, Callable[[SmallStore, Path], object]] = {
    "a question": lambda store, _paper: store.found("stone"),
    "an ingest": lambda store, paper: store.ingest(paper),
    "the bot": lambda store, _paper: store.catalog.create(),
    "a migration": lambda store, _paper: migrate(store.catalog.engine, store.folder),
}


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.txt"
    path.write_text("1.1\tThe stone lies at the gate.\n")
    return path


@pytest.mark.files
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("file", ["catalog.sqlite", "state.sqlite"])
def test_folder_of_an_earlier_layout_is_to_be_ingested_again(
    tmp_path: Path, paper: Path, file: str, door: str
) -> None:
    store = open_store(tmp_path / "data")
    store.folder.mkdir()
    (store.folder / file).write_bytes(b"what an earlier version wrote")

    with pytest.raises(SchemaMismatch) as error:
        DOORS[door](store, paper)

    assert str(error.value) == (
        f"what is in {store.folder} was made by an earlier version, which this one does not read; move it away and "
        "run `itubot ingest PATH ...` again"
    )
    assert not (store.folder / "itubot.sqlite").exists()


@pytest.mark.parametrize("door", DOORS)
def test_tables_of_a_newer_version_are_refused_and_stay_as_they_are(
    tmp_path: Path, paper: Path, door: str
) -> None:
    store = open_store(tmp_path / "data")
    store.ingest(paper)
    with store.catalog.writing() as connection:
        connection.execute(
            text("UPDATE revision SET version_num = :newer"), {"newer": f"{int(REVISION) + 1}"}
        )

    with pytest.raises(SchemaMismatch, match=r"newer version of the program; install that version$"):
        DOORS[door](store, paper)

    with store.catalog.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM documents")) == 1
