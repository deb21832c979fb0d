"""Streamed answers: in order, in one message, whole at the end whatever fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.answering.answer import Progress
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster, payload_of
from bot.slack.features.questions.streaming import task_cards
from bot.wiring import Services
from store.jobs import QuestionStore, SlackMessage
from tests.bot.gold_runs import with_model
from tests.bot.models.fake_chat import FakeChat, Reply
from tests.bot.slack.conftest import PATIENT, Start, running, until_finished
from tests.bot.slack.core.sending.abandoned_jobs import died_over
from tests.bot.slack.features.questions.real_assistant import RealAssistant
from tests.bot.slack.features.questions.streaming_assistant import (
    SENTENCES,
    StreamingAssistant,
    finished_reply,
    is_whole,
    mention_with_sentences,
    question,
    words,
)
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import labels
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


async def test_what_comes_before_the_next_piece_is_due_ends_the_stream(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    await start(timing=replace(PATIENT, stream_every=1000.0))
    assistant.hold_after(1)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: "".join(slack.streams.texts) == words(1))
    assistant.gates[1].set()
    # Meanwhile the bot does other things.
    for _ in range(5):
        await slack.response(await slack.command("help"))
    assistant.go_on()
    reply = await finished_reply(slack, state, question(slack, asked))

    assert is_whole(reply, assistant)
    assert slack.called("chat.appendStream") == []


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


async def test_a_refusal_ends_the_stream_of_its_cards(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    assistant.progress, assistant.says, assistant.confidence = True, (), "low"
    await start()
    assistant.hold_after(0)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: bool(slack.streams.cards))
    assistant.go_on()
    reply = await finished_reply(slack, state, question(slack, asked))
    assert "nobody has decided" in str(reply["blocks"])
    assert "Searched 3 documents" in str(reply["blocks"])
    assert (slack.called("chat.delete"), slack.called("chat.postMessage")) == ([], [])


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


async def test_sentences_that_were_shown_stay_with_their_sources(
    slack: FakeSlack, bot: object, assistant: StreamingAssistant, state: QuestionStore
) -> None:
    assistant.hold_after(1)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: "".join(slack.streams.texts) == words(1))
    await slack.press_stop("C1", asked["ts"])
    await until_finished(state, SlackMessage(slack.team, "C1", asked["ts"], asked["ts"], "U1", "When?"))
    [reply] = slack.replies("C1", asked["ts"])
    assert (SENTENCES[0] in str(reply["blocks"]), SENTENCES[1] in str(reply["blocks"])) == (True, False)
    assert "Stopped. A language model wrote the text above." in str(reply["blocks"])
    assert labels(reply) == ["Source (1)"]
    assistant.go_on()


# A process that was killed while it streamed


def begun(slack: FakeSlack, state: QuestionStore, *, recorded: bool) -> SlackMessage:
    """Leave a question as a process does that is killed while it streams; `recorded`: it knew the message's name."""
    asked = question(slack, slack.say("C1", "When?"))
    job = died_over(state, asked, 1)
    state.change(job.lease, sending=True)
    message = slack.channels.put("C1", {"thread_ts": asked.ts, "text": words(1), "blocks": []})
    slack.channels.streaming.add(message["ts"])
    if recorded:
        state.change(job.lease, reply_ts=message["ts"])
    state.release(job.lease, failed=True)
    return asked


@pytest.mark.parametrize("recorded", [True, False])
async def test_interrupted_stream_is_replaced(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant, recorded: bool
) -> None:
    asked = begun(slack, state, recorded=recorded)
    await start()
    assert is_whole(await finished_reply(slack, state, asked), assistant)


async def test_the_stream_of_another_question_is_left_alone(slack: FakeSlack, state: QuestionStore) -> None:
    asked = begun(slack, state, recorded=True)
    other = SlackMessage(slack.team, "C1", asked.ts.replace(".", ".0"), asked.ts, "U1", "And?")
    quick = SlackClients(slack.bot_token, slack.url).unretried
    poster = Poster(quick, quick, slack.bot_user)
    found = [await poster.find_stream(other, known) for known in (set[str](), state.replies(other))]
    assert [each is None for each in found] == [False, True]


# Cards: what was searched, checked and left out


async def test_cards_show_what_is_done_before_the_first_sentence_and_to_the_end(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    def titles() -> list[tuple[str, str]]:
        return [(card["title"], card["status"]) for card in slack.streams.cards]

    assistant.progress = True
    asked = await mention_with_sentences(slack, start, assistant, 0)
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


# The real search and verification: no sentence that they refuse reaches Slack

WHEN = "When is the Summit of the Future?"
RIGHT = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."
TOLD = "The Summit of the Future is scheduled for 22-23 September 2024. [1]"
PACT = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1]."
FALSE = "The Summit of the Future was moved to Reykjavik [1]."


def with_reply(services: Services, reply: Reply) -> RealAssistant:
    """Return the program's own assistant with a model that replies so."""
    return RealAssistant(with_model(services, "fake:model", FakeChat([reply]).make).assistant)


async def test_nothing_unverified_reaches_slack(
    slack: FakeSlack, state: QuestionStore, report: Services
) -> None:
    async with running(slack, with_reply(report, f"{FALSE} {RIGHT} {FALSE} {PACT}"), state):
        message = await slack.mention("C1", WHEN)
        reply = await finished_reply(slack, state, question(slack, message))
    assert "Pact for the Future" in str(reply["blocks"])
    assert "Reykjavik" not in str(slack.calls)


@pytest.mark.parametrize("reply", [f"{FALSE} {FALSE}", "NO ANSWER", [ConnectionError("cut")]])
async def test_answer_without_judged_sentences_is_sent_whole(
    slack: FakeSlack, state: QuestionStore, report: Services, reply: Reply
) -> None:
    async with running(slack, with_reply(report, reply), state):
        message = await slack.mention("C1", WHEN)
        posted = await finished_reply(slack, state, question(slack, message))
    # Cards may have come before it, and nothing of the text.
    assert len(slack.streams.texts) <= 1
    assert payload_of(posted)["question"] == question(slack, message).key
