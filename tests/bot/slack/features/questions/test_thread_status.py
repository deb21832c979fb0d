"""The status below a thread: shown while a question is answered, and cleared however it ends."""

from __future__ import annotations

from bot.slack.core.options import Timing
from store.jobs import Holder, QuestionJob, QuestionStore, SlackMessage
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
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    assistant.loaded.clear()
    assistant.go.clear()
    await start()
    asked = await slack.direct("When is the summit? " + "And who comes? " * 20)
    # While the model loads, and while it writes.
    await slack.until(lambda: bool(slack.agents.sessions))
    assistant.loaded.set()
    await assistant.until_asked(1)
    assert slack.replies("D1") == []
    assistant.go.set()
    await cleared(slack, asked["ts"])
    assert slack.agents.sessions[asked["ts"]] == ["processing", "active"]
    assert slack.agents.words == {}

    # The conversation has the title of its first question.
    await slack.direct("And where is <@U02AB> of <#C1>?", thread=asked["ts"])
    await slack.reply("D1", number=2)
    title = slack.agents.titles[asked["ts"]]
    assert (title.startswith("When is the summit?"), len(title) <= 80) == (True, True)
    first = await slack.direct("Does <@U02AB> of <#C1> go\nto the summit?")
    await slack.until(lambda: first["ts"] in slack.agents.titles)
    assert slack.agents.titles[first["ts"]] == "Does of go to the summit?"


async def test_app_that_is_no_agent_shows_words_renews_them_and_clears_them(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    slack.agents.is_agent = False
    await start(allow_guests=True, timing=QUICK)
    assistant.go.clear()
    asked = await slack.mention("C1", "When is the summit?")
    await slack.until(lambda: len(slack.agents.words.get(asked["ts"], ())) >= 3)
    assistant.go.set()
    await cleared(slack, asked["ts"])
    assert slack.called("agents.sessions.setStatus") == []


async def test_clearing_is_tried_again_by_another_process(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    asked = asked_in(slack)
    job = state.claim(QuestionJob(asked), Holder("gone", 30.0))
    assert job is not None
    # As a process that is killed once its answer is recorded.
    slack.agents.sessions[asked.ts] = ["processing"]
    state.change(job.lease, outcome="answer")
    state.release(job.lease)
    await start()
    await cleared(slack, asked.ts)
    assert (slack.replies("C1", asked.ts), assistant.asked) == ([], [])
    await until_stored(lambda: open_jobs(state) == 0)


async def test_answer_does_not_depend_on_its_status(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    refused = Fault("refuse", error="unknown_method")
    slack.faults["agents.sessions.setStatus"] = [Fault("500"), Fault("drop"), *[refused] * 20]
    asked = await slack.mention("C1", "When?")
    assert await slack.reply("C1", asked["ts"])
    await until_finished(state, SlackMessage(slack.team, "C1", asked["ts"], asked["ts"], "U1", "When?"))
