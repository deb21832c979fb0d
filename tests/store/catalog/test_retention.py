"""What is kept of earlier versions, and of documents that are taken out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store import publication
from store.errors import StoreUnavailable
from store.publication import correction_transaction, save_correction
from store.records import Correction, Dating
from tests.small_store import REPORT, SmallStore, open_store

SENTENCE = "The Forum on Broadband will be held in Geneva from 7 to 11 July 2025."
# Words that stand nowhere but in the text, the titles and the headings of the document.
WORDS = ("Broadband", "Registration", "Alliance", "eighty-four", "secretary", "from 7 to 11")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "report.txt").write_text(REPORT)
    (folder / "other.txt").write_text("1.1\tThe gate is of stone.\n")
    return folder


@pytest.fixture
def held(tmp_path: Path, papers: Path) -> Iterator[SmallStore]:
    store = open_store(tmp_path / "data")
    store.ingest(papers)
    yield store
    store.close()


def rows(store: SmallStore, table: str) -> int:
    with closing(sqlite3.connect(store.folder / "itubot.sqlite")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - of the test


def readable(folder: Path) -> set[str]:
    """Return which of the words stand in any file of a folder.

    Not in the vectors of the index: hnswlib writes them with unused bytes of the process's memory between them.
    """
    content = b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "data_level0.bin"
    )
    return {word for word in WORDS if word.encode() in content}


@pytest.mark.files
def test_removed_document_leaves_no_text_in_any_file(held: SmallStore, papers: Path) -> None:
    with correction_transaction(held.catalog) as view:
        save_correction(
            view,
            Correction(Dating("report.txt", SENTENCE, "from 7 to 11 July 2025"), "amina", datetime.now(UTC)),
        )
    (papers / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))
    held.ingest(papers)
    assert readable(held.folder) == set(WORDS)

    held.pipeline.remove("report.txt")

    assert readable(held.folder) == set()


@pytest.mark.files
def test_removal_fails_while_the_text_is_not_deleted_and_the_next_write_deletes_it(
    held: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> bool:
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(publication, "delete_old", fail)
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            held.pipeline.remove("report.txt")

    held.ingest(papers / "other.txt")

    assert rows(held, "sections") == 1


def test_only_the_live_and_the_previous_version_stay(held: SmallStore, papers: Path) -> None:
    for count in ("ninety", "ninety-one", "ninety-two"):
        (papers / "report.txt").write_text(REPORT.replace("eighty-four", count))
        held.ingest(papers)

    with held.catalog.snapshot() as view:
        versions = [document.version for document in view.versions("report.txt")]
        texts = ["".join(s.text for s in view.sections_of("report.txt", version)) for version in versions]
        events = [bool(view.events_of("report.txt", version)) for version in (1, 2, 3, 4)]
    assert versions == [3, 4]
    assert ["ninety-one" in texts[0], "ninety-two" in texts[1]] == [True, True]
    assert events == [False, False, True, True]


@pytest.mark.files
def test_daily_changes_do_not_grow_the_store(held: SmallStore, papers: Path) -> None:
    tables = ("documents", "sections", "holdings", "passages", "vectors", "events")
    sizes = []
    for number in range(6):
        (papers / "report.txt").write_text(f"{REPORT}2.3\tThe count of the day is {number}.\n")
        held.ingest(papers)
        sizes.append([rows(held, table) for table in tables])

    assert sizes[2:] == [sizes[1]] * 4
