"""When Slack stumbles, the network breaks or the process dies: at most one reply, and nobody left waiting."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.slack import transport
from bot.slack.core.options import Timing
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import EVENT_TYPE, Poster, Refused, Undelivered
from bot.slack.core.ui.elements import Message, plain_message
from store.jobs import LeaseLost, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, running, until_finished
from tests.bot.slack.core.sending.abandoned_jobs import died_over
from tests.bot.slack.core.sending.passing_leases import PassingLeases
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url

HELLO: Message = plain_message("Hello.")


@pytest.fixture
def poster(slack: FakeSlack) -> Poster:
    return Poster(
        SlackClients(slack.bot_token, slack.url).posting,
        SlackClients(slack.bot_token, slack.url).retrying,
        slack.bot_user,
        tries=4,
        pause=0.01,
    )


def asked_in(slack: FakeSlack, *, direct: bool = False) -> SlackMessage:
    channel = "D1" if direct else "C1"
    ts = slack.say(channel, "When?")["ts"]
    return SlackMessage(slack.team, channel, ts, "" if direct else ts, "U1", "When?")


# Posting once


@pytest.mark.parametrize("fault", [Fault("429", retry_after=0), Fault("500"), Fault("drop")])
@pytest.mark.parametrize("direct", [True, False])
async def test_failed_post_is_retried(slack: FakeSlack, poster: Poster, fault: Fault, direct: bool) -> None:
    slack.faults["chat.postMessage"] = [fault]
    asked = asked_in(slack, direct=direct)
    await poster.post(asked, HELLO)
    assert len(slack.replies(asked.channel, asked.thread)) == 1


@pytest.mark.parametrize("fault", [Fault("500", done=True), Fault("drop", done=True)])
@pytest.mark.parametrize("direct", [True, False])
async def test_post_with_a_lost_response_is_not_repeated(
    slack: FakeSlack, poster: Poster, fault: Fault, direct: bool
) -> None:
    slack.faults["chat.postMessage"] = [fault]
    asked = asked_in(slack, direct=direct)
    posted = await poster.post(asked, HELLO)
    assert [reply["ts"] for reply in slack.replies(asked.channel, asked.thread)] == [posted.ts]


async def test_nothing_is_sent_after_the_lease_is_lost(slack: FakeSlack, poster: Poster) -> None:
    slack.faults["chat.postMessage"] = [Fault("500")]
    checks = iter([None, LeaseLost("another's")])

    async def check() -> None:
        if (error := next(checks)) is not None:
            raise error

    with pytest.raises(LeaseLost):
        await replace(poster, check=check).post(asked_in(slack), HELLO)
    assert len(slack.called("chat.postMessage")) == 1


async def test_reply_of_a_killed_process_is_not_repeated(slack: FakeSlack, poster: Poster) -> None:
    asked = asked_in(slack)
    posted = await poster.post(asked, HELLO)
    assert await replace(poster, resumed=True).post(asked, HELLO) == posted


async def test_doubtful_post_is_repeated_in_an_unreadable_channel(slack: FakeSlack, poster: Poster) -> None:
    slack.faults["conversations.replies"] = [Fault("refuse", error="missing_scope")]
    asked = asked_in(slack)
    posted = await replace(poster, resumed=True).post(asked, HELLO)
    replies = slack.replies(asked.channel, asked.thread)
    assert [(reply["ts"], reply["text"]) for reply in replies] == [(posted.ts, "Hello.")]


async def test_doubtful_post_is_not_repeated_while_slack_fails(slack: FakeSlack, poster: Poster) -> None:
    slack.faults["chat.postMessage"] = [Fault("drop", done=True)]
    slack.faults["conversations.replies"] = [Fault("refuse", error="internal_error")] * 10
    asked = asked_in(slack)
    with pytest.raises(Undelivered):
        await poster.post(asked, HELLO)
    assert len(slack.called("chat.postMessage")) == 1


async def test_refused_post_raises_slacks_error_code(slack: FakeSlack, poster: Poster) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="is_archived")]
    with pytest.raises(Refused, match="is_archived"):
        await poster.post(asked_in(slack), HELLO)


async def test_reply_is_found_beyond_the_first_page(slack: FakeSlack, poster: Poster) -> None:
    asked = asked_in(slack)
    for n in range(250):
        slack.say("C1", f"talk {n}", thread=asked.thread)
    posted = await poster.post(asked, HELLO)
    assert await poster.find(asked) == posted


async def test_reply_to_another_question_is_not_found(slack: FakeSlack, poster: Poster) -> None:
    first = asked_in(slack)
    second = SlackMessage(
        slack.team, "C1", slack.say("C1", "And?", thread=first.ts)["ts"], first.ts, "U1", "And?"
    )
    await poster.post(first, HELLO)
    assert await poster.find(second) is None


async def test_message_of_another_user_with_our_metadata_is_not_found(
    slack: FakeSlack, poster: Poster
) -> None:
    asked = asked_in(slack)
    mark = {"event_type": EVENT_TYPE, "event_payload": {"question": asked.key}}
    slack.say("C1", "fooled you", user="U666", thread=asked.ts, metadata=mark)
    assert await poster.find(asked) is None


# The bot as a whole


async def test_fifty_questions_at_once_are_answered_once_each_though_every_third_call_fails(
    slack: FakeSlack, start: Start
) -> None:
    await start()
    ways = [Fault("429", retry_after=0), Fault("500"), Fault("500", done=True), Fault("drop", done=True)]
    slack.stumble("chat.postMessage", ways, every=3)
    asked = await asyncio.gather(*(slack.mention(f"C{n % 10}", "When?") for n in range(50)))
    for n, question in enumerate(asked):
        await slack.reply(f"C{n % 10}", question["ts"])
    await slack.direct("Done?")
    await slack.reply("D1")
    assert [len(slack.replies(f"C{n % 10}", q["ts"])) for n, q in enumerate(asked)] == [1] * 50


@pytest.fixture
def short_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bot notice a cut connection soon."""
    monkeypatch.setattr(transport, "_PING_SECONDS", 0.3)


