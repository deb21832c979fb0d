"""Streamed answers: in order, in one message, whole at the end whatever fails."""

from __future__ import annotations

from typing import Any

import pytest

from store.jobs import QuestionStore
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.questions.streaming_assistant import (
    StreamingAssistant,
    finished_reply,
    is_whole,
    mention_with_sentences,
    question,
    words,
)
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack


@pytest.fixture
def assistant() -> StreamingAssistant:
    return StreamingAssistant()


async def test_each_sentence_is_sent_once_and_before_the_next_and_the_stream_ends_with_the_rest(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    assistant.rest = "That was not said before. [1]"
    asked = await mention_with_sentences(slack, start, assistant, 1)
    assistant.gates[1].set()
    await slack.until(lambda: "".join(slack.streams.texts) == words(2))
    assistant.go_on()
    reply = await finished_reply(slack, state, question(slack, asked))

    assert is_whole(reply, assistant)
    assert "".join(slack.streams.texts) == words(3) + assistant.rest
    assert (slack.called("chat.update"), slack.called("chat.postMessage")) == ([], [])
    await slack.until(lambda: slack.agents.sessions[asked["ts"]][-1] == "active")

    # What was streamed is a turn of the conversation.
    await slack.mention("C1", "And where?", thread=asked["ts"])
    await slack.until(lambda: len(assistant.asked) == 2)
    assert [turn.text for turn in assistant.asked[1][1]] == ["When?", assistant.reply.text]


async def test_status_stays_until_the_last_question_of_the_thread(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 1)
    await slack.mention("C1", "And where?", thread=asked["ts"])
    assistant.go_on()
    await slack.until(lambda: slack.agents.sessions[asked["ts"]][-1] == "active")
    assert slack.agents.sessions[asked["ts"]].count("active") == 1
    assert len(slack.replies("C1", asked["ts"])) == 2


async def test_stream_names_the_team_of_the_author(
    slack: FakeSlack, start: Start, assistant: StreamingAssistant
) -> None:
    await start(allow_external=True)
    assistant.hold_after(1)
    asked = slack.say("C1", f"<@{slack.bot_user}> When?", team="TOTHER")
    await slack.deliver({**asked, "type": "app_mention", "channel": "C1"})
    await slack.until(lambda: bool(slack.called("chat.startStream")))
    assert slack.called("chat.startStream")[0]["recipient_team_id"] == "TOTHER"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"confidence": "low"}, "nobody has decided"),
        ({"fails": RuntimeError("broken")}, "something went wrong"),
    ],
)
async def test_message_that_does_not_begin_as_the_stream_replaces_it(
    slack: FakeSlack,
    start: Start,
    state: QuestionStore,
    assistant: StreamingAssistant,
    changes: dict[str, Any],
    shown: str,
) -> None:
    for name, value in changes.items():
        setattr(assistant, name, value)
    asked = await mention_with_sentences(slack, start, assistant, 1)
    assistant.go_on()
    assert shown in str((await finished_reply(slack, state, question(slack, asked)))["blocks"])


REFUSED = [Fault("refuse", error=word) for word in ("unknown_method", "invalid_chunks", "not_in_channel")]
ENDED = [Fault("refuse", error=word) for word in ("message_not_in_streaming_state", "stopped_by_user")]
FAILED = [
    Fault("429", retry_after=0),
    Fault("500"),
    Fault("500", done=True),
    Fault("drop"),
    Fault("drop", done=True),
]


@pytest.mark.parametrize(
    ("method", "faults"),
    [
        ("chat.startStream", [*FAILED, *REFUSED]),
        ("chat.appendStream", [*FAILED, *ENDED]),
        ("chat.stopStream", [*FAILED, Fault("refuse", error="invalid_blocks"), *ENDED]),
    ],
)
async def test_one_failed_call_gives_one_whole_message(
    slack: FakeSlack,
    start: Start,
    state: QuestionStore,
    assistant: StreamingAssistant,
    method: str,
    faults: list[Fault],
) -> None:
    await start()
    whole = {}
    for number, fault in enumerate(faults):
        assistant.progress = number % 2 == 1
        assistant.hold_after(1)
        slack.faults[method] = [fault]
        before = len(slack.called("chat.startStream"))
        asked = await slack.mention("C1", "When?")
        await slack.until(lambda n=before: len(slack.called("chat.startStream")) > n)
        assistant.go_on()
        reply = await finished_reply(slack, state, question(slack, asked))
        whole[f"{fault.kind} {fault.error} {fault.done}"] = is_whole(reply, assistant)
    assert [name for name, is_right in whole.items() if not is_right] == []


@pytest.mark.parametrize("way", ["expired", "deleted"])
async def test_answer_whose_stream_is_gone_is_posted(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant, way: str
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 1)
    if way == "expired":
        slack.streams.expire()
    else:
        slack.messages["C1"].remove(slack.replies("C1", asked["ts"])[0])
    assistant.go_on()
    assert is_whole(await finished_reply(slack, state, question(slack, asked)), assistant)
