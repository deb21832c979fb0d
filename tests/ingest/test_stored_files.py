"""Documents from files that people sent: their order, their files on other hosts, and how long their files stay."""

from __future__ import annotations

import os
from dataclasses import replace
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


def test_later_file_of_the_same_name_is_a_new_version(store: SmallStore) -> None:
    for sent_at, data in ((10.0, FORUM), (20.0, SUMMIT)):
        store.ingest_stored(store.send("report.txt", data, sent_at))
    assert sources(store) == [("report.txt", 2)]


def test_unchanged_file_that_is_sent_again_counts_as_the_later_one(store: SmallStore) -> None:
    file = store.send("report.txt", FORUM, 10.0)
    # At the same moment too, as a bot does that takes over from one that was killed before it reported.
    told = [
        outcome.status
        for sent_at in (10.0, 10.0, 30.0)
        for outcome in store.ingest_stored(replace(file, sent_at=sent_at)).documents
    ]
    assert told == ["new", "unchanged", "unchanged"]
    store.ingest_stored(store.send("report.txt", SUMMIT, 20.0))
    assert original(store) == file.sha256


# On a host that has not the other's files


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
