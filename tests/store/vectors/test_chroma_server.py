"""The index on a Chroma server: shared with others, and away at times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Chroma
from tests.small_store import REPORT, SmallStore, open_store

QUESTION = "When is the Forum on Broadband?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Chroma(tmp_path_factory.mktemp("chroma")) as chroma:
        yield chroma.url


def filled(folder: Path, url: str) -> SmallStore:
    report = folder / "report.txt"
    report.parent.mkdir(exist_ok=True)
    report.write_text(REPORT, "utf-8")
    store = open_store(folder, chroma=url)
    store.ingest(report)
    return store


def test_search_finds_what_was_ingested(tmp_path: Path, server: str) -> None:
    result = filled(tmp_path / "data", server).search.search(QUESTION)

    assert result.hits[0].section.number == "1.1"
    assert not result.full_text_only


def test_ingest_leaves_the_segments_of_others_on_the_server(tmp_path: Path, server: str) -> None:
    first = filled(tmp_path / "first", server)
    filled(tmp_path / "second", server)

    assert set(first.index.names()) >= {*live(first)}
    assert first.found(QUESTION)


def live(store: SmallStore) -> list[str]:
    with store.catalog.snapshot() as view:
        return view.segments()


def test_full_text_answers_while_the_server_is_away(tmp_path: Path) -> None:
    with Chroma(tmp_path / "chroma") as chroma:
        store = filled(tmp_path / "data", chroma.url)

    result = store.search.search(QUESTION)

    assert result.hits[0].section.number == "1.1"
    assert result.full_text_only


def test_index_answers_again_when_the_server_is_back(tmp_path: Path) -> None:
    chroma = Chroma(tmp_path / "chroma")
    with chroma:
        store = filled(tmp_path / "data", chroma.url)
    assert store.search.search(QUESTION).full_text_only

    with chroma:
        assert not store.search.search(QUESTION).full_text_only
