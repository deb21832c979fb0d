"""The status below a thread: shown while a question is answered, and cleared however it ends."""

from __future__ import annotations

import pytest

from bot.slack.core.options import Timing
from bot.slack.core.sending.clients import Refusals, SlackClients
from bot.slack.features.questions.thread_status import ThreadStatuses
from store.jobs import QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, until_finished
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

QUICK = Timing(renew_every=0.05, lease_seconds=30.0, shutdown_patience=15.0, renew_status_every=0.05)


def asked_in(slack: FakeSlack, channel: str = "C1") -> SlackMessage:
    ts = slack.say(channel, "When is the summit?")["ts"]
    return SlackMessage(slack.team, channel, ts, ts, "U1", "When is the summit?")


async def cleared(slack: FakeSlack, thread: str) -> None:
    """Wait until neither method shows a status."""
    agents = slack.agents
    await slack.until(
        lambda: agents.words[thread][-1] == "" and agents.sessions.get(thread, ["active"])[-1] == "active"
    )


async def test_status_is_shown_before_the_answer_and_cleared_after_it(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    assistant.go.clear()
    asked = await slack.mention("C1", "When is the summit?")
    await slack.until(lambda: bool(slack.agents.words and slack.agents.sessions))
    assert slack.replies("C1", asked["ts"]) == []
    assistant.go.set()
    await cleared(slack, asked["ts"])
    assert slack.agents.sessions[asked["ts"]] == ["processing", "active"]
    assert [bool(words) for words in slack.agents.words[asked["ts"]]] == [True, False]


async def test_status_is_shown_while_the_model_loads(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    await start()
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: asked["ts"] in slack.agents.words)
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
    await slack.until(lambda: len(slack.calls) >= before + 2)
    first = {method for method, _, _ in slack.calls[before : before + 2]}
    assert first == {"agents.sessions.setStatus", "assistant.threads.setStatus"}
    await slack.until(lambda: slack.agents.shown.get(asked["thread_ts"], "") != "")


async def test_status_is_renewed_before_slack_forgets_it(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start(timing=QUICK)
    assistant.go.clear()
    asked = await slack.direct("When?")
    await slack.until(lambda: len(slack.agents.words.get(asked["ts"], ())) >= 3)
    assert set(slack.agents.sessions[asked["ts"]]) == {"processing"}
    assistant.go.set()
    await cleared(slack, asked["ts"])


async def test_status_is_cleared_after_an_error(slack: FakeSlack, bot: object, assistant: Assistant) -> None:
    assistant.fails = RuntimeError("broken")
    asked = await slack.mention("C1", "When?")
    await slack.reply("C1", asked["ts"])
    await cleared(slack, asked["ts"])


async def test_status_is_cleared_through_a_rate_limit(slack: FakeSlack, bot: object) -> None:
    for method in ("assistant.threads.setStatus", "agents.sessions.setStatus"):
        slack.faults[method] = [Fault("429", retry_after=0), Fault("429", retry_after=0)]
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: asked["ts"] in slack.agents.words)
    await cleared(slack, asked["ts"])


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
            await slack.until(lambda: bool(slack.agents.words))
        await statuses.close()
        assert slack.agents.words[asked.thread][-1] != ""
    await statuses.close()
    assert slack.agents.words[asked.thread][-1] == ""


async def test_method_that_slack_refuses_is_called_again_after_an_hour(slack: FakeSlack) -> None:
    now = 0.0
    statuses = ThreadStatuses(SlackClients(slack.bot_token, slack.url), 0.01, Refusals(lambda: now))
    slack.faults["assistant.threads.setStatus"] = [Fault("refuse", error="unknown_method")]
    first, second = asked_in(slack), asked_in(slack)
    async with statuses.shown(first):
        await slack.until(lambda: len(slack.agents.sessions.get(first.thread, ())) >= 3)
    await statuses.close()
    assert len(slack.called("assistant.threads.setStatus")) == 1
    now = 3601.0
    async with statuses.shown(second):
        await slack.until(lambda: second.thread in slack.agents.words)
    await statuses.close()


@pytest.mark.parametrize("fault", [Fault("500"), Fault("drop"), Fault("refuse", error="invalid_thread_ts")])
async def test_answer_does_not_depend_on_its_status(
    slack: FakeSlack, bot: object, state: QuestionStore, fault: Fault
) -> None:
    for method in ("assistant.threads.setStatus", "agents.sessions.setStatus"):
        slack.faults[method] = [fault] * 20
    asked = await slack.mention("C1", "When?")
    assert await slack.reply("C1", asked["ts"])
    await until_finished(state, SlackMessage(slack.team, "C1", asked["ts"], asked["ts"], "U1", "When?"))
