"""Several mentions of one event are one event."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import DateExpression
from ingest.events import same_event
from ingest.events.same_event import TitledMention, merge_mentions
from store.records import Mention
from tests.growth import LINEAR, lines_run
from tests.ingest.events.papers import PAPER, events, only


def test_mentions_are_merged_with_the_most_precise_date_first() -> None:
    found = only(
        "In the lead up to the Summit of the Future 2024, ITU follows the process.",
        "The Summit of the Future will be held on 22-23 September 2024.",
        "ITU takes part in the Summit of the Future in September 2024.",
    )
    assert found.title == "Summit of the Future"
    assert [str(m.start) for m in found.mentions] == ["2024-09-22", "2024-09-01", "2024-01-01"]


def test_editions_are_not_merged() -> None:
    found = events(
        "The WSIS Forum in May 2024 was useful.",
        "The WSIS Forum in 2025 could support it.",
        "CSW67 in 2023 and CSW68 in March 2024.",
    )
    assert len(found) == 4


def test_ids_are_stable_and_move_with_the_date() -> None:
    first = only("The Regional Forum will be held on 5 May 2025.")
    again = only("Something else comes before.", "The Regional Forum will be held on 5 May 2025.")
    moved = only("The Regional Forum will be held on 6 May 2025.")
    assert first.id == again.id
    assert first.id != moved.id


def test_title_of_ignored_words_is_a_name() -> None:
    found = only("Annual session: 5 May 2025", "Annual session: 5-7 May 2025", heading="")
    assert found.title == "Annual session"


def test_different_titles_of_ignored_words_are_two_events() -> None:
    first, second = events("Annual session: 5 May 2025", "Special meeting: 5 May 2025", heading="")
    assert first.id != second.id


def numbered_steps(count: int) -> list[TitledMention]:
    """Return mentions of the same day and of one word in common."""
    day = date(2025, 5, 5)
    return [
        TitledMention(
            f"Step {n:03d} of the schools plan",
            "milestone",
            None,
            Mention("s", "5 May 2025", 0, 9, start=day, end=day, precision="day"),
            DateExpression((0, 9), "5 May 2025", start=day, end=day, precision="day"),
        )
        for n in range(count)
    ]


def test_mentions_of_one_day_are_each_compared_with_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "_MOST_COMPARED", 10)
    short, long = numbered_steps(100), numbered_steps(200)
    assert len(merge_mentions(PAPER, short)) == 100
    assert lines_run(lambda: merge_mentions(PAPER, long)) < LINEAR * lines_run(
        lambda: merge_mentions(PAPER, short)
    )


def test_mentions_of_one_event_are_found_among_many_of_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_event, "_MOST_COMPARED", 10)
    steps = numbered_steps(100)
    assert [len(event.mentions) for event in merge_mentions(PAPER, [*steps, *steps])] == [2] * 100


def test_many_mentions_of_one_event_are_each_compared_once() -> None:
    [mention] = numbered_steps(1)
    assert [len(event.mentions) for event in merge_mentions(PAPER, [mention] * 200)] == [200]
    short, long = [mention] * 100, [mention] * 200
    assert lines_run(lambda: merge_mentions(PAPER, long)) < LINEAR * lines_run(
        lambda: merge_mentions(PAPER, short)
    )
