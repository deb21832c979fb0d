"""Which dates are no events, and what has none."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.events.papers import events, only


@pytest.mark.parametrize(
    "sentence",
    [
        "Within the allocated budget 2024-2025.",
        "Since 2018, the platform has grown to 30 000 members.",
        "The Permanent Mission informed the Secretariat by note verbale dated 4 March 2025.",
        "Please refer to our circular letter CA/288 of 12 February 2025.",
        "As stated in Resolution 99 (Rev. Dubai, 2018), the Director takes part.",
        "Given that 2024 is a critical year for the UN, many discussions are underway.",
        "The 78th session will follow A/RES/76/307 and C24/67.",
        "The strategic plan for 2024-2027 was presented.",
        "Geneva, 10 March 2025",
        "Date of issue: 10 March 2025",
        "The 2030 Agenda recognizes the role of ICTs.",
        "A ten-year programme of action was agreed.",
        "The Budget of the Union covers 5 May-9 June 2026.",
        "The report, prepared for the Council, covers the period from 1 January to 31 December 2025.",
        "Item: 9/2; Lead: the Secretariat",
        "Please see document WG/12/3, 5 May 2025",
    ],
)
def test_dates_that_are_no_events(sentence: str) -> None:
    assert events(sentence) == []


@pytest.mark.parametrize(
    "line",
    [
        "Working Group on Budget, 5-9 May 2026",
        "World Statistics Symposium, 5-7 May 2026",
        "Committee on the Budget meets 5-9 May 2026",
        "Joint meeting of FAO/WHO, 5 May 2026",
        "The exercise is planned in the period 13-15 October 2026",
        "Item: Registration closes 12 May 2026; Lead: the Secretariat",
        "Registration deadline 10 March 2025",
        "Opening of the Forum, 10 March 2025",
    ],
)
def test_dates_that_are_events(line: str) -> None:
    assert len(events(line)) == 1


def test_a_bare_year_counts_where_something_happens_in_it() -> None:
    found = only("The review of the Compact will take place in 2029.")
    assert (found.mentions[0].precision, found.mentions[0].start) == ("year", date(2029, 1, 1))


def test_a_year_before_which_nothing_happens_counts() -> None:
    assert only("Decommissioning of the old ports: not before 2029.").mentions[0].start == date(2029, 1, 1)


def test_distance_is_computed_from_the_meeting_of_the_section() -> None:
    found = events(
        "The Plenary Conference will open on 9 November 2026. "
        "Proposals shall be submitted at least two months before the opening of the Conference."
    )
    deadline = next(e for e in found if e.kind == "deadline")
    assert (deadline.title, deadline.mentions[0].start, deadline.mentions[0].bound) == (
        "Proposals shall be submitted",
        date(2026, 9, 9),
        "by",
    )


def test_a_distance_from_nothing_has_no_date() -> None:
    found = only("The Secretary-General shall submit proposals within 12 months of the adoption.")
    assert (found.kind, found.mentions[0].start) == ("deadline", None)


def test_a_recurrence_has_no_date() -> None:
    found = only("It proposes an Annual Global Dialogue on AI.")
    assert (found.title, found.mentions[0].start, found.mentions[0].recurrence) == (
        "Global Dialogue on AI",
        None,
        "P1Y",
    )


def test_called_off_event_without_a_date_is_an_event() -> None:
    found = only("The Giga Connectivity Forum has been postponed and new dates will be announced.")
    assert (found.title, found.mentions[0].start, found.mentions[0].cue) == (
        "Giga Connectivity Forum",
        None,
        "postponed",
    )


def test_an_event_is_called_off_beside_another_one_that_is_dated() -> None:
    forum, seminars = events(
        "The Global Forum on Cyber Capacity has been given up; six seminars will be held from 5 May 2025."
    )
    assert (seminars.mentions[0].cue, forum.title) == ("planned", "Global Forum on Cyber Capacity")
    assert (forum.mentions[0].cue, forum.mentions[0].start) == ("cancelled", None)


def test_days_without_a_year_are_near_the_first_full_date_of_an_undated_document() -> None:
    from dataclasses import replace

    from tests.ingest.events.papers import PAPER

    found = events(
        "The Forum opens on 3 May 2026.", "Papers are due on 4 April.", document=replace(PAPER, date=None)
    )
    assert str(found[-1].mentions[0].start) == "2026-04-04"
