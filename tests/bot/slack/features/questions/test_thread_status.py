"""The status below a thread: shown while a question is answered, and cleared however it ends."""

from __future__ import annotations

import pytest

from bot.slack.core.options import Timing
from bot.slack.core.sending.clients import Refusals, SlackClients
from bot.slack.features.questions.thread_status import ThreadStatuses
from store.jobs import Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, until_finished
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

QUICK = Timing(renew_every=0.05, lease_seconds=30.0, shutdown_patience=15.0, renew_status_every=0.05)


def asked_in(slack: FakeSlack, channel: str = "C1") -> SlackMessage:
    ts = slack.say(channel, "When is the summit?")["ts"]
    return SlackMessage(slack.team, channel, ts, ts, "U1", "When is the summit?")


async def cleared(slack: FakeSlack, thread: str) -> None:
    """Wait until no status is shown."""
    await slack.until(lambda: slack.agents.is_cleared(thread))


async def test_status_is_shown_before_the_answer_and_cleared_after_it(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    assistant.go.clear()
    asked = await slack.mention("C1", "When is the summit?")
    await slack.until(lambda: bool(slack.agents.sessions))
    assert slack.replies("C1", asked["ts"]) == []
    assistant.go.set()
    await cleared(slack, asked["ts"])
    assert slack.agents.sessions[asked["ts"]] == ["processing", "active"]
    assert slack.agents.words == {}


async def test_app_that_is_no_agent_shows_words_and_clears_them(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    slack.agents.is_agent = False
    assistant.go.clear()
    asked = await slack.mention("C1", "When is the summit?")
    await slack.until(lambda: bool(slack.agents.words))
    assistant.go.set()
    await cleared(slack, asked["ts"])
    assert [bool(words) for words in slack.agents.words[asked["ts"]]] == [True, False]


async def test_status_is_shown_while_the_model_loads(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    await start()
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: asked["ts"] in slack.agents.sessions)
    assistant.loaded.set()
    await cleared(slack, asked["ts"])


async def test_status_waits_for_nothing_that_may_be_slow(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start()
    known = await slack.mention("C1", "When?")
    await slack.reply("C1", known["ts"])
    await cleared(slack, known["ts"])
    # The second answer waits for a thread that Slack does not return, and for a model; its asker is known.
    slack.faults["conversations.replies"] = [Fault("hang")]
    assistant.go.clear()
    before = len(slack.calls)
    asked = await slack.mention("C1", "And where?", thread=slack.say("C1", "Hello")["ts"])
    await slack.until(lambda: len(slack.calls) > before)
    assert slack.calls[before][0] == "agents.sessions.setStatus"
    await slack.until(lambda: slack.agents.sessions.get(asked["thread_ts"]) == ["processing"])


async def test_words_are_renewed_before_slack_forgets_them(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    slack.agents.is_agent = False
    await start(timing=QUICK)
    assistant.go.clear()
    asked = await slack.direct("When?")
    await slack.until(lambda: len(slack.agents.words.get(asked["ts"], ())) >= 3)
    assistant.go.set()
    await cleared(slack, asked["ts"])


async def test_session_that_slack_has_not_taken_is_begun_later(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    slack.faults["agents.sessions.setStatus"] = [Fault("500"), Fault("500")]
    await start(timing=QUICK)
    assistant.go.clear()
    asked = await slack.direct("When?")
    await slack.until(lambda: slack.agents.sessions.get(asked["ts"]) == ["processing"])
    assistant.go.set()
    await cleared(slack, asked["ts"])
    # Slack keeps it without renewals.
    assert len(slack.called("agents.sessions.setStatus")) == 4


async def test_status_is_cleared_after_an_error(slack: FakeSlack, bot: object, assistant: Assistant) -> None:
    assistant.fails = RuntimeError("broken")
    asked = await slack.mention("C1", "When?")
    await slack.reply("C1", asked["ts"])
    await cleared(slack, asked["ts"])


async def test_status_is_cleared_through_a_rate_limit(slack: FakeSlack, bot: object) -> None:
    slack.faults["agents.sessions.setStatus"] = [Fault("429", retry_after=0), Fault("429", retry_after=0)]
    asked = await slack.mention("C1", "When?")
    await cleared(slack, asked["ts"])


async def lose_the_clearing(slack: FakeSlack, assistant: Assistant) -> str:
    """Have a question answered whose status Slack does not clear; return its thread."""
    assistant.go.clear()
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: asked["ts"] in slack.agents.sessions)
    slack.faults["agents.sessions.setStatus"] = [Fault("429", retry_after=0)] * 7
    assistant.go.set()
    await slack.reply("C1", asked["ts"])
    await slack.until(lambda: len(slack.faults["agents.sessions.setStatus"]) <= 2)
    return str(asked["ts"])


async def test_clearing_that_slack_has_refused_is_tried_again(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    thread = await lose_the_clearing(slack, assistant)
    await cleared(slack, thread)
    assert len(slack.replies("C1", thread)) == 1


async def test_clearing_is_tried_again_by_another_process(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    ts = slack.say("C1", "When?")["ts"]
    asked = SlackMessage(slack.team, "C1", ts, ts, "U1", "When?")
    job = state.claim(asked, Holder("gone", 30.0))
    assert job is not None
    # As a process that is killed once its answer is recorded.
    slack.agents.sessions[ts] = ["processing"]
    state.finish(job.lease, outcome="answer", done=False)
    state.release(job.lease)
    await start()
    await cleared(slack, ts)
    assert (slack.replies("C1", ts), assistant.asked) == ([], [])
    await until_stored(lambda: open_jobs(state) == 0)


async def test_status_that_slack_has_ended_itself_is_not_cleared_again(slack: FakeSlack) -> None:
    slack.faults["agents.sessions.setStatus"] = [Fault("500")] * 20
    statuses = ThreadStatuses(SlackClients(slack.bot_token, slack.url), 60.0)
    thread = slack.say("C1", "When?")["ts"]
    asked = SlackMessage(slack.team, "C1", f"{float(thread) - 3700:.6f}", thread, "U1", "When?")
    async with statuses.shown(asked):
        await statuses.end(asked)
    assert len(slack.called("agents.sessions.setStatus")) > 1


async def test_conversation_has_the_title_of_its_first_question(slack: FakeSlack, bot: object) -> None:
    asked = await slack.direct("When is the summit? " + "And who comes? " * 20)
    await slack.reply("D1")
    await slack.direct("And where?", thread=asked["ts"])
    await slack.reply("D1", number=2)
    title = slack.agents.titles[asked["ts"]]
    assert title.startswith("When is the summit?")
    assert len(title) <= 80


async def test_app_that_is_no_agent_shows_words_and_asks_for_no_session_again(
    slack: FakeSlack, bot: object
) -> None:
    slack.agents.is_agent = False
    for _ in range(2):
        asked = await slack.mention("C1", "When?")
        await slack.reply("C1", asked["ts"])
        await cleared(slack, asked["ts"])
    assert len(slack.called("agents.sessions.setStatus")) == 1


async def test_status_goes_on_until_the_last_question_of_the_thread(slack: FakeSlack) -> None:
    statuses = ThreadStatuses(SlackClients(slack.bot_token, slack.url), 60.0)
    asked = asked_in(slack)
    async with statuses.shown(asked):
        async with statuses.shown(asked):
            await slack.until(lambda: bool(slack.agents.sessions))
            await statuses.end(asked)
        await statuses.close()
        assert slack.agents.sessions[asked.thread] == ["processing"]
        await statuses.end(asked)
    assert slack.agents.sessions[asked.thread] == ["processing", "active"]


async def test_next_question_of_a_thread_is_shown_after_the_clearing_before_it(slack: FakeSlack) -> None:
    statuses = ThreadStatuses(SlackClients(slack.bot_token, slack.url), 60.0)
    asked = asked_in(slack)
    async with statuses.shown(asked):
        await slack.until(lambda: asked.thread in slack.agents.sessions)
    async with statuses.shown(asked):
        await slack.until(lambda: len(slack.agents.sessions[asked.thread]) == 3)
    await statuses.close()
    assert slack.agents.sessions[asked.thread] == ["processing", "active", "processing", "active"]


async def test_method_that_slack_refuses_is_called_again_after_an_hour(slack: FakeSlack) -> None:
    now = 0.0
    statuses = ThreadStatuses(SlackClients(slack.bot_token, slack.url), 0.01, Refusals(lambda: now))
    slack.faults["agents.sessions.setStatus"] = [Fault("refuse", error="unknown_method")]
    first, second = asked_in(slack), asked_in(slack)
    async with statuses.shown(first):
        await slack.until(lambda: len(slack.agents.words.get(first.thread, ())) >= 3)
    await statuses.close()
    assert len(slack.called("agents.sessions.setStatus")) == 1
    now = 3601.0
    async with statuses.shown(second):
        await slack.until(lambda: slack.agents.sessions.get(second.thread) == ["processing"])
    await statuses.close()


@pytest.mark.parametrize("fault", [Fault("500"), Fault("drop"), Fault("refuse", error="invalid_thread_ts")])
async def test_answer_does_not_depend_on_its_status(
    slack: FakeSlack, bot: object, state: QuestionStore, fault: Fault
) -> None:
    slack.faults["agents.sessions.setStatus"] = [fault] * 20
    asked = await slack.mention("C1", "When?")
    assert await slack.reply("C1", asked["ts"])
    await until_finished(state, SlackMessage(slack.team, "C1", asked["ts"], asked["ts"], "U1", "When?"))
