"""When events of calendars changed: what is new gets a greater number, in each audience by itself."""

from __future__ import annotations

import pytest

from store.engines import open_engine
from store.jobs import CalendarEventStore, QuestionStore, Revision
from store.records import EVERYBODY
from tests.store.jobs.clock import Clock


@pytest.fixture
def events(state: QuestionStore, url: str, clock: Clock) -> CalendarEventStore:
    return CalendarEventStore(open_engine(url), clock.reading)


def test_event_has_the_generation_in_which_it_changed(events: CalendarEventStore, clock: Clock) -> None:
    assert events.revisions(EVERYBODY, {"a": "1", "b": "1"}, 5) == {
        "a": Revision(5, 1_000.0),
        "b": Revision(5, 1_000.0),
    }
    clock.now += 60.0
    after = events.revisions(EVERYBODY, {"a": "1", "b": "2"}, 9)
    assert after == {"a": Revision(5, 1_000.0), "b": Revision(9, 1_060.0)}


@pytest.mark.parametrize("generation", [5, 4, 6])
def test_number_grows_with_each_change_whatever_the_generation(
    events: CalendarEventStore, generation: int
) -> None:
    events.revisions(EVERYBODY, {"a": "1"}, 5)
    assert events.revisions(EVERYBODY, {"a": "2"}, generation)["a"].sequence == 6
    # Back to what it was.
    assert events.revisions(EVERYBODY, {"a": "1"}, generation)["a"].sequence == 7


def test_event_that_comes_back_goes_on_counting(events: CalendarEventStore) -> None:
    events.revisions(EVERYBODY, {"a": "1"}, 5)
    events.revisions(EVERYBODY, {}, 6)
    assert events.revisions(EVERYBODY, {"a": "2"}, 5)["a"].sequence == 6


def test_audiences_count_by_themselves(events: CalendarEventStore) -> None:
    events.revisions("T1/C1", {"a": "1"}, 8)
    events.revisions("T1/C1", {"a": "2"}, 9)
    assert events.revisions(EVERYBODY, {"a": "1"}, 5)["a"].sequence == 5
