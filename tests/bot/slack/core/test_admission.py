"""Who is answered, and where: the same on every surface of Slack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.slack.core.access import Admission, Policy
from bot.slack.core.options import Timing
from bot.slack.core.people import SlackCache
from bot.slack.core.sending.clients import SlackClients
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.fake_slack.faults import Fault
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


IN_A_CHANNEL = (mention, command, shortcut)
# Who asks, the channel, the settings, and what is said.
REFUSALS: list[tuple[tuple[Surface, ...], dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    ((*IN_A_CHANNEL, direct, file), GUEST, {}, {}, "I do not answer guests"),
    (IN_A_CHANNEL, {}, {"is_ext_shared": True, "is_shared": True}, {}, "write to me directly"),
    (IN_A_CHANNEL, {}, {}, {"channels": ("C7", "C8")}, "ask in <#C7>, <#C8>"),
]


@pytest.mark.parametrize(
    ("surface", "person", "place", "settings", "said"),
    [(surface, *case) for surfaces, *case in REFUSALS for surface in surfaces],
)
async def test_who_is_not_answered_is_told_why_on_each_surface(
    slack: FakeSlack,
    run: Start,
    assistant: Assistant,
    library: RealLibrary,
    surface: Surface,
    person: dict[str, Any],
    place: dict[str, Any],
    settings: dict[str, Any],
    said: str,
) -> None:
    slack.agents.is_agent = False
    slack.directory.people["U1"], slack.directory.places["C1"] = person, place
    await run("U1", **settings)
    assert said in await surface(slack)
    assert (assistant.asked, library.runs) == ([], 0)


async def test_a_guest_is_refused_once_where_they_asked_and_not_for_what_is_no_question(
    slack: FakeSlack, start: Start
) -> None:
    slack.agents.is_agent = False
    slack.directory.people["U1"] = GUEST
    await start()
    said = slack.say("C1", "Did you hear about the summit?")
    await slack.deliver({**said, "channel": "C1", "channel_type": "channel"})
    asked = await slack.mention("C1", "When?")
    await slack.deliver({**asked, "type": "app_mention", "channel": "C1"})
    await slack.mention("C1", "When?", thread=said["ts"])
    await slack.until(lambda: any("thread_ts" in whisper for whisper in slack.directory.whispers))
    assert [whisper.get("thread_ts") for whisper in slack.directory.whispers] == [None, said["ts"]]


async def test_failed_user_lookup_is_explained(slack: FakeSlack, start: Start) -> None:
    slack.faults["users.info"] = [Fault("refuse", error="missing_scope")] * 300
    await start(timing=Timing(admission_patience=0.5))
    assert "in a minute" in await direct(slack)
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


def admission(slack: FakeSlack, policy: Policy, cache: SlackCache | None = None) -> Admission:
    client = SlackClients(slack.bot_token, slack.url).unretried
    return Admission(policy, client, slack.team, "E1", cache=cache or SlackCache())


@pytest.mark.parametrize(
    ("person", "place", "policy", "admitted"),
    [
        ({}, {}, Policy(), True),
        (GUEST, {}, Policy(), False),
        ({"is_ultra_restricted": True}, {}, Policy(), False),
        (GUEST, {}, Policy(guests=True), True),
        ({"is_stranger": True}, {}, Policy(), False),
        ({"team_id": "T9"}, {}, Policy(guests=True), False),
        ({"team_id": "T9"}, {}, Policy(external=True), True),
        ({"team_id": "T9", **GUEST}, {}, Policy(external=True), True),
        # Another workspace of the same organization.
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}}, {}, Policy(), True),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E2"}}, {}, Policy(), False),
        # Channels.
        ({}, {"is_shared": True, "is_org_shared": True}, Policy(), True),
        ({}, {"is_shared": True}, Policy(), False),
        ({}, {"is_pending_ext_shared": True}, Policy(), False),
        ({}, {"is_shared": True, "is_ext_shared": True}, Policy(external=True), True),
        ({}, {}, Policy(channels=["C1"]), True),
        ({}, {}, Policy(channels=["C2"]), False),
    ],
)
async def test_admission_by_person_channel_and_policy(
    slack: FakeSlack, person: dict[str, Any], place: dict[str, Any], policy: Policy, admitted: bool
) -> None:
    slack.directory.people["U1"], slack.directory.places["C1"] = person, place
    assert (await admission(slack, policy).refusal("U1", "C1") is None) is admitted


async def test_user_unknown_to_slack_counts_as_external(slack: FakeSlack) -> None:
    slack.faults["users.info"] = [Fault("refuse", error="user_not_visible")]
    assert "only people of the organization" in str(await admission(slack, Policy()).refusal("U1"))


async def test_admission_is_cached_for_five_minutes(slack: FakeSlack) -> None:
    now = [0.0]
    cached = admission(slack, Policy(), SlackCache(lambda: now[0]))
    for now[0] in (0.0, 299.0, 301.0):
        slack.directory.people["U1"] = GUEST if now[0] else {}
        refused = await cached.refusal("U1", "C1") is not None
        assert refused is (now[0] > 300)
    assert (len(slack.called("users.info")), len(slack.called("conversations.info"))) == (2, 2)


@pytest.mark.parametrize(
    ("fault", "hours", "admitted"),
    [
        (Fault("hang"), 23, True),
        (Fault("500"), 23, True),
        (Fault("hang"), 25, False),
        # Slack answers, and refuses.
        (Fault("refuse", error="missing_scope"), 23, False),
    ],
)
async def test_while_slack_is_slow_its_answers_of_the_last_day_count(
    slack: FakeSlack, fault: Fault, hours: int, admitted: bool
) -> None:
    now = [0.0]
    cache = SlackCache(lambda: now[0])
    client = SlackClients(slack.bot_token, slack.url).unretried
    patient = Admission(Policy(), client, slack.team, patience=30.0, cache=cache)
    assert await patient.refusal("U1", "C1") is None
    admission = replace(patient, patience=0.3)
    now[0] = hours * 3600.0
    for method in ("users.info", "conversations.info"):
        slack.faults[method] = [fault] * 300
    assert (await admission.refusal("U1", "C1") is None) is admitted
    # What nobody asked for goes to no channel that may be another organization's by now.
    assert not await admission.may_receive("C1", "U1")


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
        # In doubt nothing is received: Slack does not say what this channel is.
        ("C3", Policy(), False),
    ],
)
async def test_who_may_receive_what_nobody_asked_for(
    slack: FakeSlack, channel: str, policy: Policy, may: bool
) -> None:
    slack.directory.places["C2"] = {"is_ext_shared": True}
    slack.directory.people["U2"] = GUEST
    if channel == "C3":
        slack.faults["conversations.info"].append(Fault("refuse", error="missing_scope"))
    assert await admission(slack, policy).may_receive(channel, channel.replace("D", "U")) is may
