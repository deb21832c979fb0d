"""Who is answered, and where: the same on every surface of Slack."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import bot
from bot.slack.core.access import Admission, Policy
from bot.slack.core.options import Timing
from bot.slack.core.people import SlackCache
from bot.slack.core.sending.clients import SlackClients
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Assistant, Start, running
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.features.test_entries import SUMMIT, Register
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose, press, send_off
from tests.fake_slack.hosted_files import point_at, send_files, shared
from tests.fake_slack.slack import FakeSlack

Surface = Callable[[FakeSlack], Awaitable[str]]
GUEST = {"is_restricted": True}


async def mention(slack: FakeSlack) -> str:
    await slack.mention("C1", "When?")
    await slack.until(lambda: bool(slack.directory.whispers))
    assert slack.directory.whispers[0]["user"] == "U1"
    return str(slack.directory.whispers[0]["text"])


async def direct(slack: FakeSlack) -> str:
    await slack.direct("When?")
    return str((await slack.reply("D1"))["text"])


async def file(slack: FakeSlack) -> str:
    await send_files(slack, slack.hosted.add("report.txt", REPORT))
    return str((await slack.reply("D1"))["text"])


async def command(slack: FakeSlack) -> str:
    return (await slack.command("dates")).ack_text


async def shortcut(slack: FakeSlack) -> str:
    message = slack.say("C1", "", user="U5", **shared((slack.hosted.add("report.txt", REPORT),)))
    return str((await slack.response(await point_at(slack, message)))["text"])


@pytest.fixture(autouse=True)
def app_that_guests_can_reach(slack: FakeSlack) -> None:
    slack.agents.is_agent = False


SURFACES = {each.__name__: each for each in (mention, direct, file, command, shortcut)}


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
async def test_guest_is_refused(
    slack: FakeSlack, run: Start, assistant: Assistant, library: RealLibrary, surface: Surface
) -> None:
    slack.directory.people["U1"] = {"is_ultra_restricted": True, "is_restricted": True}
    await run("U1")
    assert "I do not answer guests" in await surface(slack)
    assert (assistant.asked, library.runs) == ([], 0)


@pytest.mark.parametrize("surface", [mention, command, shortcut])
async def test_refusal_in_a_shared_channel_says_where_to_ask(
    slack: FakeSlack, run: Start, assistant: Assistant, surface: Surface
) -> None:
    slack.directory.places["C1"] = {"is_ext_shared": True, "is_shared": True}
    await run("U1")
    assert "write to me directly" in await surface(slack)
    assert assistant.asked == []


@pytest.mark.parametrize("surface", [mention, command, shortcut])
async def test_refusal_in_an_unlisted_channel_names_the_listed_ones(
    slack: FakeSlack, run: Start, assistant: Assistant, surface: Surface
) -> None:
    await run("U1", channels=("C7", "C8"))
    assert "ask in <#C7>, <#C8>" in await surface(slack)
    assert assistant.asked == []


async def test_guest_cannot_use_menu_or_buttons_of_entries(
    slack: FakeSlack, library: RealLibrary, start: Start
) -> None:
    register = Register(slack, library, start)
    await register.open("U1", "U2")
    listed = await register.listed()
    details = await register.reply(await choose(slack, listed, SUMMIT))
    await press(slack, details, "Correct")
    await slack.until(lambda: bool(slack.forms.opened))
    slack.directory.people["U2"] = GUEST
    for envelope in (
        await choose(slack, listed, SUMMIT, user="U2"),
        await press(slack, details, "Correct", user="U2"),
    ):
        assert "guests" in (await register.reply(envelope))["text"]
    sent = await send_off(slack, slack.forms.opened[0], user="U2", title="Another title")
    assert "guests" in str(sent.answer["view"]["blocks"])
    assert (len(slack.forms.opened), "Another title" in register.entries) == (1, False)


async def test_an_event_that_is_delivered_twice_is_refused_once(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U1"] = GUEST
    await start()
    asked = await slack.mention("C1", "When?")
    await slack.deliver({**asked, "type": "app_mention", "channel": "C1"})
    await slack.mention("C2", "Where?")
    await slack.until(lambda: any(whisper["channel"] == "C2" for whisper in slack.directory.whispers))
    assert [whisper["channel"] for whisper in slack.directory.whispers] == ["C1", "C2"]


async def test_refusal_of_a_thread_question_is_in_the_thread(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U1"] = GUEST
    await start()
    root = slack.say("C1", "Look")
    await slack.mention("C1", "When?")
    await slack.mention("C1", "When?", thread=root["ts"])
    await slack.until(lambda: len(slack.directory.whispers) == 2)
    assert [whisper.get("thread_ts") for whisper in slack.directory.whispers] == [None, root["ts"]]


async def test_guest_message_that_is_no_question_gets_no_refusal(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U2"] = GUEST
    await start()
    message = slack.say("C1", "Did you hear about the summit?", user="U2")
    await slack.deliver({**message, "channel": "C1", "channel_type": "channel"})
    await slack.direct("For you?")
    await slack.reply("D1")
    assert slack.directory.whispers == []


@pytest.mark.parametrize(
    ("error", "expected"), [("missing_scope", "in a minute"), ("fatal_error", "in a minute")]
)
async def test_failed_user_lookup_is_explained(
    slack: FakeSlack, start: Start, assistant: Assistant, error: str, expected: str
) -> None:
    slack.faults["users.info"] = [Fault("refuse", error=error)] * 300
    await start(timing=Timing(admission_patience=2.0))
    assert expected in await direct(slack)
    slack.faults["users.info"].clear()
    await slack.direct("When?")
    assert "You asked" in str(await slack.reply("D1", number=2))


async def test_slack_is_asked_again_after_a_failure_that_may_pass(slack: FakeSlack, start: Start) -> None:
    slack.faults["users.info"] = [Fault("500"), Fault("429", retry_after=0)]
    slack.faults["conversations.info"] = [Fault("drop")]
    await start()
    asked = await slack.mention("C1", "When?")
    assert "You asked" in (await slack.reply("C1", asked["ts"]))["text"]


# What Slack's descriptions mean


@pytest.fixture
def quick(slack: FakeSlack) -> AsyncWebClient:
    return SlackClients(slack.bot_token, slack.url).unretried


@pytest.mark.parametrize(
    ("person", "policy", "admitted"),
    [
        ({}, Policy(), True),
        ({"is_restricted": True}, Policy(), False),
        ({"is_ultra_restricted": True}, Policy(), False),
        ({"is_restricted": True}, Policy(guests=True), True),
        ({"is_stranger": True}, Policy(), False),
        ({"team_id": "T9"}, Policy(guests=True), False),
        ({"team_id": "T9"}, Policy(external=True), True),
        ({"team_id": "T9", "is_restricted": True}, Policy(external=True), True),
        # Another workspace of the same organization.
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}}, Policy(), True),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E2"}}, Policy(), False),
    ],
)
async def test_admission_by_user_and_policy(
    slack: FakeSlack, quick: AsyncWebClient, person: dict[str, Any], policy: Policy, admitted: bool
) -> None:
    slack.directory.people["U1"] = person
    line = await Admission(policy, quick, slack.team, "E1").refusal("U1")
    assert (line is None) is admitted


@pytest.mark.parametrize(
    ("place", "policy", "admitted"),
    [
        ({}, Policy(), True),
        ({"is_shared": True, "is_org_shared": True}, Policy(), True),
        ({"is_shared": True}, Policy(), False),
        ({"is_pending_ext_shared": True}, Policy(), False),
        ({"is_shared": True, "is_ext_shared": True}, Policy(external=True), True),
        ({}, Policy(channels=["C1"]), True),
        ({}, Policy(channels=["C2"]), False),
    ],
)
async def test_admission_by_channel_and_policy(
    slack: FakeSlack, quick: AsyncWebClient, place: dict[str, Any], policy: Policy, admitted: bool
) -> None:
    slack.directory.places["C1"] = place
    line = await Admission(policy, quick, slack.team).refusal("U1", "C1")
    assert (line is None) is admitted


async def test_user_unknown_to_slack_counts_as_external(slack: FakeSlack, quick: AsyncWebClient) -> None:
    slack.faults["users.info"] = [Fault("refuse", error="user_not_visible")]
    line = await Admission(Policy(), quick, slack.team).refusal("U1")
    assert line is not None
    assert "only people of the organization" in line


async def test_admission_is_cached_for_five_minutes(slack: FakeSlack, quick: AsyncWebClient) -> None:
    now = [0.0]
    admission = Admission(Policy(), quick, slack.team, cache=SlackCache(lambda: now[0]))
    for now[0] in (0.0, 299.0, 301.0):
        slack.directory.people["U1"] = GUEST if now[0] else {}
        refused = await admission.refusal("U1", "C1") is not None
        assert refused is (now[0] > 300)
    assert (len(slack.called("users.info")), len(slack.called("conversations.info"))) == (2, 2)


async def test_refusal_under_way_ends_with_the_bot(
    slack: FakeSlack, assistant: Assistant, state: QuestionStore
) -> None:
    slack.directory.people["U1"] = GUEST
    slack.faults["chat.postEphemeral"] = [Fault("hang")]
    hurried = Timing(renew_every=0.05, lease_seconds=30.0, shutdown_patience=0.01)
    async with running(slack, assistant, state, timing=hurried):
        await slack.mention("C1", "When?")
        await slack.until(lambda: bool(slack.called("chat.postEphemeral")))
    assert tasks_of_the_bot() == []


def tasks_of_the_bot() -> list[str]:
    """Return the names of the bot's functions that run as tasks."""
    functions = [task.get_coro() for task in asyncio.all_tasks()]
    return [
        one.__qualname__
        for one in functions
        if inspect.iscoroutine(one) and Path(bot.__path__[0]) in Path(one.cr_code.co_filename).parents
    ]


@pytest.mark.parametrize(
    ("channel", "policy", "may"),
    [
        ("C1", Policy(), True),
        ("C2", Policy(), False),
        ("C2", Policy(external=True), True),
        ("C1", Policy(channels=["C9"]), False),
        ("D1", Policy(channels=["C9"]), True),
        ("D2", Policy(), False),
        ("D2", Policy(guests=True), True),
    ],
)
async def test_who_may_receive_what_nobody_asked_for(
    slack: FakeSlack, channel: str, policy: Policy, may: bool
) -> None:
    slack.directory.places["C2"] = {"is_ext_shared": True}
    slack.directory.people["U2"] = {"is_restricted": True}
    admission = Admission(policy, SlackClients(slack.bot_token, slack.url).unretried, slack.team)
    assert await admission.may_receive(channel, channel.replace("D", "U")) is may


async def test_in_doubt_nothing_is_received(slack: FakeSlack) -> None:
    slack.faults["conversations.info"].append(Fault("refuse", error="missing_scope"))
    admission = Admission(Policy(), SlackClients(slack.bot_token, slack.url).unretried, slack.team)
    assert not await admission.may_receive("C1", "U1")
