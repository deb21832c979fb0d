"""The register rebuilt from the stored sections, after other rules or another labeller read the dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ingest import event_building
from ingest.event_building import build_events
from ingest.events import extract_events
from ingest.events.same_event import Chains, assign_chains
from ingest.limits import DocumentLimits
from ingest.report import IngestReport
from store.records import Cue, Document, Event, Mention, Section
from tests.growth import LINEAR, lines_run
from tests.ingest.scripted_labeller import ScriptedLabeller
from tests.small_store import REPORT, SmallStore, stored_events


def ingest(store: SmallStore, papers: Path, labeller: ScriptedLabeller | None = None) -> IngestReport:
    return store.pipeline.ingest([papers], labeller=labeller)


def chains(store: SmallStore) -> dict[str, str]:
    return {event.mentions[0].text: event.chain_id for event in stored_events(store.catalog)}


@pytest.fixture
def taken(store: SmallStore, papers: Path) -> dict[str, str]:
    ingest(store, papers)
    return chains(store)


@pytest.fixture
def renewed(taken: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A store as it was, and from now on other rules: they call all events otherwise."""

    def otherwise(*args: Any) -> list[Event]:
        return [replace(e, title=f"Renamed {n}", id=f"new{n}") for n, e in enumerate(extract_events(*args))]

    monkeypatch.setattr(event_building, "EVENTS_VERSION", "later")
    monkeypatch.setattr(event_building, "extract_events", otherwise)
    return taken


def test_new_rules_rebuild_events_with_their_chains(
    renewed: dict[str, str], store: SmallStore, papers: Path
) -> None:
    documents = store.catalog.documents()
    # The files are not needed.
    (papers / "report.txt").unlink()
    (papers / "other.txt").write_text("1.1\tThe hall has 600 seats.\n")
    store.embedder.embedded.clear()

    report = ingest(store, papers)

    assert report.rebuilt == 1
    assert report.notes == ("the register was rebuilt for 1 document from the stored paragraphs",)
    assert chains(store) == renewed
    assert all(event.title.startswith("Renamed") for event in stored_events(store.catalog))
    assert documents[0] in store.catalog.documents()
    assert store.embedder.embedded == ["The hall has 600 seats."]


@pytest.mark.usefixtures("renewed")
def test_events_of_present_rules_stay(store: SmallStore, papers: Path) -> None:
    ingest(store, papers)
    before = stored_events(store.catalog)

    report = ingest(store, papers)

    assert (report.rebuilt, report.notes) == (0, ())
    assert stored_events(store.catalog) == before


@pytest.mark.usefixtures("renewed")
def test_document_keeps_its_events_if_the_new_rules_fail(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> list[Event]:
        raise KeyError("a month too many")

    before = stored_events(store.catalog)
    monkeypatch.setattr(event_building, "extract_events", broken)

    report = ingest(store, papers)

    assert stored_events(store.catalog) == before
    assert (report.documents[0].status, report.notes) == (
        "unchanged",
        (
            "the register of report.txt is left as it is: a fault of the program, KeyError; "
            "`itubot --debug` shows where it is",
        ),
    )


def test_changed_document_keeps_its_chains(renewed: dict[str, str], store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))

    report = ingest(store, papers)

    assert (report.documents[0].status, report.rebuilt) == ("changed", 0)
    assert chains(store) == renewed


def test_document_that_is_added_again_keeps_its_chains(
    renewed: dict[str, str], store: SmallStore, papers: Path
) -> None:
    store.pipeline.remove("report.txt")

    ingest(store, papers)

    assert chains(store) == renewed


@pytest.mark.usefixtures("renewed")
def test_earlier_versions_keep_their_events(store: SmallStore, papers: Path) -> None:
    with store.catalog.snapshot() as view:
        before = view.events_of("report.txt", 1)
    (papers / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))
    ingest(store, papers)

    with store.catalog.snapshot() as view:
        assert view.events_of("report.txt", 1) == before


