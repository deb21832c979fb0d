"""Followed threads: questions without a mention are answered, and people are left to talk to each other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from bot.errors import ModelError
from bot.question import Turn
from bot.slack.handlers.following import Addressee, addressee
from store.jobs import Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.fakes.channels import Message
from tests.bot.slack.fakes.faults import Fault
from tests.bot.slack.fakes.slack import FakeSlack


@pytest.mark.parametrize(
    ("text", "others_spoke", "put_to"),
    [
        ("and where is it?", False, "bot"),
        ("Is it open? I would like to go.", False, "bot"),
        ("and where is it?", True, "unsure"),
        ("and where is it", False, "unsure"),
        ("Shall we go?", False, "unsure"),
        ("does anybody go?", False, "unsure"),
        ("does anybody go?", True, "others"),
        ("What is in Our Common Agenda?", False, "bot"),
        ("Can you say when the US replies?", False, "bot"),
        ("Thanks a lot", True, "others"),
        ("@amina will you go?", False, "others"),
        ("<@U02AMINA> will you go?", False, "others"),
        ("<!subteam^S02STAFF> will you go?", False, "others"),
        ("what is in <#C02GENERAL>?", False, "bot"),
        ("will you go, @here?", False, "others"),
        ("write to info@itu.int?", False, "bot"),
        ("", False, "others"),
    ],
)
def test_whom_a_message_is_put_to(text: str, others_spoke: bool, put_to: Addressee) -> None:
    assert addressee(text, others_spoke=others_spoke) == put_to


async def answered_thread(slack: FakeSlack) -> Message:
    """Have the bot answer a mention; return it."""
    asked = await slack.mention("C1", "When is the summit?")
    await slack.reply("C1", asked["ts"])
    # Its status is cleared after the answer is recorded.
    await slack.until(lambda: slack.agents.sessions[asked["ts"]][-1] == "active")
    return asked


async def after_all(slack: FakeSlack, assistant: Assistant, thread: str) -> list[str]:
    """Return what the bot was asked until now."""
    await slack.mention("C1", "Anything else?", thread=thread)
    await slack.until(lambda: "Anything else?" in assistant.questions)
    return assistant.questions[:-1]


async def test_follow_up_without_a_mention_is_answered(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"], user="U2")
    assert "You asked: and where is it?" in (await slack.reply("C1", asked["ts"], 2))["text"]
    assert [turn.speaker for turn in assistant.asked[1][1]] == ["user", "assistant"]


async def test_own_follow_up_after_own_words_is_answered(slack: FakeSlack, bot: object) -> None:
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "Thank you", asked["ts"])
    await slack.reply_in_thread("C1", "And who comes?", asked["ts"])
    assert "You asked: And who comes?" in (await slack.reply("C1", asked["ts"], 2))["text"]


async def test_people_who_talk_to_each_other_are_left_alone(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "<@U2> will you go?", asked["ts"])
    await slack.reply_in_thread("C1", "I think so", asked["ts"], user="U2")
    await slack.reply_in_thread("C1", "With whom?", asked["ts"])
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]


async def test_threads_without_an_answer_are_not_followed(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    root = slack.say("C1", "The summit!")
    await slack.reply_in_thread("C1", "When is it?", root["ts"])
    assert await after_all(slack, assistant, root["ts"]) == []


async def test_following_can_be_switched_off(slack: FakeSlack, start: Start, assistant: Assistant) -> None:
    await start(follow_threads=False)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"])
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]


async def test_when_slack_does_not_give_the_thread_the_bot_stays_silent(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    asked = await answered_thread(slack)
    slack.faults["conversations.replies"] = [Fault("429", retry_after=60)] * 2
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"])
    await slack.until(lambda: not slack.faults["conversations.replies"])
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]


async def test_guest_in_a_followed_thread_is_not_answered_and_not_told(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    slack.directory.people["U5"] = {"is_restricted": True}
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "and where is it?", asked["ts"], user="U5")
    assert await after_all(slack, assistant, asked["ts"]) == ["When is the summit?"]
    assert slack.directory.whispers == []


async def test_followed_questions_count_for_the_limit(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start(questions_per_minute=2)
    asked = await answered_thread(slack)
    for number, text in enumerate(("and where?", "and who?"), 2):
        await slack.reply_in_thread("C1", text, asked["ts"])
        if number == 2:
            await slack.reply("C1", asked["ts"], number)
            await slack.until(lambda: slack.agents.sessions[asked["ts"]][-1] == "active")
    other = await slack.mention("C1", "Who?", user="U2")
    await slack.reply("C1", other["ts"])
    assert assistant.questions == ["When is the summit?", "and where?", "Who?"]


async def test_what_is_not_asked_is_not_kept(
    slack: FakeSlack, bot: object, assistant: Assistant, state: QuestionStore
) -> None:
    asked = await answered_thread(slack)
    said = await slack.reply_in_thread("C1", "We meet at noon", asked["ts"])
    await after_all(slack, assistant, asked["ts"])
    message = SlackMessage(slack.team, "C1", said["ts"], asked["ts"], "U1", "")
    # It can be claimed, so there is no job of it any more.
    async with asyncio.timeout(60):
        while state.claim(message, Holder("me", 20.0)) is None:  # noqa: ASYNC110  the database signals nothing
            await asyncio.sleep(0.01)


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


async def test_model_decides_on_what_is_not_plain(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
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


async def test_model_is_not_asked_about_messages_to_others(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    judge = Judge()
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", "<@U2> shall we go?", asked["ts"])
    await after_all(slack, assistant, asked["ts"])
    assert judge.asked == []


@pytest.mark.parametrize(("text", "answers"), [("and where is it?", 2), ("tell us where it is", 1)])
async def test_when_the_model_fails_only_what_is_plain_is_answered(
    slack: FakeSlack, start: Start, assistant: Assistant, text: str, answers: int
) -> None:
    judge = Judge(ModelError("it is down"))
    await start(asks_assistant=judge)
    asked = await answered_thread(slack)
    await slack.reply_in_thread("C1", text, asked["ts"])
    await judge.called()
    await slack.reply("C1", asked["ts"], answers)
    assert len(await after_all(slack, assistant, asked["ts"])) == answers


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
    await start()
    assert "You asked: and where is it?" in (await slack.reply("C1", asked.ts))["text"]
    assert assistant.questions == ["and where is it?"]
