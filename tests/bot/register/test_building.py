"""The register as of a day: status, chains across documents, windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.register import RegisterEntry, build_register, select
from store.records import Cue, Document, Event, Mention, Section

PAPER_2024 = Document("C24/9", "2024.txt", "Report 2024", date=date(2024, 4, 29))
PAPER_2025 = Document("C25/9", "2025.txt", "Report 2025", date=date(2025, 4, 29))
SENTENCE = "The Forum is dated here."


def section(document: Document, number: str = "1.1") -> Section:
    return Section(document.id, number, 0, 0, "Heading", SENTENCE, SENTENCE)


SECTIONS = {s.id: s for s in (section(PAPER_2024), section(PAPER_2025), section(PAPER_2024, "1.2"))}


def mention(
    start: str | None,
    end: str | None = None,
    cue: Cue | None = None,
    document: Document = PAPER_2024,
    number: str = "1.1",
) -> Mention:
    first = date.fromisoformat(start) if start else None
    last = date.fromisoformat(end) if end else first
    return Mention(
        section(document, number).id,
        "the expression",
        sentence_start=0,
        sentence_end=len(SENTENCE),
        cue=cue,
        start=first,
        end=last,
        precision="none" if first is None else "day",
    )


def event(name: str, *mentions: Mention, document: Document = PAPER_2024, chain: str = "") -> Event:
    return Event(name, document.id, f"Event {name}", "meeting", mentions, chain_id=chain)


def register(*events: Event, as_of: str = "2024-05-01") -> list[RegisterEntry]:
    return build_register([PAPER_2024, PAPER_2025], SECTIONS, events, date.fromisoformat(as_of))


def status(one: Mention, as_of: str = "2024-05-01") -> str:
    return register(event("a", one), as_of=as_of)[0].status


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (mention("2024-06-18"), "scheduled"),
        (mention("2024-04-30"), "past"),
        (mention("2024-05-01"), "scheduled"),
        (mention("2024-04-29", "2024-05-02"), "scheduled"),
        (mention("2024-06-18", cue="postponed"), "postponed"),
        (mention("2024-06-18", cue="cancelled"), "cancelled"),
        (mention("2023-06-18", cue="postponed"), "postponed"),
        (mention("2023-06-18", cue="cancelled"), "cancelled"),
        (mention(None), "unknown"),
        (mention(None, cue="postponed"), "postponed"),
        (mention("2024-01-01", "2024-12-31", cue="done"), "past"),
        (mention("2024-06-18", cue="done"), "scheduled"),
    ],
)
def test_status(one: Mention, expected: str) -> None:
    assert status(one) == expected


def test_an_approximate_end_that_has_just_passed_is_likely_past() -> None:
    early = replace(mention("2024-01-01", "2024-04-30"), approximate=True, precision="season")
    [entry] = register(event("a", early))
    assert (entry.status, entry.likely_past) == ("past", True)


def test_the_entry_cites_its_sentence_verbatim() -> None:
    [entry] = register(event("a", mention("2024-06-18"), mention("2024-06-18", number="1.2")))
    assert (entry.source, entry.document, entry.section, entry.quote) == (
        "2024.txt",
        "Report 2024",
        "1.1",
        SENTENCE,
    )
    assert [m.section for m in entry.mentions] == ["1.1", "1.2"]


def test_a_postponed_event_gets_its_new_date_from_a_later_document() -> None:
    old, new = register(
        event("a", mention("2024-06-18", "2024-06-22", "postponed"), chain="x"),
        event("b", mention("2025-08-05", "2025-08-08", document=PAPER_2025), document=PAPER_2025, chain="x"),
    )
    assert (old.status, old.rescheduled_to, old.source) == ("postponed", "b", "2024.txt")
    assert (new.status, new.rescheduled_to, new.source) == ("scheduled", None, "2025.txt")
    assert old.chain_id == new.chain_id == "x"


def test_old_and_new_date_in_one_document() -> None:
    entries = register(
        event("a", mention("2024-05-05", cue="postponed"), chain="x"),
        event("b", mention("2024-09-08", cue="planned"), chain="x"),
    )
    assert [(e.status, e.rescheduled_to) for e in entries] == [("postponed", "b"), ("scheduled", None)]


def test_a_twice_moved_event_names_each_successor() -> None:
    later = replace(PAPER_2025, id="C26/9", source="2026.txt", date=date(2026, 4, 29))
    one = section(later)
    entries = build_register(
        [PAPER_2024, PAPER_2025, later],
        {**SECTIONS, one.id: one},
        [
            event("a", mention("2024-06-18", cue="postponed"), chain="x"),
            event(
                "b",
                mention("2025-08-05", cue="postponed", document=PAPER_2025),
                document=PAPER_2025,
                chain="x",
            ),
            event("c", replace(mention("2026-08-05"), section_id=one.id), document=later, chain="x"),
        ],
        date(2026, 5, 1),
    )
    assert [(e.id, e.rescheduled_to) for e in entries] == [("a", "b"), ("b", "c"), ("c", None)]


def test_documents_that_agree_make_one_entry_with_both_mentions() -> None:
    [entry] = register(
        event("a", mention("2025-06-18"), chain="x"),
        event("b", mention("2025-06-18", document=PAPER_2025), document=PAPER_2025, chain="x"),
    )
    # What people are shown of it is what the later document says.
    assert [m.source for m in entry.mentions] == ["2025.txt", "2024.txt"]
    assert (entry.id, entry.former_ids, entry.title, entry.document) == (
        "b",
        ("a",),
        "Event b",
        "Report 2025",
    )


def test_a_later_document_can_call_off_without_a_date() -> None:
    [entry] = register(
        event("a", mention("2025-06-18"), chain="x"),
        event("b", mention(None, cue="postponed", document=PAPER_2025), document=PAPER_2025, chain="x"),
    )
    assert (entry.status, entry.start) == ("postponed", date(2025, 6, 18))


def test_entries_are_sorted_by_date_and_undated_ones_come_last() -> None:
    entries = register(
        event("a", mention(None)), event("b", mention("2025-01-01")), event("c", mention("2024-06-01"))
    )
    assert [e.id for e in entries] == ["c", "b", "a"]


PERIOD = [
    event("gone", mention("2024-04-20")),
    event("going on", mention("2024-04-28", "2024-05-03")),
    event("across", mention("2024-05-30", "2024-06-02")),
    event("beyond", mention("2024-06-02")),
    event("off", mention("2024-06-18", cue="postponed")),
    event("undated", mention(None)),
    event("old", mention("2024-07-18", cue="postponed"), chain="x"),
    event("new", mention("2025-08-05", document=PAPER_2025), document=PAPER_2025, chain="x"),
]
MAY = date(2024, 5, 31)


@pytest.mark.parametrize(
    ("window", "chosen"),
    [
        ({}, ["going on", "across", "beyond", "new", "off", "undated"]),
        ({"end": MAY}, ["going on", "across", "off"]),
        ({"end": MAY, "include_past": True}, ["gone", "going on", "across", "off"]),
    ],
)
def test_select(window: dict[str, object], chosen: list[str]) -> None:
    entries = select(register(*PERIOD), date(2024, 5, 1), **window)  # type: ignore[arg-type]
    assert [entry.id for entry in entries] == chosen


def test_mentions_of_unknown_sections_are_left_out() -> None:
    assert register(event("a", replace(mention("2024-06-18"), section_id="gone"))) == []
