"""Task cards in a stream: what was searched, checked and left out, while the model writes."""

from __future__ import annotations

import pytest

from bot.answering.answer import Progress
from bot.locales import in_language
from bot.slack.features.questions.streaming import task_cards
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.questions.streaming_assistant import (
    StreamingAssistant,
    finished_reply,
    is_whole,
    question,
    words,
)
from tests.fake_slack.slack import FakeSlack


@pytest.fixture
def assistant() -> StreamingAssistant:
    assistant = StreamingAssistant()
    assistant.progress = True
    return assistant


async def test_cards_show_what_is_done_before_the_first_sentence_and_to_the_end(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    def titles() -> list[tuple[str, str]]:
        return [(card["title"], card["status"]) for card in slack.streams.cards]

    await start()
    assistant.hold_after(0)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: bool(slack.streams.cards))
    assert titles() == [
        ("Searched 3 documents", "complete"),
        ("Reading “Report to Council”", "in_progress"),
        ("Checking each sentence", "in_progress"),
    ]
    assert slack.streams.texts == []

    assistant.go_on()
    assert is_whole(await finished_reply(slack, state, question(slack, asked)), assistant)
    assert titles()[-4:] == [
        ("Searched 3 documents", "complete"),
        ("Reading “Report to Council”", "complete"),
        ("3 sentences checked", "complete"),
        ("1 left out", "complete"),
    ]
    assert "".join(slack.streams.texts).split() == words(3).split()


@pytest.mark.parametrize(
    ("progress", "titles"),
    [
        (Progress(1), ["Searched 1 document", "Checking each sentence"]),
        (Progress(1_200, 1), ["Searched 1,200 documents", "1 sentence checked"]),
        (
            Progress(9, read=("Report to Council", "Zero Draft", "Roadmap", "Letter")),
            [
                "Searched 9 documents",
                "Reading “Report to Council”, “Zero Draft”, and “Roadmap”",
                "Checking each sentence",
            ],
        ),
        (
            Progress(3, 5, 1, looked_up=("events from 1 to 31 May 2024",)),
            ["Searched 3 documents", "events from 1 to 31 May 2024", "5 sentences checked", "1 left out"],
        ),
    ],
)
def test_cards_say_what_was_done(progress: Progress, titles: list[str]) -> None:
    assert [card["title"] for card in task_cards(progress)] == titles


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "zh", "ar"])
def test_long_titles_fit_on_a_card(language: str) -> None:
    with in_language(language):
        cards = task_cards(Progress(3, read=("Report to the Council on the work " * 9,) * 3))
    assert [len(card["title"]) <= 256 for card in cards] == [True] * 3
