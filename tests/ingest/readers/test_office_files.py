"""Workbooks and presentations through a whole ingest: found, dated, and in pieces that a screen shows."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.readers.decks import DeckFile
from tests.ingest.readers.workbooks import timetable
from tests.small_store import SmallStore


def test_a_workbook_and_a_presentation_are_found_and_dated(store: SmallStore, papers: Path) -> None:
    (papers / "report.txt").unlink()
    deck = DeckFile()
    deck.opening("Preparations for the Forum", "Status of the work")
    deck.list_slide("Next steps", "The Forum on Broadband will be held in Geneva from 7 to 11 July 2026.")
    (papers / "council.xlsx").write_bytes(timetable())
    (papers / "steps.pptx").write_bytes(deck.save())

    rows = {row.source: row for row in store.ingest(papers).documents}

    assert {name: row.status for name, row in rows.items()} == {"council.xlsx": "new", "steps.pptx": "new"}
    assert rows["council.xlsx"].notes == ("hidden sheets are left out: “Old”",)
    assert rows["steps.pptx"].events == 1
    titles = {document.source: document.title for document in store.catalog.documents()}
    assert titles == {"council.xlsx": "Timetable of the Council", "steps.pptx": "Preparations for the Forum"}
    assert "Meeting: Plenary; Date: 16 June 2026" in store.found("When does the Plenary meet?")[0]
    (hit,) = store.search.search("Forum on Broadband").hits[:1]
    assert (hit.section.page, hit.section.heading) == (2, "Next steps")


def test_a_long_table_is_cut_at_rows(store: SmallStore, papers: Path) -> None:
    rows = "".join(f"<tr><td>Meeting {n}<td>1 June {1900 + n}<td>Geneva" for n in range(200))
    page = papers / "table.html"
    page.write_text(f"<table><tr><th>Event<th>Date<th>Place{rows}</table>")

    (row,) = store.ingest(page).documents
    assert row.sections > 3
