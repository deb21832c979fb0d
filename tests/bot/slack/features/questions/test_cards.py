"""Task cards in a stream: what was searched, checked and left out, while the model writes."""

from __future__ import annotations

import pytest

from bot.slack.features.questions import messages as blocks
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.questions.streaming_assistant import (
    StreamingAssistant,
    finished_reply,
    is_as_posted,
    mention_with_sentences,
    question,
    words,
)
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack


@pytest.fixture
def assistant() -> StreamingAssistant:
    assistant = StreamingAssistant()
    assistant.progress = True
    return assistant


def titles(slack: FakeSlack) -> list[tuple[str, str]]:
    """Return title and status of each card that arrived."""
    return [(card["title"], card["status"]) for card in slack.streams.cards]


async def test_cards_show_what_was_searched_before_the_first_sentence(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    await start()
    assistant.hold_after(0)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: bool(slack.streams.cards))
    assert titles(slack) == [
        ("Searched 3 documents", "complete"),
        ("Reading “Report to Council”", "in_progress"),
        ("Checking each sentence", "in_progress"),
    ]
    assert slack.streams.texts == []
    assistant.go_on()
    assert is_as_posted(await finished_reply(slack, state, question(slack, asked)), assistant)


async def test_cards_count_what_was_checked_and_left_out(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 3)
    left_out = ("1 left out", "complete")
    await slack.until(lambda: left_out in titles(slack))
    assistant.go_on()
    await finished_reply(slack, state, question(slack, asked))
    assert titles(slack)[-4:] == [
        ("Searched 3 documents", "complete"),
        ("Reading “Report to Council”", "complete"),
        ("3 sentences checked", "complete"),
        left_out,
    ]
    assert "".join(slack.streams.texts) == words(3)


async def test_stop_of_a_stream_with_cards_completes_the_message(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    assistant.rest = "That was not said before. [1]"
    asked = await mention_with_sentences(slack, start, assistant, 3)
    slack.faults["chat.update"] = [Fault("refuse", error="edit_window_closed")]
    assistant.go_on()
    reply = await finished_reply(slack, state, question(slack, asked))
    assert reply["text"] == words(3) + assistant.rest
    below = blocks.answer_message(assistant.reply, question(slack, asked).key).below or ()
    assert [block for block in below if block not in reply["blocks"]] == []


async def test_where_slack_takes_no_cards_the_text_is_streamed(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    slack.streams.no_chunks = "invalid_arguments"
    await start()
    for number in (1, 2):
        assistant.hold_after(1)
        asked = await slack.mention("C1", "When?")
        await slack.until(lambda n=number: slack.streams.texts.count(words(1)) == n)
        assistant.go_on()
        reply = await finished_reply(slack, state, question(slack, asked))
        assert is_as_posted(reply, assistant)
    assert ["chunks" in call for call in slack.called("chat.startStream")] == [True, False, False]
