"""Documents from files that people sent: their order, their files on other hosts, and how long their files stay."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from tests.small_store import SmallStore

FORUM = b"1. Forum\n1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.\n"
SUMMIT = b"1. Summit\n1.1\tThe Summit of the Future will be held in New York on 22 September 2024.\n"


def sources(store: SmallStore) -> list[tuple[str, int]]:
    return [(document.source, document.version) for document in store.catalog.documents()]


def original(store: SmallStore) -> str | None:
    [document] = store.catalog.documents()
    return document.original


def test_document_names_its_stored_file(store: SmallStore) -> None:
    file = store.send("report.txt", FORUM, 10.0)
    store.ingest_stored(file)
    [document] = store.catalog.documents()
    assert (document.source, document.original, document.sent_at) == ("report.txt", file.sha256, 10.0)


def test_later_file_of_the_same_name_is_a_new_version(store: SmallStore) -> None:
    for sent_at, data in ((10.0, FORUM), (20.0, SUMMIT)):
        store.ingest_stored(store.send("report.txt", data, sent_at))
    assert sources(store) == [("report.txt", 2)]


def test_file_that_was_sent_before_the_present_one_is_refused(store: SmallStore) -> None:
    store.ingest_stored(store.send("report.txt", FORUM, 20.0))
    report = store.ingest_stored(store.send("report.txt", SUMMIT, 10.0))
    assert "sent later" in str(report.documents[0].error)
    assert sources(store) == [("report.txt", 1)]


def test_archive_that_was_sent_before_the_present_one_adds_nothing(store: SmallStore) -> None:
    def packed(*names: str) -> bytes:
        data = BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name in names:
                archive.writestr(name, FORUM)
        return data.getvalue()

    store.ingest_stored(store.send("all.zip", packed("a.txt"), 20.0))
    store.ingest_stored(store.send("all.zip", packed("a.txt", "b.txt"), 10.0))
    assert sources(store) == [("all.zip/a.txt", 1)]


def test_unchanged_file_that_is_sent_again_counts_as_the_later_one(store: SmallStore) -> None:
    file = store.send("report.txt", FORUM, 10.0)
    for sent_at in (10.0, 30.0):
        [outcome] = store.ingest_stored(replace(file, sent_at=sent_at)).documents
    assert outcome.status == "unchanged"
    store.ingest_stored(store.send("report.txt", SUMMIT, 20.0))
    assert original(store) == file.sha256


def test_file_that_is_ingested_twice_changes_nothing(store: SmallStore) -> None:
    file = store.send("report.txt", FORUM, 10.0)
    store.ingest_stored(file)
    with store.catalog.snapshot() as view:
        before = view.generation
    store.ingest_stored(file)
    with store.catalog.snapshot() as view:
        assert view.generation == before


def test_new_symbol_in_a_file_of_the_same_name_replaces_the_document(store: SmallStore) -> None:
    store.ingest_stored(store.send("report.txt", FORUM, 10.0))
    store.ingest_stored(store.send("report.txt", b"Document C24/INF/7-E\n\n" + FORUM, 20.0))
    [document] = store.catalog.documents()
    assert document.symbol is not None


# On a host that has not the other's files


def test_pruning_a_folder_leaves_documents_of_stored_files(store: SmallStore, papers: Path) -> None:
    store.ingest_stored(store.send("sent.txt", SUMMIT, 10.0))
    store.ingest(papers)
    (papers / "report.txt").unlink()
    store.ingest(papers, prune=True)
    assert sources(store) == [("sent.txt", 1)]


def test_copy_in_a_folder_of_a_stored_file_is_no_second_document(store: SmallStore, papers: Path) -> None:
    store.ingest_stored(store.send("sent.txt", FORUM, 10.0))
    (papers / "report.txt").write_bytes(FORUM)
    store.ingest(papers)
    assert sources(store) == [("sent.txt", 1)]


def test_file_in_a_folder_with_the_name_of_a_stored_file_is_another_document(
    store: SmallStore, papers: Path
) -> None:
    store.ingest_stored(store.send("report.txt", SUMMIT, 10.0))
    store.ingest(papers)
    assert sources(store) == [("papers/report.txt", 1), ("report.txt", 1)]


def test_stored_file_does_not_rename_a_document_whose_file_is_on_another_host(
    store: SmallStore, papers: Path
) -> None:
    (papers / "report.txt").write_bytes(FORUM)
    store.ingest(papers)
    (papers / "report.txt").unlink()
    store.ingest_stored(store.send("sent.txt", FORUM, 10.0))
    assert sources(store) == [("report.txt", 1), ("sent.txt", 1)]


# What is kept, and how long


def aged(store: SmallStore) -> None:
    """Make all stored files as old as can be."""
    for path in (store.folder / "library" / "sha256").iterdir():
        os.utime(path, (0, 0))


def test_files_of_the_present_and_the_former_version_are_kept(store: SmallStore, papers: Path) -> None:
    digests = []
    for number in range(1, 4):
        file = store.send("report.txt", FORUM.replace(b"7 to", b"%d to" % number), float(number))
        digests.append(file.sha256)
        store.ingest_stored(file)
    aged(store)
    store.ingest(papers)
    assert store.storage.digests() == set(digests[1:])


def test_file_of_a_removed_document_is_deleted(store: SmallStore, papers: Path) -> None:
    store.ingest_stored(store.send("sent.txt", SUMMIT, 10.0))
    store.pipeline.remove("sent.txt")
    assert len(store.storage.digests()) == 1
    aged(store)
    store.ingest(papers)
    assert store.storage.digests() == set()


@pytest.mark.files
def test_ingest_without_its_storage_deletes_no_file_and_succeeds(store: SmallStore, papers: Path) -> None:
    store.folder.mkdir(exist_ok=True)
    (store.folder / "library").write_text("a file where the folder should be")
    assert [outcome.status for outcome in store.ingest(papers).documents] == ["new"]
