"""What a document only proposes: so marked in every view, until a document says it without reserve."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import icalendar
import pytest
from rich.console import Console

from bot.commands.deadlines import register_table
from bot.register import RegisterEntry, build_register
from bot.register.export.calendar import to_ics
from bot.register.export.data import to_csv, to_json
from bot.register.export.timeline import to_html
from bot.register.wording import entry_sentence, entry_words, status
from bot.slack.core.ui.entry_lines import entry_item
from store.catalog.meta import next_term
from store.catalog.publication import DocumentUpdate, Publication, publish
from store.records import Event, Mention
from tests.bot.register.test_building import PAPER_2024, PAPER_2025, SECTIONS, event, mention
from tests.bot.register_entries import AS_OF, entry
from tests.small_store import open_store, stored_events

PROPOSED = entry("Forum", "2024-06-18", location="Geneva", tentative=True)


def proposed(start: str, end: str | None = None, **changes: object) -> Mention:
    return replace(mention(start, end, **changes), tentative=True)  # type: ignore[arg-type]


def tentative(*events: Event) -> list[bool]:
    return [e.tentative for e in build_register([PAPER_2024, PAPER_2025], SECTIONS, events, AS_OF)]


def test_proposed_date_is_tentative() -> None:
    assert tentative(event("a", proposed("2024-06-18"))) == [True]
    assert tentative(event("a", mention("2024-06-18"))) == [False]


def test_unreserved_sentence_makes_the_date_firm() -> None:
    assert tentative(event("a", proposed("2024-06-18"), mention("2024-06-18", number="1.2"))) == [False]


def test_unreserved_document_makes_the_date_firm() -> None:
    later = mention("2024-06-18", document=PAPER_2025)
    first, second = event("a", proposed("2024-06-18"), chain="x"), event("b", later, document=PAPER_2025)
    assert tentative(first, replace(second, chain_id="x")) == [False]


def test_a_firm_month_does_not_make_a_proposed_day_firm() -> None:
    month = replace(mention("2024-06-01", "2024-06-30", number="1.2"), precision="month")
    assert tentative(event("a", proposed("2024-06-18"), month)) == [True]


def table(*entries: RegisterEntry) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(register_table(entries, AS_OF))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_view_marks_a_proposed_date() -> None:
    assert "Forum, Geneva (proposed)" in table(PROPOSED)
    assert status(PROPOSED) == "scheduled (proposed)"
    assert entry_words(PROPOSED) == "Forum, Geneva (proposed)"
    assert "Forum, Geneva (proposed)" in entry_item(PROPOSED, AS_OF, "§ 1.1")
    assert entry_sentence(PROPOSED, AS_OF).endswith("(in 48 days; only proposed so far).")
    assert "<bdi>proposed</bdi>" in to_html([PROPOSED], AS_OF)


def test_json_and_csv_have_tentative() -> None:
    (row,) = json.loads(to_json([PROPOSED]))
    assert (row["status"], row["tentative"]) == ("scheduled", True)
    (cells,) = csv.DictReader(io.StringIO(to_csv([PROPOSED])))
    assert cells["tentative"] == "true"


def test_calendar_marks_a_proposed_date_as_tentative() -> None:
    (taken,) = icalendar.Calendar.from_ical(to_ics([PROPOSED], AS_OF, datetime(2024, 5, 1, tzinfo=UTC))).walk(
        "VEVENT"
    )
    assert (taken["status"], taken["summary"]) == ("TENTATIVE", "[PROPOSED] Forum")


@pytest.mark.parametrize("off", ["postponed", "cancelled"])
def test_called_off_event_is_not_marked_as_proposed(off: str) -> None:
    assert "proposed" not in table(replace(PROPOSED, status=off))  # type: ignore[arg-type]


def test_firm_date_is_not_marked() -> None:
    firm = replace(PROPOSED, tentative=False)
    assert "proposed" not in table(firm) + entry_words(firm) + entry_sentence(firm, AS_OF)


def test_catalog_stores_tentative_and_reads_older_rows_as_firm(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sections = [one for one in SECTIONS.values() if one.document_id == PAPER_2024.id]
    events = [event("a", proposed("2024-06-18")), event("b", mention("2024-07-18"))]
    store.catalog.create()
    entry = DocumentUpdate(PAPER_2024, "", sections, events)
    with store.catalog.writing() as connection:
        term = next_term(connection)
    publish(
        store.catalog,
        Publication([entry]),
        passages=[],
        renewed=[],
        segments=[],
        retired_segments=[],
        model="",
        term=term,
    )
    assert [e.mentions[0].tentative for e in stored_events(store.catalog)] == [True, False]
    with store.catalog.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE events SET mentions = replace(mentions, ', \"tentative\": true', '')"
        )
    assert [e.mentions[0].tentative for e in stored_events(store.catalog)] == [False, False]
    assert stored_events(store.catalog)[0].mentions[0].start == date(2024, 6, 18)
