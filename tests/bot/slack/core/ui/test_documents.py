"""The window with the documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.slack.features.documents import documents_view
from store.records import Document
from tests.fake_slack.limits import problems_of_form

REPORT = Document("r", "report.txt", "Report to *Council*", "C24/1", date(2024, 4, 29), version=2)


def test_newest_document_is_first() -> None:
    older = replace(REPORT, title="Older", date=date(2023, 1, 1))
    undated = replace(older, title="Undated", date=None)
    text = str(documents_view([older, REPORT, undated], ""))
    assert text.index("Report") < text.index("Older") < text.index("Undated")


def test_document_of_one_conversation_is_marked() -> None:
    assert "this conversation only" in str(documents_view([replace(REPORT, audience="T1/C1")], "C1"))


def test_many_documents_keep_slacks_limits_and_are_counted() -> None:
    shown = documents_view([replace(REPORT, title=f"Title {n} " * 20) for n in range(200)], "C1")
    assert problems_of_form(shown) == []
    assert "… and 110 more" in str(shown)


def test_no_documents_is_said() -> None:
    assert "no documents yet" in str(documents_view([], ""))
