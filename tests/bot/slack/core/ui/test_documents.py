"""The list of documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.slack.features.documents import documents_message
from store.records import Document
from tests.fake_slack.limits import problems

REPORT = Document("r", "report.txt", "Report to *Council*", "C24/1", date(2024, 4, 29), version=2)


def test_newest_document_is_first() -> None:
    older = replace(REPORT, title="Older", date=date(2023, 1, 1))
    text = documents_message([older, REPORT, replace(older, title="Undated", date=None)]).text
    assert text.index("Report") < text.index("Older") < text.index("Undated")


def test_document_of_one_conversation_is_marked() -> None:
    assert "this conversation only" in documents_message([replace(REPORT, audience="T1/C1")]).text


def test_many_documents_are_cut_and_counted() -> None:
    message = documents_message([replace(REPORT, title=f"Title {n} " * 20) for n in range(200)])
    assert (problems(message), "more" in str(message.blocks[-1])) == ([], True)


def test_no_documents_is_said() -> None:
    assert "no documents yet" in documents_message([]).text
