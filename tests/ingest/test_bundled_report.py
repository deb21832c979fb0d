"""The bundled report is read into a store of this version, and not beside the documents of a store of earlier rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import event_building
from ingest.events import plain
from ingest.report import IngestReport
from tests.small_store import SmallStore

pytestmark = pytest.mark.files

NOT_ADDED = "the store is brought up to date; the bundled report is not among its documents and was not added"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Stands for the report that comes with the program."""
    sample = tmp_path / "samples" / "sample.txt"
    sample.parent.mkdir()
    sample.write_text("1. Fair\n1.1\tThe Health Fair will be held in Rome on 7 July 2025.\n")
    return sample


@pytest.fixture
def filled(store: SmallStore, papers: Path) -> SmallStore:
    store.ingest(papers)
    return store


def sources(store: SmallStore) -> list[str]:
    return [document.source for document in store.catalog.documents()]


def take_bundled(store: SmallStore, sample: Path) -> IngestReport:
    return store.pipeline.ingest([sample], bundled=True)


def test_bundled_report_is_not_added_to_a_store_of_former_rules(
    filled: SmallStore, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "events_version", lambda: "later")
    monkeypatch.setattr(event_building, "events_version", lambda: "later")

    report = take_bundled(filled, sample)

    assert (report.notes[0], report.rebuilt, sources(filled)) == (NOT_ADDED, 1, ["report.txt"])


def test_the_bundled_report_is_added_to_a_store_of_this_version(filled: SmallStore, sample: Path) -> None:
    take_bundled(filled, sample)

    assert sources(filled) == ["report.txt", "sample.txt"]
