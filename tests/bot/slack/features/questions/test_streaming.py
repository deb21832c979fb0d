"""Streamed answers: in order, in one message, complete at the end whatever fails."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.answering.answer import StreamedSentence
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster
from bot.slack.core.ui.elements import plain_message
from bot.slack.features.questions.streaming import Stream, Streams
from store.jobs import Job, QuestionJob, QuestionStore, Runner, SlackMessage
from tests.bot.slack.complete_answers import complete_answer
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.questions.streaming_assistant import (
    SENTENCES,
    StreamingAssistant,
    finished_reply,
    is_as_posted,
    mention_with_sentences,
    question,
    words,
)
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

OVER = "message_not_in_streaming_state"


@pytest.fixture
def assistant() -> StreamingAssistant:
    return StreamingAssistant()


# In order, in one message


async def test_each_sentence_is_sent_before_the_next(
    slack: FakeSlack, start: Start, assistant: StreamingAssistant
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 1)
    first = slack.replies("C1", asked["ts"])[0]["text"]
    assistant.gates[1].set()
    await slack.until(lambda: len(slack.streams.texts) == 2)
    second = slack.replies("C1", asked["ts"])[0]["text"]
    assert (first, second) == (words(1), words(2))


async def test_stream_names_the_team_of_the_author(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    await start(allow_external=True)
    assistant.hold_after(1)
    asked = slack.say("C1", f"<@{slack.bot_user}> When?", team="TOTHER")
    await slack.deliver({**asked, "type": "app_mention", "channel": "C1"})
    await slack.until(lambda: bool(slack.called("chat.startStream")))
    assert slack.called("chat.startStream")[0]["recipient_team_id"] == "TOTHER"


async def test_all_sentences_arrive_once_and_in_their_order(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 3)
    assistant.go_on()
    await finished_reply(slack, state, question(slack, asked))
    assert "".join(slack.streams.texts) == words(3)


async def test_streamed_answer_ends_like_a_posted_one(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    await start()
    asked = await slack.mention("C1", "When?")
    reply = await finished_reply(slack, state, question(slack, asked))
    assert is_as_posted(reply, assistant)


async def test_stop_of_the_stream_completes_the_message(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    assistant.rest = "That was not said before. [1]"
    asked = await mention_with_sentences(slack, start, assistant, 3)
    # Nobody may edit here: what the stream ends with has to do.
    slack.faults["chat.update"] = [Fault("refuse", error="edit_window_closed")]
    assistant.go_on()
    reply = await finished_reply(slack, state, question(slack, asked))
    posted = complete_answer(assistant.reply, question(slack, asked).key)
    assert reply["text"] == words(3) + assistant.rest
    assert reply["blocks"][1:] == list(posted.below or ())


async def test_low_confidence_answer_gets_its_opening_at_the_end(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    assistant.confidence = "low"
    await start()
    asked = await slack.mention("C1", "When?")
    reply = await finished_reply(slack, state, question(slack, asked))
    assert "nobody has decided" in reply["blocks"][0]["elements"][0]["text"]


async def test_follow_up_knows_the_streamed_answer(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    await start()
    asked = await slack.mention("C1", "When?")
    await finished_reply(slack, state, question(slack, asked))
    await slack.mention("C1", "And where?", thread=asked["ts"])
    await slack.until(lambda: len(assistant.asked) == 2)
    assert [turn.text for turn in assistant.asked[1][1]] == ["When?", assistant.reply.text]


async def test_apology_replaces_the_streamed_message(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    assistant.fails = RuntimeError("broken")
    asked = await mention_with_sentences(slack, start, assistant, 1)
    assistant.go_on()
    assert "something went wrong" in (await finished_reply(slack, state, question(slack, asked)))["text"]


# Where Slack does not stream


@pytest.mark.parametrize("word", ["unknown_method", "channel_type_not_supported"])
async def test_where_streaming_is_refused_the_message_is_posted_and_updated(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant, word: str
) -> None:
    slack.streams.unsupported = word
    await start()
    assistant.hold_after(1)
    asked = await slack.mention("C1", "When?")
    first = await slack.reply("C1", asked["ts"])
    assert first["blocks"] == list(plain_message(SENTENCES[0]).blocks)
    assistant.gates[1].set()
    await slack.until(lambda: bool(slack.called("chat.update")))
    assert first["blocks"] == list(plain_message(" ".join(SENTENCES[:2])).blocks)
    assistant.go_on()
    assert is_as_posted(await finished_reply(slack, state, question(slack, asked)), assistant)


async def test_channel_that_refuses_streams_is_remembered(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    slack.streams.unsupported = "channel_type_not_supported"
    await start()
    assistant.hold_after(3)
    for number in (1, 2):
        asked = await slack.mention("C1", "When?")
        await slack.until(lambda n=number: len(slack.called("chat.postMessage")) == n)
        assistant.go_on()
        await finished_reply(slack, state, question(slack, asked))
    assert len(slack.called("chat.startStream")) == 1


async def test_other_refusal_holds_for_one_answer(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    slack.faults["chat.startStream"] = [Fault("refuse", error="team_access_not_granted")]
    await start()
    for number in (1, 2):
        assistant.hold_after(1)
        asked = await slack.mention("C1", "When?")
        await slack.until(lambda n=number: len(slack.called("chat.startStream")) == n)
        assistant.go_on()
        await finished_reply(slack, state, question(slack, asked))
    assert "".join(slack.streams.texts).startswith(words(1))


async def test_direct_message_is_answered_by_a_stream(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    await start()
    assistant.hold_after(1)
    asked = await slack.direct("When?")
    await slack.until(lambda: "".join(slack.streams.texts) == words(1))
    assistant.go_on()
    reply = await finished_reply(slack, state, question(slack, asked, "D1"))
    assert is_as_posted(reply, assistant)


async def _nothing(_job: Job[QuestionJob]) -> None:
    pass


async def _stream(slack: FakeSlack, state: QuestionStore, asked: SlackMessage) -> Stream:
    quick = SlackClients(slack.bot_token, slack.url).unretried
    streams = Streams(quick, Poster(quick, quick, slack.bot_user), state, update_every=0.3)
    streams.refused.add("D1")
    runner = Runner(renew_every=1.0, lease_seconds=60.0)
    runner.do(state, _nothing)
    job = await runner.call(state.claim, asked, runner.holder)
    assert job is not None
    return Stream(streams, job, runner)


async def test_updates_are_paced(slack: FakeSlack, state: QuestionStore) -> None:
    stream = await _stream(slack, state, question(slack, slack.say("D1", "When?"), "D1"))
    for number, sentence in enumerate(SENTENCES, 1):
        stream.on_sentence(StreamedSentence(f" {sentence}", ()))
        await slack.until(lambda n=number: sum(name.startswith("chat.") for name, *_ in slack.calls) == n)
    await stream.close()
    times = [at for name, _, at in slack.calls if name.startswith("chat.")]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.3


async def test_lines_that_are_sent_at_once_stay_lines(slack: FakeSlack, state: QuestionStore) -> None:
    stream = await _stream(slack, state, question(slack, slack.say("C1", "When?")))
    for text in ("Dates:", "\n• May. [1]", "\n• June. [2]"):
        stream.on_sentence(StreamedSentence(text, ()))
    await slack.until(lambda: bool(slack.streams.texts))
    await stream.close()
    assert slack.streams.texts == ["Dates:\n• May. [1]\n• June. [2] "]


# When Slack stumbles


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("chat.startStream", Fault("429", retry_after=0)),
        ("chat.startStream", Fault("500")),
        ("chat.startStream", Fault("500", done=True)),
        ("chat.startStream", Fault("drop")),
        ("chat.startStream", Fault("drop", done=True)),
        ("chat.startStream", Fault("refuse", error="not_in_channel")),
        ("chat.appendStream", Fault("429", retry_after=0)),
        ("chat.appendStream", Fault("500")),
        ("chat.appendStream", Fault("500", done=True)),
        ("chat.appendStream", Fault("drop", done=True)),
        ("chat.appendStream", Fault("refuse", error=OVER)),
        ("chat.appendStream", Fault("refuse", error="stopped_by_user")),
        ("chat.stopStream", Fault("500", done=True)),
        ("chat.stopStream", Fault("refuse", error="invalid_blocks")),
        ("chat.update", Fault("drop", done=True)),
        ("chat.update", Fault("refuse", error="streaming_state_conflict")),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.error} {value.done}",
)
@pytest.mark.parametrize("cards", [False, True], ids=["text", "cards"])
async def test_one_failed_call_gives_one_whole_message(
    slack: FakeSlack,
    start: Start,
    state: QuestionStore,
    assistant: StreamingAssistant,
    method: str,
    fault: Fault,
    cards: bool,
) -> None:
    assistant.progress = cards
    slack.faults[method] = [fault]
    await start()
    assistant.hold_after(1)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: bool(slack.called("chat.startStream")))
    assistant.go_on()
    assert is_as_posted(await finished_reply(slack, state, question(slack, asked)), assistant)


async def test_ended_stream_continues_by_updates(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 1)
    slack.streams.expire()
    assistant.gates[1].set()
    await slack.until(lambda: bool(slack.called("chat.update")))
    assert slack.called("chat.update")[0]["text"].startswith(
        "The Summit is on 22-23 September 2024. [1] It is"
    )
    assistant.go_on()
    assert is_as_posted(await finished_reply(slack, state, question(slack, asked)), assistant)


async def test_an_answer_whose_message_was_deleted_is_posted_anew(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = await mention_with_sentences(slack, start, assistant, 1)
    slack.messages["C1"].remove(slack.replies("C1", asked["ts"])[0])
    assistant.go_on()
    assert is_as_posted(await finished_reply(slack, state, question(slack, asked)), assistant)
