"""Followed threads: questions without a mention are answered, and people are left to talk to each other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from bot.answering.question import Turn
from bot.errors import ModelError
from store.jobs import Holder, QuestionJob, QuestionStore, SlackMessage
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


async def test_model_knows_what_colleagues_said_and_what_is_not_asked_is_not_kept(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    judge = Judge(False, True)
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    said = await slack.reply_in_thread("C1", "shall we go?", asked["ts"])
    await judge.called()
    await slack.reply_in_thread("C1", "tell us where it is", asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assert assistant.questions == ["When is the summit?", "tell us where it is"]
    assert judge.asked[1] == (
        "tell us where it is",
        ["When is the summit?", "You asked: When is the summit? [1]", "shall we go?"],
    )
    message = SlackMessage(slack.team, "C1", said["ts"], asked["ts"], "U1", "")
    # It can be claimed, so there is no job of it any more.
    await until_stored(lambda: state.claim(QuestionJob(message), Holder("me", 20.0)) is not None)


@pytest.mark.parametrize(
    ("text", "followed"),
    [
        ("<@U2> shall we go?", False),
        ("@amina will you go?", False),
        ("<!subteam^S02STAFF> will you go?", False),
        ("and you, @here?", False),
        ("what is in <#C02GENERAL>?", True),
        ("write to info@itu.int?", True),
    ],
)
async def test_message_that_mentions_a_person_is_left_alone(
    slack: FakeSlack, start: Start, assistant: Assistant, text: str, followed: bool
) -> None:
    judge = Judge(True)
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", text, asked["ts"])
    if followed:
        await slack.reply("C1", asked["ts"], 2)
    assert len(await after_all(slack, assistant, asked["ts"])) == 1 + followed
    assert len(judge.asked) == followed


async def test_threads_without_an_answer_are_not_followed(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    judge = Judge()
    await start(asks_assistant=judge)
    root = slack.say("C1", "The summit!")
    await slack.reply_in_thread("C1", "When is it?", root["ts"])
    assert await after_all(slack, assistant, root["ts"]) == []
    assert judge.asked == []


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
    await start(questions_per_minute=2, asks_assistant=Judge(True, True))
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where?", asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    await slack.reply_in_thread("C1", "and who?", asked["ts"])
    other = await slack.mention("C1", "Who?", user="U2")
    await slack.reply("C1", other["ts"])
    assert assistant.questions == ["When is the summit?", "and where?", "Who?"]
