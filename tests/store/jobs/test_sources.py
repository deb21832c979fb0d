"""Fetches of sources as jobs: whichever workspace a bot serves, it goes on with a fetch that another one left."""

from __future__ import annotations

from store.jobs import Fetch, FetchStore, Holder, QuestionStore, SourceStore
from store.records import EVERYBODY
from tests.store.jobs.clock import Clock

KILLED, NEXT = Holder("killed", 30.0), Holder("next", 30.0)


def test_fetch_that_a_bot_left_is_adopted_in_any_workspace(state: QuestionStore, clock: Clock) -> None:
    source = SourceStore.beside(state).add_unnamed("https://www.itu.int/council", EVERYBODY)
    fetches = FetchStore.beside(state.of("T1"))
    assert fetches.take(source, KILLED) is not None
    clock.now += 31.0
    assert [job.work for job in fetches.adopt(NEXT)] == [Fetch(source.id, 0)]


def test_sources_without_a_name_are_named_by_their_addresses(state: QuestionStore) -> None:
    store = SourceStore.beside(state)
    for url in ("https://www.itu.int/council", "https://www.itu.int/wsis", "file:///srv/papers%20of%20may/"):
        store.add_unnamed(url, EVERYBODY)
    assert [source.name for source in store.all()] == ["itu.int", "itu.int-2", "papers-of-may"]
