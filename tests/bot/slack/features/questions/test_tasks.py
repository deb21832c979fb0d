"""The task cards of an answer in progress."""

from __future__ import annotations

import pytest

from bot.answers import Progress
from bot.slack.features.questions.streaming import task_cards


@pytest.mark.parametrize(
    ("progress", "ended", "titles"),
    [
        (Progress(1), False, ["Searched 1 document", "Checking each sentence"]),
        (Progress(1_200, 1), False, ["Searched 1,200 documents", "1 sentence checked"]),
        (
            Progress(3, 5, 2, 1),
            True,
            [
                "Searched 3 documents",
                "5 sentences checked",
                "2 replaced by the document's own words",
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
