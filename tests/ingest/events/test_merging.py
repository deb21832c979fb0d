"""Several mentions of one event are one event."""

from __future__ import annotations

from tests.ingest.events.papers import events, only


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
