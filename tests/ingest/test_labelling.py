"""An ingest with a labeller: what is asked, what is kept, and what becomes of a labeller that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.report import IngestProgress, IngestReport, Labelling
from store.catalog import publication
from store.catalog.tables import delete_unused_labels
from store.schema import labels
from tests.ingest.scripted_labeller import ScriptedLabeller
from tests.small_store import REPORT, SmallStore, open_store, stored_events

TWO = "1.1\tThe Council meets on 3 June 2025.\n1.2\tThe hall has 600 seats.\n1.3\tThe Board meets on 4 July 2025.\n"


def ingest(store: SmallStore, papers: Path, labeller: ScriptedLabeller) -> IngestReport:
    return store.pipeline.ingest([papers], labeller=labeller)


def titles(store: SmallStore) -> list[str]:
    return [event.title for event in stored_events(store.catalog)]


def numbered(lines: int) -> str:
    return "".join(f"1.{n}\tThe Forum number {n} is held on {n} May 2025.\n" for n in range(1, lines + 1))


def test_sections_with_dates_are_labelled_once(store: SmallStore, papers: Path) -> None:
    labeller = ScriptedLabeller()

    report = ingest(store, papers, labeller)

    assert [shown.document for shown in labeller.asked] == ["report", "report"]
    assert report.labelling == Labelling("scripted", asked=2, read=20, wrote=10)
    assert set(titles(store)) == {"Report"}
    assert ingest(store, papers, labeller).labelling == Labelling("scripted")
    assert len(labeller.asked) == 2


def test_only_a_changed_paragraph_is_labelled_again(store: SmallStore, papers: Path) -> None:
    labeller = ScriptedLabeller()
    ingest(store, papers, labeller)
    (papers / "report.txt").write_text(REPORT.replace("16 June", "17 June"))

    report = ingest(store, papers, labeller)

    assert report.labelling == Labelling("scripted", asked=1, kept=1, read=10, wrote=5)
    assert labeller.asked[-1].expressions == ("17 June 2025",)


def test_restored_paragraph_is_not_labelled_again(store: SmallStore, papers: Path) -> None:
    labeller = ScriptedLabeller()
    ingest(store, papers, labeller)
    (papers / "report.txt").write_text(REPORT.replace("16 June", "17 June"))
    ingest(store, papers, labeller)
    (papers / "report.txt").write_text(REPORT)

    assert ingest(store, papers, labeller).labelling == Labelling("scripted", kept=2)


@pytest.mark.parametrize("spoilt", ["fails", "breaks"])
def test_a_labeller_that_fails_leaves_its_section_to_the_rules(
    store: SmallStore, papers: Path, spoilt: str
) -> None:
    (papers / "report.txt").write_text(TWO)
    labeller = ScriptedLabeller(**{spoilt: "Board"})  # type: ignore[arg-type]

    report = ingest(store, papers, labeller)

    assert report.documents[0].status == "new"
    assert report.labelling is not None
    assert (report.labelling.asked, report.labelling.to_rules) == (1, 1)
    (note,) = report.notes
    assert note.startswith("the dates of 1 section were read by the rules alone (scripted failed (")
    assert titles(store)[0] == "Report"
    assert titles(store)[1] != "Report"


def test_section_left_to_the_rules_is_labelled_by_the_next_ingest(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text(TWO)
    ingest(store, papers, ScriptedLabeller(fails="Board"))
    before = {event.mentions[0].text: event.chain_id for event in stored_events(store.catalog)}
    mended = ScriptedLabeller()

    report = ingest(store, papers, mended)

    assert [shown.expressions for shown in mended.asked] == [("4 July 2025",)]
    assert report.rebuilt == 1
    assert titles(store) == ["Report", "Report"]
    assert {event.mentions[0].text: event.chain_id for event in stored_events(store.catalog)} == before


def test_labeller_that_fails_again_publishes_nothing(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text(TWO)
    labeller = ScriptedLabeller(fails="Board")
    ingest(store, papers, labeller)
    before = generation(store)

    report = ingest(store, papers, labeller)

    assert (report.rebuilt, generation(store)) == (0, before)


def test_labeller_that_is_down_is_asked_a_few_times_only(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text(numbered(31))
    labeller = ScriptedLabeller(fails="Forum")

    report = ingest(store, papers, labeller)

    assert len(labeller.asked) < 12
    assert report.labelling is not None
    assert report.labelling.to_rules == 31
    assert "scripted failed (500)" in report.notes[0]


def test_ingest_without_a_labeller_reports_no_labels(store: SmallStore, papers: Path) -> None:
    assert store.ingest(papers).labelling is None


def test_labels_of_a_failed_ingest_are_kept(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publication, "publish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            ingest(store, papers, ScriptedLabeller())
    again = ScriptedLabeller()

    report = ingest(open_store(store.folder), papers, again)

    assert again.asked == []
    assert report.labelling == Labelling("scripted", kept=2)


def test_labels_before_an_interruption_are_kept(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").write_text(numbered(20))

    def stop(step: IngestProgress) -> None:
        if (step.phase, step.done) == ("label", 7):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pipeline.ingest([papers], labeller=ScriptedLabeller(), progress=stop)
    again = ScriptedLabeller()
    ingest(store, papers, again)

    assert len(again.asked) == 13


def test_labelling_precedes_embedding(store: SmallStore, papers: Path) -> None:
    told: list[IngestProgress] = []

    store.pipeline.ingest([papers], labeller=ScriptedLabeller(), progress=told.append)

    assert list(dict.fromkeys(step.phase for step in told)) == [
        "read",
        "events",
        "label",
        "embed",
        "publish",
    ]
    assert [(s.done, s.total) for s in told if s.phase == "label"] == [(0, 2), (1, 2), (2, 2)]


def test_labels_of_deleted_sections_are_deleted(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    ingest(store, papers, ScriptedLabeller())
    (papers / "other.txt").write_text(TWO)
    with monkeypatch.context() as patch:
        patch.setattr(publication, "publish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            ingest(store, papers, ScriptedLabeller())

    with store.catalog.engine.begin() as connection:
        delete_unused_labels(connection)
        assert len(connection.execute(select(labels)).all()) == 2


def generation(store: SmallStore) -> int:
    with store.catalog.snapshot() as view:
        return view.generation
