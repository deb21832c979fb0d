"""A new index from the catalog, with the same embedding model or another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.report import IngestProgress
from store import publication
from store.errors import ModelChanged, NoStore
from tests.small_store import SmallStore, open_store


def test_another_model_is_refused_until_the_documents_are_indexed_again(
    store: SmallStore, papers: Path
) -> None:
    store.ingest(papers)
    other = open_store(store.folder, model="another")

    with pytest.raises(
        ModelChanged, match="embedded with hashing, the setting says another; run `itubot reindex`"
    ):
        other.found("Alliance")
    with pytest.raises(ModelChanged):
        other.search.warm_up()


def test_the_model_changes_under_bots_that_answer(store: SmallStore, papers: Path) -> None:
    store.ingest(papers)
    first = open_store(store.folder, model="another")
    answered: list[bool] = []

    # Nobody waits while the first bot that was restarted indexes the documents again ...
    first.pipeline.reindex(lambda _: answered.append(bool(store.found("Schools Alliance"))))

    assert answered
    assert all(answered)
    assert first.found("Schools Alliance")
    # ... then those with the former model neither answer from nor write into the index of the other one,
    with pytest.raises(ModelChanged, match="run `itubot reindex`"):
        store.found("Schools Alliance")
    # until they are restarted too.
    assert open_store(store.folder, model="another").found("Schools Alliance")


def test_reindex_with_the_same_model_embeds_nothing_and_replaces_every_segment(
    store: SmallStore, papers: Path
) -> None:
    store.ingest(papers)
    before = set(publication.live_segments(store.catalog))

    report = store.pipeline.reindex()

    assert (report.sections, report.embedded, report.model) == (4, 0, "hashing")
    assert before.isdisjoint(publication.live_segments(store.catalog))
    assert "eighty-four" in store.found("How many partners has the Schools Alliance?")[0]


def test_reindex_goes_on_with_the_vectors_of_an_interrupted_one(store: SmallStore, papers: Path) -> None:
    first = store.ingest(papers)
    other = open_store(store.folder, model="another")

    def stop(step: IngestProgress) -> None:
        if step.phase == "publish":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        other.pipeline.reindex(stop)

    assert store.found("Schools Alliance")
    assert other.pipeline.reindex().embedded == 0
    assert len(other.embedder.embedded) == first.embedded


def test_reindex_without_documents_raises_no_store(store: SmallStore) -> None:
    with pytest.raises(NoStore):
        store.pipeline.reindex()
