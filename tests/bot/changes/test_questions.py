"""Which questions ask what changed in a document, and in which."""

from __future__ import annotations

from datetime import date

import pytest

from bot.changes import ChangeQuestion, change_question
from store.records import Document

DOCUMENTS = [
    Document(
        "C24/60", "itu-un-engagement-2024.txt", "Contributions to UN conferences", "C24/60", date(2024, 4, 29)
    ),
    Document("spectrum.docx", "spectrum.docx", "Report on spectrum fees", date=date(2025, 1, 10)),
]


@pytest.mark.parametrize(
    "text",
    [
        "What changed in the report?",
        "what has changed since the last version",
        "What's new in the latest version?",
        "What is different from the previous version?",
        "Has anything changed in the document?",
        "Which paragraphs were reworded in the report?",
        "Show me the changes since the last version",
        "What are the differences between the last two versions?",
        "how has the report changed?",
        "What was added to the report since the previous edition?",
        "Can you tell me what changed in this document?",
    ],
)
def test_question_about_changes_is_recognized(text: str) -> None:
    assert change_question(text, DOCUMENTS) == ChangeQuestion()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("what changed in the engagement report?", "C24/60"),
        ("What changed in the 2024 engagement report since the last version?", "C24/60"),
        ("What changed in C24/60?", "C24/60"),
        ("what's new in spectrum.docx", "spectrum.docx"),
        ("How does the spectrum report differ from the previous version?", "spectrum.docx"),
        ("What changes were made to the report on spectrum fees?", "spectrum.docx"),
    ],
)
def test_document_is_found_by_words_of_its_name(text: str, name: str) -> None:
    found = change_question(text, DOCUMENTS)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text", ["Which dates moved in the report?", "Did any deadlines move since the last version?"]
)
def test_question_about_changed_dates_only(text: str) -> None:
    assert change_question(text, DOCUMENTS) == ChangeQuestion(dates_only=True)


@pytest.mark.parametrize(
    "text",
    [
        "What changed in the Zero Draft?",
        "What has changed in digital cooperation since 2020?",
        "Which changes does the report propose?",
        "What changes to the governance are recommended in the report?",
        "How has the role of ITU changed?",
        "What is new in the Global Digital Compact?",
        "What changed in the report of the Secretary-General on cybercrime?",
        "When was the report updated?",
        "Has the date of the Summit of the Future changed?",
        "What does the report say about climate change?",
        "Is there a new report?",
        "What was added to the agenda of the Council?",
        "Has anything changed?",
        "What's new?",
        "Which countries have changed their position since the last meeting?",
        "When is the Summit of the Future?",
    ],
)
def test_question_about_other_changes_is_not_recognized(text: str) -> None:
    assert change_question(text, DOCUMENTS) is None
