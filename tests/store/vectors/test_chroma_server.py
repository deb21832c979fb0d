"""The index on a Chroma server: shared with others, and away or silent at times."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

import numpy as np
import pytest

from store.errors import IndexUnavailable
from store.search import Search
from store.vectors.index import Index
from tests.servers import Chroma
from tests.small_store import SmallStore, open_filled_store

QUESTION = "When is the Forum on Broadband?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Chroma(tmp_path_factory.mktemp("chroma")) as chroma:
        yield chroma.url


def test_search_finds_what_was_ingested(tmp_path: Path, server: str) -> None:
    result = open_filled_store(tmp_path / "data", server).search.search(QUESTION)

    assert result.hits[0].section.number == "1.1"
    assert not result.full_text_only


def test_ingest_leaves_the_segments_of_others_on_the_server(tmp_path: Path, server: str) -> None:
    first = open_filled_store(tmp_path / "first", server)
    open_filled_store(tmp_path / "second", server)

    assert set(first.index.names()) >= {*live(first)}
    assert first.found(QUESTION)


def live(store: SmallStore) -> list[str]:
    with store.catalog.snapshot() as view:
        return view.segments()


@pytest.mark.slow
def test_full_text_answers_while_the_server_is_away(tmp_path: Path) -> None:
    with Chroma(tmp_path / "chroma") as chroma:
        store = open_filled_store(tmp_path / "data", chroma.url)

    result = store.search.search(QUESTION)

    assert result.hits[0].section.number == "1.1"
    assert result.full_text_only


@pytest.mark.slow
def test_index_answers_again_when_the_server_is_back(tmp_path: Path) -> None:
    chroma = Chroma(tmp_path / "chroma")
    with chroma:
        store = open_filled_store(tmp_path / "data", chroma.url)
    assert store.search.search(QUESTION).full_text_only

    with chroma:
        assert not store.search.search(QUESTION).full_text_only


def test_segments_are_answered_in_their_order(tmp_path: Path, server: str) -> None:
    index, names = indexed(tmp_path, server)
    vector = np.eye(4, dtype=np.float32)[2]

    assert index.query(names, vector, 1) == [index.query([name], vector, 1)[0] for name in names]


def test_segments_are_queried_in_the_context_of_the_caller(tmp_path: Path, server: str) -> None:
    index, names = indexed(tmp_path, server)
    asker = ContextVar("asker", default="nobody")
    seen: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(asker.get())

    requests, listener = logging.getLogger("httpx"), Listener()
    level = requests.level
    requests.addHandler(listener)
    requests.setLevel(logging.INFO)
    try:
        asker.set("somebody")
        index.query(names, np.eye(4, dtype=np.float32)[2], 1)
    finally:
        requests.removeHandler(listener)
        requests.setLevel(level)

    assert len(seen) >= len(names)
    assert set(seen) == {"somebody"}


def indexed(folder: Path, url: str) -> tuple[Index, list[str]]:
    """An index with a segment for each of four vectors, and their names."""
    index = Index(folder, url)
    names = [f"itubot-{folder.name}-{number}" for number in range(4)]
    for name, vector in zip(names, np.eye(4, dtype=np.float32), strict=True):
        index.write_segment(name, [{f"of {name}": vector.tobytes()}])
    return index, names


class SilentServer:
    """Accepts connections on loopback, and never answers."""

    def __init__(self) -> None:
        # The system accepts connections until the list of those that wait is full.
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._kept: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def new_connections(self) -> int:
        """Return how many there were since the last call."""
        before = len(self._kept)
        with suppress(BlockingIOError):
            while True:
                self._kept.append(self._listener.accept()[0])
        return len(self._kept) - before

    def close(self) -> None:
        for one in (self._listener, *self._kept):
            one.close()


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    server = SilentServer()
    yield server
    server.close()


def test_silent_server_is_asked_again_only_after_a_pause(store: SmallStore, silent: SilentServer) -> None:
    now = [0.0]
    index = Index(store.folder / "index", silent.url, seconds=0.1, clock=lambda: now[0])
    search = Search(store.catalog, index, store.embedder)

    assert search.search("stone").full_text_only
    assert silent.new_connections() == 1
    assert search.search("stone").full_text_only
    assert silent.new_connections() == 0
    now[0] = 31.0
    assert search.search("stone").full_text_only
    assert silent.new_connections() == 1


def test_server_that_answers_with_an_error_after_a_pause_counts_as_back(tmp_path: Path) -> None:
    now = [0.0]
    with Chroma(tmp_path / "server") as chroma:
        index = Index(tmp_path / "index", f"{chroma.url}?database=missing", seconds=0.1, clock=lambda: now[0])
        for process in chroma.processes():
            os.kill(process, signal.SIGSTOP)
        with pytest.raises(IndexUnavailable):
            index.names()
        for process in chroma.processes():
            os.kill(process, signal.SIGCONT)
        with pytest.raises(IndexUnavailable, match="asked again in 30 seconds"):
            index.names()

        now[0] = 31.0
        for _ in range(2):
            # Writing has more time for each call.
            with pytest.raises(IndexUnavailable, match="has no database 'missing'"):
                index.write_segment("itubot-one", [])
