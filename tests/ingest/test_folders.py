"""Folders of documents: what bears which name, what is pruned, and what a folder that was moved leaves alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest.report import FileOutcome
from tests.small_store import REPORT, SmallStore


def outcome(store: SmallStore, *paths: Path, prune: bool = False) -> FileOutcome:
    (only,) = store.ingest(*paths, prune=prune).documents
    return only


def told(store: SmallStore, *paths: Path, prune: bool = False) -> dict[str, str]:
    return {row.source: row.status for row in store.ingest(*paths, prune=prune).documents}


def held(store: SmallStore) -> list[str]:
    return [d.source for d in store.catalog.documents()]


@pytest.mark.parametrize("given", ["papers", "papers/", "./papers", "papers/../papers", "link", "absolute"])
def test_folder_is_the_same_however_its_path_is_written(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.chdir(papers.parent)
    (papers.parent / "link").symlink_to(papers)
    store.ingest(Path("papers"))

    assert told(store, papers if given == "absolute" else Path(given), prune=True) == {
        "report.txt": "unchanged"
    }
    (papers / "report.txt").unlink()
    (papers / "note.txt").write_text("1.1\tA note.\n")
    assert told(store, papers if given == "absolute" else Path(given), prune=True) == {
        "note.txt": "new",
        "report.txt": "removed",
    }


def test_parent_or_child_folder_adds_no_document_twice(store: SmallStore, papers: Path) -> None:
    (papers / "2025").mkdir()
    (papers / "2025" / "note.txt").write_text("1.1\tA note.\n")
    store.ingest(papers)
    both = {"2025/note.txt": "unchanged", "report.txt": "unchanged"}

    assert told(store, papers / "2025", prune=True) == {"2025/note.txt": "unchanged"}
    assert told(store, papers / "2025" / "note.txt") == {"2025/note.txt": "unchanged"}
    assert told(store, papers.parent / "papers", prune=True) == both
    assert told(store, papers.parent, prune=True) == both


def test_moved_folder_keeps_its_documents_and_is_pruned(store: SmallStore, papers: Path) -> None:
    (papers / "note.txt").write_text("1.1\tA note.\n")
    store.ingest(papers)
    moved = papers.rename(papers.parent / "moved")
    (moved / "note.txt").unlink()

    assert told(store, moved, prune=True) == {"report.txt": "unchanged", "note.txt": "removed"}
    (document,) = store.catalog.documents()
    assert (document.source, document.version) == ("report.txt", 1)
    (moved / "report.txt").unlink()
    assert told(store, moved, prune=True) == {"report.txt": "removed"}


def test_another_file_of_the_same_name_is_another_document(store: SmallStore, papers: Path) -> None:
    other = papers.parent / "other"
    other.mkdir()
    (other / "report.txt").write_text("1.1\tAnother report.\n")
    store.ingest(papers)

    assert told(store, other) == {"other/report.txt": "new"}
    assert told(store, papers, other, prune=True) == {
        "other/report.txt": "unchanged",
        "report.txt": "unchanged",
    }
    assert [d.version for d in store.catalog.documents()] == [1, 1]


def test_a_file_named_by_itself_is_a_new_version_of_the_document_of_its_name(
    store: SmallStore, papers: Path
) -> None:
    store.ingest(papers)
    sent = papers.parent / "downloads"
    sent.mkdir()
    (sent / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))

    assert told(store, sent / "report.txt") == {"report.txt": "changed"}


def test_pruning_a_folder_that_cannot_be_found_removes_nothing(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    papers.rename(papers.parent / "unplugged")

    assert told(store, papers, prune=True) == {"papers": "failed"}
    assert held(store) == ["report.txt"]


def test_member_deleted_from_its_archive_is_pruned(store: SmallStore, papers: Path) -> None:
    def write(*names: str) -> None:
        with zipfile.ZipFile(papers / "all.zip", "w") as archive:
            for name in names:
                archive.writestr(name, f"1.1\tThe text of {name}.\n")

    write("a.txt", "b.txt")
    store.ingest(papers)
    write("a.txt")

    assert told(store, papers, prune=True) == {
        "all.zip/a.txt": "unchanged",
        "all.zip/b.txt": "removed",
        "report.txt": "unchanged",
    }