@pytest.mark.usefixtures("renewed")
def test_events_of_a_removed_document_are_not_rebuilt(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").unlink()

    report = store.ingest(papers, prune=True)

    assert ([row.status for row in report.documents], report.rebuilt) == (["removed"], 0)


def test_another_labeller_labels_all_labelled_documents(store: SmallStore, papers: Path) -> None:
    ingest(store, papers, ScriptedLabeller("one"))
    before = chains(store)
    other = ScriptedLabeller("another", kind="deadline")

    report = ingest(store, papers, other)

    assert (report.rebuilt, len(other.asked)) == (1, 2)
    assert {event.kind for event in stored_events(store.catalog)} == {"deadline"}
    assert chains(store) == before


def test_first_labeller_labels_only_new_documents(
    taken: dict[str, str], store: SmallStore, papers: Path
) -> None:
    labeller = ScriptedLabeller()
    (papers / "other.txt").write_text("1.1\tThe Board meets on 4 July 2025.\n")

    report = ingest(store, papers, labeller)

    assert (report.rebuilt, len(labeller.asked)) == (0, 1)
    assert taken.items() <= chains(store).items()


def test_events_of_a_labeller_stay_without_it(store: SmallStore, papers: Path) -> None:
    ingest(store, papers, ScriptedLabeller())
    before = stored_events(store.catalog)

    report = ingest(store, papers)

    assert (report.rebuilt, stored_events(store.catalog)) == (0, before)


def test_new_rules_without_a_labeller_use_stored_labels(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, papers, ScriptedLabeller(kind="deadline"))
    before = stored_events(store.catalog)
    monkeypatch.setattr(event_building, "EVENTS_VERSION", "later")

    report = ingest(store, papers)

    assert (report.rebuilt, report.labelling) == (1, None)
    assert stored_events(store.catalog) == before


NUMBERS = count()


def event(title: str, *mentions: tuple[str, str], chain: str = "", cue: Cue | None = None) -> Event:
    """Return an event of a document; a mention is a section and a day."""
    return Event(
        id=f"{title}{next(NUMBERS)}",
        document_id="paper",
        title=title,
        kind="meeting",
        mentions=tuple(
            Mention(section, str(day), 0, 9, cue=cue, start=day, end=day, precision="day")
            for section, day in ((section, date.fromisoformat(text)) for section, text in mentions)
        ),
        chain_id=chain,
    )


def kept(events: Sequence[Event], former: Sequence[Event]) -> list[str]:
    numbers = count(1)
    return [
        e.chain_id for e in assign_chains(events, former, Chains(former), lambda: f"minted {next(numbers)}")
    ]


def test_events_of_many_documents_take_steps_by_their_number(
    taken: dict[str, str], store: SmallStore
) -> None:
    def steps(count: int) -> int:
        papers = []
        for n in range(count):
            document = Document(f"d{n}", f"{n}.txt", "Paper", date=date(2024, 4, 29))
            name = "".join(chr(ord("a") + int(digit)) for digit in f"{n:03d}")
            text = f"The {name.title()} Forum will be held on {n % 28 + 1} May 2025."
            papers.append((document, [Section(document.id, "1", 0, 0, "Events", text, text)]))
        limits = DocumentLimits()
        return lines_run(lambda: build_events(store.catalog, papers, (), None, lambda _step: None, limits))

    assert steps(160) < LINEAR * steps(80)


def test_event_that_is_split_passes_its_chain_to_one_part() -> None:
    former = [event("Forum", ("a", "2025-05-05"), ("b", "2025-05-06"), ("c", "2025-05-06"), chain="old")]
    parted = [event("Day 1", ("a", "2025-05-05")), event("Day 2", ("b", "2025-05-06"), ("c", "2025-05-06"))]

    assert kept(parted, former) == ["minted 1", "old"]


def test_merged_events_keep_the_chain_with_most_dates() -> None:
    former = [
        event("Forum", ("a", "2025-05-05"), chain="one"),
        event("Meeting", ("b", "2025-05-05"), ("c", "2025-05-05"), chain="two"),
    ]
    joined = [event("Forum", ("a", "2025-05-05"), ("b", "2025-05-05"), ("c", "2025-05-05"))]

    assert kept(joined, former) == ["two"]


def test_date_expression_identifies_an_event_before_its_name() -> None:
    former = [
        event("Board meeting", ("a", "2025-05-05"), chain="one"),
        event("Council session", ("b", "2025-06-05"), chain="two"),
    ]
    exchanged = [event("Council session", ("a", "2025-05-05")), event("Board meeting", ("b", "2025-06-05"))]

    assert kept(exchanged, former) == ["one", "two"]


def test_event_in_a_reworded_paragraph_is_identified_by_its_name() -> None:
    former = [event("Broadband Forum", ("a", "2025-05-05"), chain="one")]

    assert kept([event("Broadband Forum", ("z", "2025-06-05"))], former) == ["one"]


def test_a_second_dating_of_the_same_name_does_not_take_the_chain_of_the_first() -> None:
    former = [event("Broadband Forum", ("a", "2025-05-05"), chain="one")]
    both = [event("Broadband Forum", ("a", "2025-05-05")), event("Broadband Forum", ("b", "2025-06-05"))]

    assert kept(both, former) == ["one", "minted 1"]


def test_postponed_event_keeps_its_chain() -> None:
    former = [event("Broadband Forum", ("a", "2025-05-05"), chain="one")]
    moved = [
        event("Broadband Forum", ("a", "2025-05-05"), cue="postponed"),
        event("Broadband Forum", ("a", "2025-06-05")),
    ]

    assert kept(moved, former) == ["one", "one"]
