"""The task cards of an answer in progress."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.answer import Progress
from bot.locales import in_language
from bot.slack.features.questions.streaming import task_cards


@pytest.mark.parametrize(
    ("progress", "ended", "titles"),
    [
        (Progress(1), False, ["Searched 1 document", "Checking each sentence"]),
        (Progress(1_200, 1), False, ["Searched 1,200 documents", "1 sentence checked"]),
        (
            Progress(9, read=("Report to Council", "Zero Draft", "Roadmap", "Letter")),
            False,
            [
                "Searched 9 documents",
                "Reading “Report to Council”, “Zero Draft”, and “Roadmap”",
                "Checking each sentence",
            ],
        ),
        (
            Progress(3, 5, 1, looked_up=("events from 1 to 31 May 2024",)),
            True,
            [
                "Searched 3 documents",
                "events from 1 to 31 May 2024",
                "5 sentences checked",
                "1 left out",
            ],
        ),
    ],
)
def test_cards_say_what_was_done(progress: Progress, ended: bool, titles: list[str]) -> None:
    assert [card["title"] for card in task_cards(progress, ended=ended)] == titles


def test_checks_go_on_until_the_end() -> None:
    progress = Progress(3, 2)
    assert [card["status"] for card in task_cards(progress)] == ["complete", "in_progress"]
    assert [card["status"] for card in task_cards(progress, ended=True)] == ["complete", "complete"]


def test_documents_are_read_until_a_sentence_is_checked() -> None:
    progress = Progress(3, read=("Report",))
    assert [card["status"] for card in task_cards(progress)] == ["complete", "in_progress", "in_progress"]
    checked = replace(progress, checked=1)
    assert [card["status"] for card in task_cards(checked)] == ["complete", "complete", "in_progress"]


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "zh", "ar"])
def test_long_titles_fit_on_a_card(language: str) -> None:
    with in_language(language):
        cards = task_cards(Progress(3, read=("Report to the Council on the work " * 9,) * 3))
    assert [len(card["title"]) <= 256 for card in cards] == [True] * 3
