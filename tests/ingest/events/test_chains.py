"""Which datings are of one event: by name and edition, across documents and within one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ingest.events.same_event import Chains, assign_chains
from store.records import Event
from tests.growth import LINEAR, lines_run
from tests.ingest.events.papers import PAPER, events, only


def chain(event: Event, name: str = "chain") -> Event:
    return replace(event, chain_id=name)


def titled(title: str, start: str = "2024-06-18", document: str = "C24/9") -> Event:
    paper = replace(PAPER, id=document, date=date(2024, 4, 29))
    day = date.fromisoformat(start)
    found = only(f"The {title} will be held on {day.day} {day:%B} {day.year}.", document=paper)
    assert found.title == title
    return found


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (
            "Third United Nations Conference on Landlocked Developing Countries",
            "Third International Conference on Landlocked Countries",
        ),
        (
            "Third UN Conference on Landlocked Developing Countries (LLDC3)",
            "Third International Conference on Landlocked Countries",
        ),
        (
            "68th session of the Commission on the Status of Women (CSW68)",
            "Sixty-eighth session of the Commission on the Status of Women",
        ),
        ("Summit of the Future", "Summit of the Future"),
    ],
)
def test_a_later_dating_joins_the_chain(later: str, earlier: str) -> None:
    assert Chains([chain(titled(earlier))]).match(titled(later, document="C25/9")) == "chain"


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("CSW69 Plenary Session", "CSW68 Plenary Session"),
        ("Second AI Standards Summit", "First AI Standards Summit"),
        ("AI Standards Forum", "AI Ethics Forum"),
        ("Council Retreat", "Council Workshop"),
    ],
)
def test_another_edition_or_name_is_another_chain(later: str, earlier: str) -> None:
    assert Chains([chain(titled(earlier))]).match(titled(later, document="C25/9")) is None


@pytest.mark.parametrize("other", ["FCS-4", "Fourth Forum of Coastal States (FCS-4): second session"])
def test_a_numbered_session_of_a_numbered_conference_is_another_chain(other: str) -> None:
    session = replace(titled("FCS-4"), title="Fourth Forum of Coastal States (FCS-4): third session")
    earlier = replace(titled("FCS-4", document="C25/9"), title=other)

    assert Chains([chain(earlier)]).match(session) is None


def test_the_next_year_of_a_series_is_another_chain() -> None:
    assert (
        Chains([chain(titled("WSIS Forum", "2024-05-27"))]).match(titled("WSIS Forum", "2025-07-07", "C25/9"))
        is None
    )


def test_a_date_moved_in_the_same_document_keeps_the_chain() -> None:
    assert (
        Chains([chain(titled("Regional Forum", "2024-11-03"))]).match(titled("Regional Forum", "2025-01-20"))
        == "chain"
    )


def test_old_and_new_date_in_one_document_are_one_chain() -> None:
    numbers = itertools.count()
    found = events(
        "The Giga Forum has been moved from 5-7 May 2025 to 8-10 September 2025.",
        "The Regional Forum is on 5 May 2025.",
    )
    assert [e.chain_id for e in assign_chains(found, (), Chains(), lambda: f"new{next(numbers)}")] == [
        "new0",
        "new0",
        "new1",
    ]


def test_the_second_one_is_of_the_same_kind_as_the_first() -> None:
    first, second = events(
        "The first meeting of the Exchange of Regulators was held on 9 July 2025. "
        "A second one will be held on 8 July 2026."
    )
    assert second.title == "Second meeting of the Exchange of Regulators"
    assert Chains([chain(first)]).match(second) is None


def sessions(count: int) -> list[Event]:
    """Return events of one title on days one after the other, every other one postponed."""
    first = titled("Regional Forum")
    [mention] = first.mentions
    return [
        replace(
            first,
            id=f"event{n}",
            mentions=(
                replace(
                    mention,
                    start=date(2024, 1, 1) + timedelta(days=n),
                    end=date(2024, 1, 1) + timedelta(days=n),
                    sentence_start=100 * n,
                    cue="postponed" if n % 2 else None,
                ),
            ),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("again", [False, True], ids=["new", "read again"])
def test_chains_take_steps_by_the_number_of_events(again: bool) -> None:
    def steps(count: int) -> int:
        events, minted = sessions(count), map(str, itertools.count())
        former = [chain(event, f"chain{n}") for n, event in enumerate(events[: count // 2])] if again else []
        return lines_run(lambda: assign_chains(events, former, Chains(former), lambda: next(minted)))

    assert steps(80) < LINEAR * steps(40)
