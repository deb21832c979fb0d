"""When an ingest exports the embedding model, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.report import IngestProgress
from tests.small_store import SmallStore


def test_model_is_exported_after_every_ingest(store: SmallStore, papers: Path) -> None:
    found: list[bool] = []

    def export(begin: Callable[[], None]) -> str:
        found.append(bool(store.found("Schools Alliance")))
        return ""

    for _ in range(2):
        store.pipeline.ingest([papers], export=export)

    assert found == [True, True]


def test_ingest_reports_the_export_and_why_there_is_none(store: SmallStore, papers: Path) -> None:
    told: list[IngestProgress] = []

    def export(begin: Callable[[], None]) -> str:
        begin()
        return "its export gives other vectors"

    report = store.pipeline.ingest([papers], progress=told.append, export=export)

    assert told[-1] == IngestProgress("export", 0, 1)
    assert report.notes == (
        "questions load sentence-transformers, which takes seconds: its export gives other vectors",
    )
