"""When Slack stumbles, the network breaks or the process dies: at most one reply, and nobody left waiting."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.slack import transport
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import EVENT_TYPE, Poster, Undelivered
from bot.slack.core.ui.elements import Message, plain_message
from store.jobs import LeaseLost, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, until_finished
from tests.bot.slack.core.sending.abandoned_jobs import died_over
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

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


@pytest.mark.parametrize(
    "fault",
    [
        Fault("429", retry_after=0),
        *(Fault(kind, done=done) for kind in ("500", "drop") for done in (False, True)),
    ],
)
@pytest.mark.parametrize("direct", [True, False])
async def test_failed_post_is_sent_once(slack: FakeSlack, poster: Poster, fault: Fault, direct: bool) -> None:
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


async def test_doubtful_post_is_not_repeated_while_slack_fails(slack: FakeSlack, poster: Poster) -> None:
    slack.faults["chat.postMessage"] = [Fault("drop", done=True)]
    slack.faults["conversations.replies"] = [Fault("refuse", error="internal_error")] * 10
    asked = asked_in(slack)
    with pytest.raises(Undelivered):
        await poster.post(asked, HELLO)
    assert len(slack.called("chat.postMessage")) == 1


async def test_own_reply_is_found_beyond_the_first_page_and_no_other(
    slack: FakeSlack, poster: Poster
) -> None:
    first = asked_in(slack)
    mark = {"event_type": EVENT_TYPE, "event_payload": {"question": first.key}}
    slack.say("C1", "fooled you", user="U666", thread=first.ts, metadata=mark)
    for n in range(250):
        said = slack.say("C1", f"talk {n}", thread=first.thread)
    second = SlackMessage(slack.team, "C1", said["ts"], first.ts, "U1", "And?")
    posted = await poster.post(second, HELLO)
    assert [await poster.find(asked) for asked in (first, second)] == [None, posted]


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


@pytest.mark.parametrize(
    ("crashes", "sent", "fault", "said"),
    [
        (1, False, [], "You asked: When?"),
        (1, True, [], "Hello."),
        (1, True, [Fault("refuse", error="missing_scope")], "interrupted"),
        (2, False, [], "interrupted"),
    ],
    ids=["killed", "killed after its reply", "killed in a channel that cannot be read", "killed twice"],
)
async def test_question_of_a_killed_process_gets_one_reply(
    slack: FakeSlack,
    start: Start,
    state: QuestionStore,
    assistant: Assistant,
    poster: Poster,
    crashes: int,
    sent: bool,
    fault: list[Fault],
    said: str,
) -> None:
    asked = asked_in(slack)
    job = died_over(state, asked, crashes)
    if sent:
        state.change(job.lease, sending=True)
    if sent and not fault:
        await poster.post(asked, HELLO)
    # What a silence comes to.
    state.release(job.lease, failed=True)
    slack.faults["conversations.replies"] = fault
    await start()
    await until_finished(state, asked)
    [reply] = slack.replies("C1", asked.ts)
    assert said in reply["text"]
    assert bool(assistant.asked) is said.startswith("You asked")


async def test_mentions_at_once_are_answered_once_each_at_slacks_rate(slack: FakeSlack, bot: object) -> None:
    slack.rates.enforced = True
    channels = ["C1", "C1", "C2", "C2"]
    asked = await asyncio.gather(*(slack.mention(channel, "When?") for channel in channels))
    threads = [(channel, question["ts"]) for channel, question in zip(channels, asked, strict=True)]
    for thread in threads:
        await slack.reply(*thread)
    assert [len(slack.replies(*thread)) for thread in threads] == [1] * 4
