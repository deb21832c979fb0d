"""A document that is beyond a limit is refused with one line, and the others are ingested."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from ingest.limits import DocumentLimits
from ingest.report import IngestProgress, IngestReport
from tests.small_store import SmallStore

_LARGE = "".join(f"{n}.\tThe group meets on {n} May 2025. It has a chair.\n\n" for n in range(1, 21))
_BEYOND = pytest.mark.parametrize(
    ("limits", "error"),
    [
        (DocumentLimits(sentences=39), "it has more than the 39 sentences of one document: split it"),
        (DocumentLimits(chars=500), "it has more text than the 500 characters of one document: split it"),
        (DocumentLimits(dates=19), "it has more than the 19 dates of one document: split it"),
        (
            DocumentLimits(event_seconds=-1),
            "its dates take more than the -1 seconds of processor time of one document: split it",
        ),
    ],
    ids=["sentences", "text", "dates", "time"],
)


def ingest(store: SmallStore, papers: Path, limits: DocumentLimits) -> IngestReport:
    store.pipeline.limits = limits
    return store.ingest(papers)


@_BEYOND
def test_only_the_document_beyond_a_limit_is_refused(
    store: SmallStore, papers: Path, limits: DocumentLimits, error: str
) -> None:
    store.pipeline.limits = DocumentLimits()
    (papers / "report.txt").write_text("1.\tThe hall has 600 seats.\n")
    store.ingest(papers)
    (papers / "large.txt").write_text(_LARGE)
    (papers / "small.txt").write_text("1.\tThe bridge is closed.\n")
    # A document without a date takes no time for its dates; one with a date would be refused too.
    rows = {row.source: (row.status, row.error) for row in ingest(store, papers, limits).documents}

    assert rows["large.txt"] == ("failed", error)
    if limits.event_seconds > 0:
        assert rows["small.txt"] == ("new", None)
    assert {document.source for document in store.catalog.documents()} >= {"report.txt"}
    assert not any("It has a chair." in text for text in store.embedder.embedded)

    again = {
        row.source: row.status
        for row in ingest(store, papers, DocumentLimits(sentences=40, dates=20)).documents
    }
    assert again["large.txt"] == "new"


def test_finding_events_reports_its_progress(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text("".join(f"{n}.\tThe hall has {n} seats.\n\n" for n in range(1, 251)))
    told: list[IngestProgress] = []

    store.pipeline.ingest([papers], progress=told.append)

    done = [step.done for step in told if step.phase == "events"]
    assert {step.total for step in told if step.phase == "events"} == {250}
    assert (done[0], done[-1]) == (0, 250)
    assert all(0 <= after - before <= 100 for before, after in pairwise(done))
