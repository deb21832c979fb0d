"""Events in an ingest: an unchanged section keeps its own, others are read again, and chains stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest import event_building
from ingest.events import model as model_reading
from ingest.events import plain
from ingest.events.model import EventModel, EventReply, EventRequest, StatedEvent
from ingest.report import IngestReport
from tests.small_store import REPORT, SmallStore, stored_events


@dataclass
class Model:
    """Says that each section with "5 May 2025" dates the opening of the fair, and remembers what it was asked."""

    name: str = "scripted 1"
    asked: list[EventRequest] = field(default_factory=list)
    down: bool = False

    def ask(self, request: EventRequest) -> EventReply:
        self.asked.append(request)
        if self.down:
            return EventReply(None, "it is down")
        events: Sequence[StatedEvent] = [
            StatedEvent(
                one.number, "5 May 2025", "2025-05-05", "2025-05-05", "Opening of the fair", kind="milestone"
            )
            for one in request.sections
            if "5 May 2025" in one.text
        ]
        return EventReply(events, read=10, wrote=1)


def ingest(store: SmallStore, papers: Path, model: EventModel | None = None) -> IngestReport:
    return store.pipeline.ingest([papers], model=model)


def chains(store: SmallStore) -> dict[str, str]:
    return {event.mentions[0].text: event.chain_id for event in stored_events(store.catalog)}


def other_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (plain, model_reading, event_building):
        monkeypatch.setattr(module, "events_version", lambda: "later")


def test_other_rules_read_the_stored_sections_again(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, papers)
    before = chains(store)
    other_rules(monkeypatch)
    (papers / "report.txt").unlink()
    (papers / "other.txt").write_text("1.1\tThe hall has 600 seats.\n")

    report = ingest(store, papers)

    assert report.rebuilt == 1
    assert "the register was rebuilt for 1 document from the stored paragraphs" in report.notes
    assert chains(store) == before
    assert ingest(store, papers).rebuilt == 0


def test_a_document_keeps_its_events_if_other_rules_fail(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, papers)
    before = stored_events(store.catalog)
    other_rules(monkeypatch)
    monkeypatch.setattr(plain.PlainReader, "read", lambda *_: 1 / 0)

    report = ingest(store, papers)

    assert stored_events(store.catalog) == before
    assert any("the register of report.txt is left as it is" in note for note in report.notes)


def test_a_year_that_is_not_stated_follows_the_date_of_the_document(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text("1. Fair\n1.1\tThe Fair will be held in Geneva on 5 May.\n")
    read = []
    for year in (2025, 2026):
        (papers / "report.txt.meta.toml").write_text(f"date = {year}-01-31\n")
        ingest(store, papers)
        read.append([str(event.mentions[0].start) for event in stored_events(store.catalog)])
    assert read == [["2025-05-05"], ["2026-05-05"]]


def test_a_changed_document_keeps_its_chains(store: SmallStore, papers: Path) -> None:
    ingest(store, papers)
    before = chains(store)
    (papers / "report.txt").write_text(REPORT.replace("eighty-four", "ninety"))

    ingest(store, papers)

    assert chains(store) == before


def test_a_document_that_is_added_again_keeps_its_chains(store: SmallStore, papers: Path) -> None:
    ingest(store, papers)
    before = chains(store)
    store.pipeline.remove("report.txt")

    ingest(store, papers)

    assert chains(store) == before


def test_an_unchanged_section_is_not_asked_about_again(store: SmallStore, papers: Path) -> None:
    paper = papers / "brief.txt"
    paper.write_text("1\tThe fair opens on 5 May 2025 in Suva.\n2\tThe hall has 600 seats.\n")
    model = Model()
    ingest(store, papers, model)
    before = chains(store)
    model.asked.clear()
    paper.write_text("1\tThe fair opens on 5 May 2025 in Suva.\n2\tThe hall has 700 seats.\n")

    report = ingest(store, papers, model)

    assert [one.text for request in model.asked for one in request.sections] == ["The hall has 700 seats."]
    assert chains(store) == before
    assert report.labelling is not None
    assert (report.labelling.asked, report.labelling.kept) == (1, 2)


def test_what_rules_read_stays_until_the_document_changes(store: SmallStore, papers: Path) -> None:
    ingest(store, papers)
    model = Model()

    ingest(store, papers, model)

    assert model.asked == []


def test_a_model_that_failed_is_asked_again(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text("1\tThe fair opens on 5 May 2025 in Suva.\n")
    model = Model(down=True)
    first = ingest(store, papers, model)
    assert any("the next ingest asks the model again" in note for note in first.notes)
    model.down = False

    second = ingest(store, papers, model)

    assert second.rebuilt == 1
    assert [event.title for event in stored_events(store.catalog)] == ["Opening of the fair"]
    model.asked.clear()
    ingest(store, papers, model)
    ingest(store, papers)  # without a model, what one read stays
    assert model.asked == []
    assert [event.title for event in stored_events(store.catalog)] == ["Opening of the fair"]


def test_known_events_are_named_to_the_model(store: SmallStore, papers: Path) -> None:
    (papers / "a.txt").write_text("1\tThe Suva Water Forum will be held on 5 May 2025.\n")
    ingest(store, papers)
    (papers / "b.txt").write_text("1\tOn the Suva Water Forum of 5 May 2025 see below.\n")
    model = Model()

    ingest(store, papers, model)

    assert "Suva Water Forum" in model.asked[0].known


def test_a_killed_ingest_has_published_the_documents_before(store: SmallStore, papers: Path) -> None:
    (papers / "z.txt").write_text("1\tThe fair opens on 5 May 2025 in Suva.\n")

    def killed(step: object) -> None:
        if getattr(step, "source", None) == "z.txt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pipeline.ingest([papers], progress=killed)

    assert [document.source for document in store.catalog.documents()] == ["report.txt"]
    outcomes = {one.source: one.status for one in ingest(store, papers).documents}
    assert outcomes == {"report.txt": "unchanged", "z.txt": "new"}
