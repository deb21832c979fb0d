"""The bot in several workspaces: each has its own people, channels and token; one that removes the app is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.slack.core.options import InstallOptions
from bot.slack.manifest import EVENTS_PATH
from store.errors import StoreBusy
from store.jobs import (
    DailyDigest,
    DigestStore,
    Holder,
    Installation,
    InstallationStore,
    Notice,
    NoticeStore,
    QuestionJob,
    QuestionStore,
    Reminder,
    ReminderStore,
    SlackMessage,
    Submission,
    SubmissionStore,
    Subscription,
    SubscriptionStore,
    Upload,
)
from tests.bot.slack.conftest import Assistant
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.options import at
from tests.bot.slack.workspaces.conftest import HOME, OTHER, Begin, Browser, answered, open_app, rows_of
from tests.fake_slack.faults import Fault
from tests.fake_slack.platform import UNINSTALLED, FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import until_stored

MORNING = "2024-05-01T06:00"


@pytest.fixture
async def installed(platform: FakePlatform, begin: Begin) -> str:
    """The address of a bot in two workspaces."""
    address = await begin()
    for team in (HOME, OTHER):
        await Browser(platform, address).install(team)
    return address


async def test_two_workspaces_have_their_own_conversations_people_and_signatures(
    installed: str, home: FakeSlack, other: FakeSlack, assistant: Assistant
) -> None:
    for slack in (home, other):
        await answered(slack, "When?", channel="D1")
    await answered(other, "And where?", channel="D1")
    assert [len(history) for _, history in assistant.asked] == [0, 0, 2]

    other.directory.people["U2"] = {"team_id": HOME}
    await other.mention("C1", "When?", user="U2")
    await other.until(lambda: bool(other.directory.whispers))
    assert "only people of the organization" in other.directory.whispers[0]["text"]

    status, _ = await home.delivery.post("events_api", mention(home), secret="another secret")  # noqa: S106  the fake's own
    assert (status, len(assistant.asked)) == (401, 3)


async def test_channels_people_and_experts_of_the_settings_are_those_of_the_first_workspace(
    platform: FakePlatform, begin: Begin, home: FakeSlack, other: FakeSlack
) -> None:
    address = await begin(channels=("C7",))
    for team in (HOME, OTHER):
        await Browser(platform, address).install(team)
    await home.mention("C1", "When?")
    await home.until(lambda: bool(home.directory.whispers))
    assert "I do not answer in this channel" in home.directory.whispers[0]["text"]
    assert "You asked: When?" in await answered(other)


@pytest.mark.parametrize("order", [UNINSTALLED, UNINSTALLED[::-1]], ids=["revoked first", "removed first"])
async def test_workspace_that_removes_the_app_leaves_nothing(
    installed: str,
    platform: FakePlatform,
    other: FakeSlack,
    home: FakeSlack,
    tmp_path: Path,
    order: tuple[str, ...],
) -> None:
    database = database_url(tmp_path)
    for slack in (home, other):
        await answered(slack)
    await platform.uninstall(OTHER, order)
    await until_stored(lambda: rows_of(database, OTHER) == set())
    assert {"installations", "jobs"} <= rows_of(database, HOME)
    assert "You asked: Still there?" in await answered(home, "Still there?")
    told = await other.response(await other.command("dates"))
    assert "not installed in this workspace" in told["text"]


@pytest.mark.parametrize(
    "tokens",
    [{"oauth": ["U7"], "bot": []}, {"oauth": [], "bot": ["U0BOT2"]}],
    ids=["a person's", "a former one"],
)
async def test_revoked_token_that_is_not_the_present_one_changes_nothing(
    installed: str, other: FakeSlack, installations: InstallationStore, tokens: dict[str, list[str]]
) -> None:
    await other.deliver({"type": "tokens_revoked", "tokens": tokens})
    assert [one.team for one in installations.all()] == [HOME, OTHER]


async def test_removal_that_cannot_be_stored_is_delivered_again(
    installed: str, platform: FakePlatform, other: FakeSlack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forget = InstallationStore.forget
    calls: list[str] = []

    def fails_once(store: InstallationStore, team: str) -> None:
        calls.append(team)
        if len(calls) == 1:
            raise StoreBusy("the database is busy")
        forget(store, team)

    monkeypatch.setattr(InstallationStore, "forget", fails_once)
    await platform.uninstall(OTHER, ("app_uninstalled",))
    await until_stored(lambda: rows_of(database_url(tmp_path), OTHER) == set())


async def test_workspace_that_may_not_have_the_app_any_more_is_not_served(
    begin: Begin, platform: FakePlatform, installations: InstallationStore
) -> None:
    response = platform.install("T3")
    installations.save(Installation("T3", "Third", response["access_token"]))
    await begin()
    await platform.workspaces["T3"].command("dates")
    assert platform.workspaces["T3"].called("auth.test") == []


async def test_what_another_workspace_left_is_not_taken_up(
    platform: FakePlatform,
    begin: Begin,
    home: FakeSlack,
    state: QuestionStore,
    library: RealLibrary,
    tmp_path: Path,
) -> None:
    left = SlackMessage(OTHER, "C8", "1.000001", "1.000001", "U8", "Still there?")
    killed = Holder("killed", 0.0)
    assert state.claim(QuestionJob(left), killed) is not None
    assert (
        SubmissionStore.beside(state).claim(Upload(Submission("message/1", left, (), "1.000001")), killed)
        is not None
    )
    ReminderStore.beside(state).add(
        Reminder("r1", OTHER, "U8", "C8", "c-1", 7, "Summit", date(2024, 5, 2), "2 May 2024")
    )
    NoticeStore.beside(state).put("notice/1", Notice(OTHER, "C8", "A date changed.", [], "U8"))
    SubscriptionStore.beside(state).add(
        Subscription("s1", OTHER, "C8", "U8", "daily", "", "", 5.0, 3, {}), None
    )
    day = date(2024, 4, 30)
    assert DigestStore.beside(state.of(OTHER)).claim(DailyDigest("s1", day, OTHER), killed) is not None
    uploads = {"storage": library.storage, "ingest": library.ingest, "library_users": ("U8",)}
    address = await begin(clock=at(MORNING), digest_channel="C1", **uploads)
    await Browser(platform, address).install(HOME)
    await open_app(home)
    await home.reply("C1")
    assert [arguments for _, arguments, _ in home.calls if "C8" in str(arguments)] == []
    assert not DigestStore.beside(state).is_posted("s1", day)


async def test_organization_that_installs_the_app_in_all_of_its_workspaces_is_answered(
    platform: FakePlatform, begin: Begin, installing: InstallOptions, installations: InstallationStore
) -> None:
    slack = platform.add("T4", organization="E1", org_wide=True)
    slack.directory.people["U1"] = {"enterprise_user": {"enterprise_id": "E1"}}
    address = await begin(installing=replace(installing, workspaces=("E1",)))
    status, _ = await Browser(platform, address).install("T4")
    assert (status, [one.team for one in installations.all()]) == (200, ["E1"])
    assert "You asked: When?" in await answered(slack)
    await platform.uninstall("T4")
    assert installations.all() == []


# Slack or the database is away, or something comes in between


def install(platform: FakePlatform, installations: InstallationStore, team: str) -> Installation:
    """Install the app in a workspace by another bot."""
    response = platform.install(team)
    made = Installation(team, team, response["access_token"], response["refresh_token"])
    installations.save(made)
    return made


def mention(slack: FakeSlack) -> dict[str, Any]:
    """Return the body of an event with a question that is not sent yet."""
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    return slack.callback({**asked, "type": "app_mention", "channel": "C1"})


async def test_question_is_taken_later_where_slack_does_not_answer_as_its_workspace_is_begun(
    platform: FakePlatform, address: str, home: FakeSlack, installations: InstallationStore
) -> None:
    install(platform, installations, HOME)
    home.faults["auth.test"] = [Fault("refuse", error="service_unavailable")]
    body = mention(home)
    refused, _ = await home.delivery.post("events_api", body)
    taken, _ = await home.delivery.post("events_api", body, retry=1)
    assert (refused, taken) == (503, 200)
    assert "You asked: When?" in str(await home.reply("C1", body["event"]["ts"]))


async def test_workspace_that_another_process_installed_again_is_answered_at_once(
    platform: FakePlatform, begin: Begin, other: FakeSlack
) -> None:
    elsewhere, address = await begin(), await begin()
    await Browser(platform, address).install(OTHER)
    for reached in (elsewhere, address):
        platform.reach(reached + EVENTS_PATH)
        await answered(other)
    await platform.uninstall(OTHER)
    await Browser(platform, address).install(OTHER)
    platform.reach(elsewhere + EVENTS_PATH)
    assert "You asked: Again?" in await answered(other, "Again?")


async def test_removal_that_is_delivered_again_leaves_the_next_installation(
    platform: FakePlatform, address: str, other: FakeSlack, installations: InstallationStore
) -> None:
    await Browser(platform, address).install(OTHER)
    await platform.uninstall(OTHER)
    await Browser(platform, address).install(OTHER)
    body = other.callback({"type": "app_uninstalled"})
    status, _ = await other.delivery.post("events_api", body, retry=1)
    assert (status, [one.team for one in installations.all()]) == (200, [OTHER])
