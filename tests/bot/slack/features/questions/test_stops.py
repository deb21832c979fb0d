"""Slack's stop button: the work on a thread's questions ends, and the bot says so."""

from __future__ import annotations

from store.jobs import Holder, QuestionJob, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start
from tests.fake_slack.slack import FakeSlack


async def test_stop_concerns_all_questions_of_its_thread_and_no_other(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    assistant.go.clear()
    asked = await slack.mention("C1", "When?")
    await slack.mention("C1", "And where?", thread=asked["ts"])
    other = await slack.mention("C1", "Who?")
    await assistant.until_at_work_on(2)
    await slack.press_stop("C1", asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    assistant.go.set()
    assert "You asked: Who?" in (await slack.reply("C1", other["ts"]))["text"]
    assert [reply["text"][:8] for reply in slack.replies("C1", asked["ts"])] == ["Stopped."] * 2
    assert sorted(assistant.questions) == ["When?", "Who?"]


async def test_stop_that_comes_to_another_bot_ends_the_work(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    for _ in range(2):
        await start()
    assistant.go.clear()
    # Slack gives events to the bots in turn.
    asked = await slack.mention("C1", "When?")
    await assistant.until_at_work_on(1)
    await slack.press_stop("C1", asked["ts"])
    assert (await slack.reply("C1", asked["ts"]))["text"].startswith("Stopped.")
    await slack.until(lambda: slack.agents.sessions[asked["ts"]][-1] == "active")


async def test_question_that_was_stopped_before_its_process_ended_is_not_answered(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    ts = slack.say("C1", "When?")["ts"]
    job = state.claim(QuestionJob(SlackMessage(slack.team, "C1", ts, ts, "U1", "When?")), Holder("gone", 0.0))
    assert job is not None
    state.stop(slack.team, "C1", ts)
    await start()
    assert (await slack.reply("C1", ts))["text"].startswith("Stopped.")
    assert assistant.asked == []


async def test_stop_without_an_open_question_clears_the_status(slack: FakeSlack, bot: object) -> None:
    thread = slack.say("C1", "When?")["ts"]
    await slack.press_stop("C1", thread)
    await slack.until(lambda: slack.agents.sessions.get(thread) == ["active"])