@pytest.mark.usefixtures("short_pings")
async def test_connection_cut_while_answering_does_not_double_the_answer(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start()
    assistant.go.clear()
    asked = await slack.mention("C1", "When?")
    await assistant.until_at_work_on(1)
    await slack.cut_connections()
    await slack.until(lambda: slack.connections() == 2)
    await slack.deliver({**asked, "type": "app_mention", "channel": "C1"})
    assistant.go.set()
    await slack.mention("C1", "anything else?", thread=asked["ts"])
    await slack.until(lambda: any("else" in message["text"] for message in slack.replies("C1", asked["ts"])))
    assert len(slack.replies("C1", asked["ts"])) == 2


# After a crash: what a dead process left behind in the database


def left(state: QuestionStore, asked: SlackMessage, *, sending: bool, crashes: int = 1) -> None:
    """Leave a question as a crash does, after it was worked on by `crashes` processes."""
    job = died_over(state, asked, crashes)
    if sending:
        state.mark_sending(job.lease)
    # What a silence comes to.
    state.release(job.lease, failed=True)


async def test_question_of_a_killed_process_is_answered(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    asked = asked_in(slack)
    left(state, asked, sending=False)
    await start()
    assert "You asked: When?" in (await slack.reply("C1", asked.ts))["text"]


async def test_adopted_question_with_a_sent_reply_gets_no_second_one(
    slack: FakeSlack, start: Start, state: QuestionStore, poster: Poster
) -> None:
    asked = asked_in(slack)
    left(state, asked, sending=True)
    await poster.post(asked, HELLO)
    await start()
    await until_finished(state, asked)
    assert [message["text"] for message in slack.replies("C1", asked.ts)] == ["Hello."]


async def test_adopted_question_in_an_unreadable_channel_gets_a_notice(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    asked = asked_in(slack)
    left(state, asked, sending=True)
    slack.faults["conversations.replies"] = [Fault("refuse", error="missing_scope")]
    await start()
    assert "interrupted" in (await slack.reply("C1", asked.ts))["text"]


async def test_question_over_which_two_processes_died_gets_a_notice(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: Assistant
) -> None:
    asked = asked_in(slack)
    left(state, asked, sending=False, crashes=2)
    await start()
    assert "interrupted" in (await slack.reply("C1", asked.ts))["text"]
    assert assistant.asked == []


async def test_question_under_a_lease_is_not_adopted(
    slack: FakeSlack, start: Start, assistant: Assistant, tmp_path: Path
) -> None:
    leases = PassingLeases(database_url(tmp_path))
    assistant.go.clear()
    await start(state=leases.open())
    asked = await slack.mention("C1", "When?")
    await assistant.until_at_work_on(1)
    await start(state=leases.open())
    await leases.pass_twice()
    at_work = list(assistant.questions)
    assistant.go.set()
    await slack.reply("C1", asked["ts"])
    assert at_work == ["When?"]


async def test_shutdown_finishes_the_running_answer(
    slack: FakeSlack, assistant: Assistant, state: QuestionStore
) -> None:
    assistant.go.clear()
    async with running(slack, assistant, state):
        asked = await slack.mention("C1", "When?")
        await assistant.until_at_work_on(1)
    assert len(slack.replies("C1", asked["ts"])) == 1


async def test_question_asked_while_loading_is_answered_after_a_restart(
    slack: FakeSlack, start: Start, assistant: Assistant, state: QuestionStore
) -> None:
    assistant.loaded.clear()
    async with running(slack, assistant, state):
        asked = await slack.mention("C1", "When?")
    before = len(slack.replies("C1", asked["ts"]))
    # At once: a process that was told to stop gives its questions back.
    await start(timing=Timing(renew_every=0.05, lease_seconds=1_000))
    await slack.reply("C1", asked["ts"])
    assert before == 0
