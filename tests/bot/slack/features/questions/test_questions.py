"""Questions over Socket Mode: each is answered once, in its place, with its history."""

from __future__ import annotations

import pytest

from bot.answering.question import Turn
from bot.slack.features.questions import conversation
from store.errors import ModelChanged
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Assistant, Start, running
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

RESTART = "I cannot answer until I am restarted. Please tell whoever runs me."


async def settle(slack: FakeSlack, thread: str) -> None:
    """Wait until everything asked in the thread so far is done: what is asked last is answered last."""
    await slack.mention("C1", "anything else?", thread=thread)
    await slack.until(
        lambda: any("anything else?" in message["text"] for message in slack.replies("C1", thread))
    )


async def test_question_with_a_nul_character_is_stored_and_answered(slack: FakeSlack, bot: object) -> None:
    asked = await slack.mention("C1", "When is\0 the summit?")
    assert "You asked: When is the summit?" in (await slack.reply("C1", asked["ts"]))["text"]


async def test_bot_with_a_former_embedding_model_says_that_it_has_to_be_restarted(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    assistant.fails = ModelChanged("the documents were embedded with another model")
    asked = await slack.mention("C1", "When is the summit?")
    assert (await slack.reply("C1", asked["ts"]))["text"] == RESTART


async def test_answer_is_not_unfurled(slack: FakeSlack, bot: object) -> None:
    asked = await slack.mention("C1", "When is the summit?")
    reply = await slack.reply("C1", asked["ts"])
    assert (reply["unfurl_links"], reply["unfurl_media"]) == (False, False)


async def test_follow_up_knows_the_thread(slack: FakeSlack, bot: object, assistant: Assistant) -> None:
    asked = await slack.mention("C1", "When is the summit?")
    await slack.reply("C1", asked["ts"])
    slack.say("C1", "I think it moved to New York", user="U2", thread=asked["ts"])
    await slack.mention("C1", "and where is it?", thread=asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assert assistant.asked[-1] == (
        "and where is it?",
        [
            Turn("user", "When is the summit?"),
            Turn("assistant", "You asked: When is the summit? [1]"),
            Turn("user", "I think it moved to New York"),
        ],
    )


async def test_follow_up_knows_the_newest_messages_of_a_long_thread(
    slack: FakeSlack, bot: object, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine, five calls of Slack may take longer.
    monkeypatch.setattr(conversation, "_PATIENCE_SECONDS", 100.0)
    root = slack.say("C1", "Long ago")
    for number in range(1_200):
        slack.say("C1", f"word {number}", user="U2", thread=root["ts"])
    await slack.mention("C1", "and where is it?", thread=root["ts"])
    await slack.reply("C1", root["ts"])
    assert [turn.text for turn in assistant.asked[-1][1]] == [f"word {n}" for n in range(1_180, 1_200)]


@pytest.mark.parametrize(
    "fault", [Fault("429", retry_after=60), Fault("500"), Fault("drop"), Fault("refuse")]
)
async def test_follow_up_uses_recorded_turns_when_slack_fails(
    slack: FakeSlack, bot: object, assistant: Assistant, fault: Fault
) -> None:
    asked = await slack.mention("C1", "When is the summit?")
    await slack.reply("C1", asked["ts"])
    slack.faults["conversations.replies"] = [fault]
    await slack.mention("C1", "and where is it?", thread=asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assert [turn.text for turn in assistant.asked[-1][1]] == [
        "When is the summit?",
        "You asked: When is the summit? [1]",
    ]


@pytest.mark.parametrize("place", ["in the thread", "below it"])
async def test_follow_up_in_a_direct_message_has_its_history(
    slack: FakeSlack, bot: object, assistant: Assistant, place: str
) -> None:
    asked = await slack.direct("When is the summit?")
    await slack.reply("D1")
    await slack.direct("and where is it?", thread=asked["ts"] if place == "in the thread" else "")
    await slack.reply("D1", number=2)
    assert [turn.speaker for turn in assistant.asked[-1][1]] == ["user", "assistant"]


async def test_follow_up_below_a_running_direct_answer_waits_for_it(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    assistant.go.clear()
    await slack.direct("When is the summit?")
    await slack.direct("and where is it?")
    assistant.go.set()
    await slack.reply("D1", number=2)
    assert [turn.speaker for turn in assistant.asked[-1][1]] == ["user", "assistant"]


async def test_direct_message_after_hours_starts_a_new_conversation(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    await slack.direct("When is the summit?")
    await slack.reply("D1")
    slack.pass_time(24 * 3600)
    await slack.direct("and where is it?")
    await slack.reply("D1", number=2)
    assert assistant.asked[-1][1] == []


async def test_history_survives_a_restart(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    async with running(slack, assistant, state):
        asked = await slack.mention("C1", "When is the summit?")
        await slack.reply("C1", asked["ts"])
    await start()
    slack.faults["conversations.replies"] = [Fault("500")]
    await slack.mention("C1", "and where is it?", thread=asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assert [turn.speaker for turn in assistant.asked[-1][1]] == ["user", "assistant"]


async def test_event_delivered_twice_is_answered_once(slack: FakeSlack, bot: object) -> None:
    asked = await slack.mention("C1", "When?")
    event = {**asked, "type": "app_mention", "channel": "C1"}
    await slack.deliver(event, "Ev-same")
    await slack.deliver(event, "Ev-same")
    await settle(slack, asked["ts"])
    assert len(slack.replies("C1", asked["ts"])) == 2


async def test_mention_that_also_comes_as_a_message_is_answered_once(slack: FakeSlack, bot: object) -> None:
    asked = await slack.mention("C1", "When?")
    await slack.deliver({**asked, "channel": "C1", "channel_type": "channel"})
    await settle(slack, asked["ts"])
    assert len(slack.replies("C1", asked["ts"])) == 2


async def test_mention_that_comes_as_a_message_only_is_answered(slack: FakeSlack, bot: object) -> None:
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    await slack.deliver({**asked, "channel": "C1", "channel_type": "channel"})
    assert "When?" in (await slack.reply("C1", asked["ts"]))["text"]


@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "B9"},
        {"user": "U0BOT"},
        {"edited": {"user": "U1", "ts": "1.0"}},
        {"subtype": "bot_message"},
        {"subtype": "message_changed", "message": {"text": "new"}},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
    ],
)
async def test_event_without_question_is_only_acknowledged(
    slack: FakeSlack, bot: object, assistant: Assistant, change: dict[str, object]
) -> None:
    message = slack.say("D1", "Not for you")
    await slack.deliver({**message, "channel": "D1", "channel_type": "im", **change})
    await slack.direct("For you?")
    await slack.reply("D1")
    assert assistant.questions == ["For you?"]


async def test_channel_message_without_mention_is_ignored(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    message = slack.say("C1", "Did you hear about the summit?")
    await slack.deliver({**message, "channel": "C1", "channel_type": "channel"})
    await slack.direct("For you?")
    await slack.reply("D1")
    assert assistant.questions == ["For you?"]


async def test_empty_mention_gets_help(slack: FakeSlack, bot: object, assistant: Assistant) -> None:
    asked = await slack.mention("C1", "  ")
    reply = await slack.reply("C1", asked["ts"])
    assert reply["text"].startswith("Ask me about ITU")
    assert assistant.asked == []


async def test_too_long_question_is_explained(slack: FakeSlack, bot: object) -> None:
    await slack.direct("why " * 5_000)
    assert "characters" in (await slack.reply("D1"))["text"]


async def test_error_becomes_an_apology_with_a_logged_reference(
    slack: FakeSlack,
    bot: object,
    assistant: Assistant,
    state: QuestionStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assistant.fails = RuntimeError("secret detail at /srv/data/catalog.db")
    await slack.direct("When?")
    reply = await slack.reply("D1")
    [record] = [r for r in caplog.records if r.exc_info and "secret detail" in str(r.exc_info[1])]
    reference = record.getMessage().split(":")[0]
    assert "secret" not in str(reply)
    assert reference in reply["text"]


async def test_undeliverable_reply_is_recorded(
    slack: FakeSlack, bot: object, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="is_archived")]
    await slack.mention("C9", "When?")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 1)
    await slack.direct("And here?")
    await slack.reply("D1")
    assert slack.messages["C9"][1:] == []
    assert "is_archived" in caplog.text


async def test_threads_are_answered_concurrently(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start(workers=3)
    assistant.go.clear()
    asked = [await slack.mention(f"C{n}", "When?") for n in range(8)]
    await assistant.until_at_work_on(3)
    assistant.go.set()
    for n, question in enumerate(asked):
        await slack.reply(f"C{n}", question["ts"])
    assert assistant.widest == 3
