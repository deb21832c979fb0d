"""Files of the same content: a new file that is a copy is refused, and no document is lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_store import SmallStore


@pytest.mark.parametrize("is_stored", [False, True], ids=["both are new", "the report is stored"])
def test_a_copy_of_a_file_is_no_second_document(store: SmallStore, papers: Path, is_stored: bool) -> None:
    if is_stored:
        store.ingest(papers)
    # Files are read in the order of their names.
    (papers / "a copy.txt").write_bytes((papers / "report.txt").read_bytes())

    rows = {row.source: row for row in store.ingest(papers).documents}

    copy, other = ("a copy.txt", "report.txt") if is_stored else ("report.txt", "a copy.txt")
    assert rows[copy].error == f"it has the same content as {other}"
    assert [document.source for document in store.catalog.documents()] == [other]


def test_a_copy_of_a_file_in_another_folder_is_no_second_document(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    other = papers.with_name("other")
    other.mkdir()
    (other / "a copy.txt").write_bytes((papers / "report.txt").read_bytes())

    [row] = store.ingest(other).documents

    assert row.error == "it has the same content as report.txt"
    assert len(store.catalog.documents()) == 1


def test_two_files_that_exchange_their_contents_stay_two_documents(store: SmallStore, papers: Path) -> None:
    other = papers / "other.txt"
    other.write_text("1.1\tThe hall has 600 seats.\n")
    store.ingest(papers)
    report = (papers / "report.txt").read_bytes()
    (papers / "report.txt").write_bytes(other.read_bytes())
    other.write_bytes(report)

    assert {row.status for row in store.ingest(papers).documents} == {"changed"}
    assert len(store.catalog.documents()) == 2
