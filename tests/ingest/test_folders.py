"""Folders of documents: what bears which name, what is pruned, and what a folder that was moved leaves alone."""

from __future__ import annotations

from pathlib import Path

from ingest.pipeline import Outcome
from tests.small_store import SmallStore


def outcome(store: SmallStore, *paths: Path, prune: bool = False) -> Outcome:
    (only,) = store.ingest(*paths, prune=prune).documents
    return only


def test_a_file_below_a_folder_is_named_by_its_way_there(store: SmallStore, papers: Path) -> None:
    (papers / "2025").mkdir()
    (papers / "report.txt").rename(papers / "2025" / "report.txt")

    assert outcome(store, papers).source == "2025/report.txt"


def test_pruning_removes_what_is_gone(store: SmallStore, papers: Path) -> None:
    (papers / "other.txt").write_text("1.1\tThe annex lists the members of the jury.\n")
    store.ingest(papers)
    (papers / "other.txt").unlink()

    kept = store.ingest(papers)
    assert [row.status for row in kept.documents] == ["unchanged"]
    report = store.ingest(papers, prune=True)

    assert {(row.source, row.status) for row in report.documents} == {
        ("report.txt", "unchanged"),
        ("other.txt", "removed"),
    }
    assert [d.source for d in store.catalog.documents()] == ["report.txt"]
    assert not any("jury" in text for text in store.found("members of the jury"))


def test_pruning_an_emptied_folder_removes_all_of_it(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    (papers / "report.txt").unlink()

    assert outcome(store, papers, prune=True).status == "removed"
    assert store.catalog.documents() == []


def test_pruning_one_folder_leaves_the_others(store: SmallStore, papers: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "note.txt").write_text("1.1\tThe note is short.\n")
    store.ingest(papers, elsewhere)
    (papers / "report.txt").unlink()

    store.ingest(papers, prune=True)

    assert [d.source for d in store.catalog.documents()] == ["note.txt"]
