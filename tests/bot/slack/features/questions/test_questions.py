"""Questions over Socket Mode: each is answered once, in its place, with its history."""

from __future__ import annotations

import pytest

from bot.answering.question import Turn
from bot.slack.features.questions import conversation
from store.errors import ModelChanged, SchemaMismatch
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Assistant, Start, running
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

RESTART = "I cannot answer until I am restarted. Please tell whoever runs me."


async def test_question_with_a_nul_character_is_stored_and_answered(slack: FakeSlack, bot: object) -> None:
    asked = await slack.mention("C1", "When is\0 the summit?")
    reply = await slack.reply("C1", asked["ts"])
    assert "You asked: When is the summit?" in reply["text"]
    assert (reply["unfurl_links"], reply["unfurl_media"]) == (False, False)


@pytest.mark.parametrize("error", [ModelChanged("x"), SchemaMismatch("x")])
async def test_bot_whose_store_is_of_another_version_says_that_it_has_to_be_restarted(
    slack: FakeSlack, bot: object, assistant: Assistant, error: Exception
) -> None:
    assistant.fails = error
    await slack.direct("When is the summit?")
    assert (await slack.reply("D1"))["text"] == RESTART


async def test_follow_up_knows_the_thread(slack: FakeSlack, bot: object, assistant: Assistant) -> None:
    asked = await slack.mention("C1", "When is the summit?")
    await slack.reply("C1", asked["ts"])
    slack.say("C1", "I think it moved to New York", user="U2", thread=asked["ts"])
    slack.say("C1", "Build failed", user="U9", thread=asked["ts"], bot_id="B7")
    slack.say("C1", "<@U3> has joined", user="U3", thread=asked["ts"], subtype="channel_join")
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


async def test_follow_up_uses_recorded_turns_also_of_a_former_bot_when_slack_fails(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    async with running(slack, assistant, state):
        asked = await slack.mention("C1", "When is the summit?")
        await slack.reply("C1", asked["ts"])
    await start()
    for number, fault in enumerate((Fault("429", retry_after=60), Fault("500"), Fault("drop")), 2):
        slack.faults["conversations.replies"] = [fault]
        await slack.mention("C1", "and where is it?", thread=asked["ts"])
        await slack.reply("C1", asked["ts"], number)
        assert [turn.text for turn in assistant.asked[-1][1]][:2] == [
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


async def test_mention_is_answered_once_however_often_and_in_whatever_form_it_comes(
    slack: FakeSlack, bot: object
) -> None:
    said = [slack.say("C1", f"<@{slack.bot_user}> When?") for _ in range(2)]
    for message in said:
        as_message = {**message, "channel": "C1", "channel_type": "channel"}
        await slack.deliver(as_message)
        await slack.deliver({**as_message, "type": "app_mention"}, "Ev-same")
        await slack.deliver({**as_message, "type": "app_mention"}, "Ev-same")
    for message in said:
        # What is asked last in a thread is answered last.
        await slack.mention("C1", "anything else?", thread=message["ts"])
        await slack.until(lambda ts=message["ts"]: "anything else?" in str(slack.replies("C1", ts)))
        assert len(slack.replies("C1", message["ts"])) == 2


@pytest.mark.parametrize(
    "change",
    [
        # A message in a channel that mentions nobody.
        {"channel": "C1", "channel_type": "channel"},
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


async def test_what_is_no_question_gets_help(slack: FakeSlack, bot: object, assistant: Assistant) -> None:
    asked = await slack.mention("C1", "  ")
    assert (await slack.reply("C1", asked["ts"]))["text"].startswith("Ask me about ITU")
    await slack.direct("why " * 5_000)
    assert "characters" in (await slack.reply("D1"))["text"]
    assert assistant.asked == []


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


@pytest.mark.parametrize("code", ["not_in_channel", "restricted_action_read_only_channel"])
async def test_reply_that_its_channel_does_not_take_goes_to_the_asker(
    slack: FakeSlack, bot: object, code: str
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error=code)]
    await slack.mention("C9", "When?")
    assert (await slack.reply("D1"))["text"].startswith("You asked: “When?”")
    assert slack.messages["C9"][1:] == []


async def test_undeliverable_reply_is_recorded(
    slack: FakeSlack, bot: object, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="is_archived")] * 2
    await slack.mention("C9", "When?")
    await slack.until(lambda: len(slack.called("chat.postMessage")) == 2)
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


# Mentions of people, channels and user groups: the assistant reads their names


async def test_mentions_of_others_are_read_by_their_names(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    slack.directory.people["U2"] = {"profile": {"display_name": "amina", "real_name": "Amina Diop"}}
    slack.directory.people["U3"] = {"profile": {"display_name": "", "real_name": "Bo Li"}}
    slack.directory.places["C2"] = {"name": "wsis"}
    slack.directory.places["C3"] = {"name": "secret", "is_private": True}
    slack.hosted.groups["S1"] = []
    await slack.mention(
        "C1", "Do <@U2>, <@U3> and <!subteam^S1> of <#C2> and <#C3> go to @UNESCO for #GDC25?"
    )
    await slack.until(lambda: bool(assistant.asked))
    assert assistant.questions == [
        "Do @amina, @Bo Li and @s1-team of #wsis and #channel go to @UNESCO for #GDC25?"
    ]
