"""Followed threads: questions without a mention are answered, and people are left to talk to each other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from bot.answering.question import Turn
from bot.errors import ModelError
from store.jobs import Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start
from tests.fake_slack.channels import Message
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import until_stored


async def answered_thread(slack: FakeSlack) -> Message:
    """Have the bot answer a mention; return it."""
    asked = await slack.mention("C1", "When is the summit?")
    await slack.reply("C1", asked["ts"])
    # Its status is cleared after the answer is recorded.
    await slack.until(lambda: slack.agents.is_cleared(asked["ts"]))
    return asked


async def after_all(slack: FakeSlack, assistant: Assistant, thread: str) -> list[str]:
    """Return what the bot was asked until now."""
    await slack.mention("C1", "Anything else?", thread=thread)
    await slack.until(lambda: "Anything else?" in assistant.questions)
    return assistant.questions[:-1]


class Judge:
    """Says what it is told, and remembers what it was asked."""

    def __init__(self, *verdicts: bool | ModelError) -> None:
        self._verdicts = list(verdicts)
        self.asked: list[tuple[str, list[str]]] = []
        self._calls = threading.Semaphore(0)

    async def called(self) -> None:
        """Wait for its next call."""
        assert await asyncio.to_thread(self._calls.acquire, timeout=60)

    def __call__(self, message: str, history: Sequence[Turn]) -> bool:
        self.asked.append((message, [turn.text for turn in history]))
        self._calls.release()
        verdict = self._verdicts.pop(0)
        if isinstance(verdict, ModelError):
            raise verdict
        return verdict


async def test_follow_up_without_a_mention_is_answered(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    judge = Judge(True)
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"], user="U2")
    assert "You asked: and where is it?" in (await slack.reply("C1", asked["ts"], 2))["text"]
    assert [turn.speaker for turn in assistant.asked[1][1]] == ["user", "assistant"]


async def test_model_knows_what_colleagues_said(slack: FakeSlack, start: Start, assistant: Assistant) -> None:
    judge = Judge(False, True)
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "shall we go?", asked["ts"])
    await judge.called()
    await slack.reply_in_thread("C1", "tell us where it is", asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assert assistant.questions == ["When is the summit?", "tell us where it is"]
    assert judge.asked[1] == (
        "tell us where it is",
        ["When is the summit?", "You asked: When is the summit? [1]", "shall we go?"],
    )


@pytest.mark.parametrize(
    "text",
    ["<@U2> shall we go?", "@amina will you go?", "<!subteam^S02STAFF> will you go?", "and you, @here?"],
)
async def test_message_that_mentions_somebody_is_left_alone(
    slack: FakeSlack, start: Start, assistant: Assistant, text: str
) -> None:
    judge = Judge()
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", text, asked["ts"])
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]
    assert judge.asked == []


@pytest.mark.parametrize("text", ["what is in <#C02GENERAL>?", "write to info@itu.int?"])
async def test_channel_or_address_is_no_mention(
    slack: FakeSlack, start: Start, assistant: Assistant, text: str
) -> None:
    await start(asks_assistant=Judge(True))
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", text, asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assert len(assistant.questions) == 2


async def test_threads_without_an_answer_are_not_followed(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    judge = Judge()
    await start(asks_assistant=judge)
    root = slack.say("C1", "The summit!")
    await slack.reply_in_thread("C1", "When is it?", root["ts"])
    assert await after_all(slack, assistant, root["ts"]) == []
    assert judge.asked == []


async def test_without_a_model_no_thread_is_followed(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"])
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]


async def test_when_the_model_fails_the_bot_stays_silent(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    judge = Judge(ModelError("it is down"))
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"])
    await judge.called()
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]


async def test_guest_in_a_followed_thread_is_not_answered_and_not_told(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    slack.directory.people["U5"] = {"is_restricted": True}
    judge = Judge()
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    slack.agents.is_agent = False
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"], user="U5")
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]
    assert (judge.asked, slack.directory.whispers) == ([], [])


async def test_followed_questions_count_for_the_limit(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    judge = Judge(True, True)
    await start(questions_per_minute=2, asks_assistant=judge)
    asked = await answered_thread(slack)
    for number, text in enumerate(("and where?", "and who?"), 2):
        await slack.reply_in_thread("C1", text, asked["ts"])
        await judge.called()
        if number == 2:
            await slack.reply("C1", asked["ts"], number)
    other = await slack.mention("C1", "Who?", user="U2")
    await slack.reply("C1", other["ts"])
    assert assistant.questions == ["When is the summit?", "and where?", "Who?"]


async def test_what_is_not_asked_is_not_kept(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    await start(asks_assistant=Judge(False))
    asked = await answered_thread(slack)
    said = await slack.reply_in_thread("C1", "We meet at noon", asked["ts"])
    await after_all(slack, assistant, asked["ts"])
    message = SlackMessage(slack.team, "C1", said["ts"], asked["ts"], "U1", "")
    # It can be claimed, so there is no job of it any more.
    await until_stored(lambda: state.claim(message, Holder("me", 20.0)) is not None)


async def test_followed_question_is_decided_on_again_after_a_crash(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    asked = SlackMessage(slack.team, "C1", "1.000001", "1.000001", "U1", "When?")
    answered = state.claim(asked, Holder("gone", 20.0))
    assert answered is not None
    state.save_reply(answered.lease, "In May.", None)
    state.finish(answered.lease, outcome="answer", reply_ts="1.000002")
    for text in ("and where is it?", "see you there"):
        ts = slack.say("C1", text, thread=asked.ts)["ts"]
        message = SlackMessage(slack.team, "C1", ts, asked.ts, "U1", text)
        assert state.claim(message, Holder("gone", 0.0), followed=True) is not None
    await start(asks_assistant=lambda message, _history: message.startswith("and"))
    assert "You asked: and where is it?" in (await slack.reply("C1", asked.ts))["text"]
    assert assistant.questions == ["and where is it?"]


async def test_message_over_which_processes_died_is_forgotten(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    gone, judge = Holder("gone", 60.0), Judge(True)
    message = SlackMessage(slack.team, "C1", "2.000001", "1.000001", "U2", "and where is it?")
    job = state.claim(message, gone, followed=True)
    assert job is not None
    state.release(job.lease, failed=True)
    [job] = state.adopt(gone)
    state.release(job.lease, failed=True)
    await start(asks_assistant=judge)
    await until_stored(lambda: state.claim(message, gone) is not None)
    assert judge.asked == []
