"""Slack or the database is away, or something comes in between, while a workspace is begun, removed or installed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Literal

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.core.options import InstallOptions
from bot.slack.core.schedule import utc_now
from bot.slack.features.questions.answering import AnswerQueue, Assistants
from bot.slack.manifest import EVENTS_PATH
from bot.slack.workspaces import installed
from bot.slack.workspaces.installed import InstalledWorkspaces
from bot.slack.workspaces.workspace import Workspace, identify
from store.errors import StoreBusy
from store.jobs import Installation, InstallationStore, QuestionStore
from tests.bot.slack.conftest import PATIENT, Assistant, channel_data
from tests.bot.slack.options import slack_options
from tests.bot.slack.workspaces.conftest import HOME, OTHER, Begin, Browser, answered, open_app
from tests.fake_slack.events import body_of, signature
from tests.fake_slack.faults import Fault
from tests.fake_slack.platform import FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import until_stored


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


async def test_question_is_taken_later_where_the_database_does_not_answer(
    platform: FakePlatform,
    address: str,
    home: FakeSlack,
    installations: InstallationStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(platform, installations, HOME)

    def fails(store: InstallationStore, team: str) -> None:
        raise StoreBusy("the database is busy")

    with monkeypatch.context() as patched:
        patched.setattr(InstallationStore, "find", fails)
        status, _ = await home.delivery.post("events_api", mention(home))
    assert status == 503


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


@pytest.mark.parametrize("fault", ["429", "500"])
async def test_removal_that_is_delivered_again_waits_until_slack_says_whether_the_app_is_installed(
    platform: FakePlatform,
    address: str,
    other: FakeSlack,
    installations: InstallationStore,
    fault: Literal["429", "500"],
) -> None:
    await Browser(platform, address).install(OTHER)
    other.faults["auth.test"] = [Fault(fault)] * 10  # The workspace may be asking too, as it is just begun.
    status, _ = await other.delivery.post("events_api", other.callback({"type": "app_uninstalled"}), retry=1)
    assert (status, [one.team for one in installations.all()]) == (503, [OTHER])


async def test_removal_that_ends_running_work_leaves_the_next_installation(
    platform: FakePlatform,
    begin: Begin,
    other: FakeSlack,
    installations: InstallationStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten: list[str] = []
    forget = InstallationStore.forget

    def count(store: InstallationStore, team: str, **how: Any) -> None:
        forget(store, team, **how)
        forgotten.append(team)

    monkeypatch.setattr(InstallationStore, "forget", count)
    address = await begin(timing=PATIENT)
    await Browser(platform, address).install(OTHER)
    other.faults["views.publish"] = [Fault("hang")]
    await open_app(other)
    await other.until(lambda: bool(other.called("views.publish")))
    await platform.uninstall(OTHER, ("app_uninstalled",))
    await Browser(platform, address).install(OTHER)
    assert forgotten == [OTHER]
    other.let_go()
    await until_stored(lambda: len(forgotten) == 2)
    assert [one.team for one in installations.all()] == [OTHER]


@pytest.fixture
async def workspaces(
    platform: FakePlatform, assistant: Assistant, state: QuestionStore, installing: InstallOptions
) -> AsyncIterator[InstalledWorkspaces]:
    """The workspaces of a bot, before it starts to work in them."""
    assistants = Assistants(lambda _: assistant, AnswerQueue(1, 1, 1.0))
    options = slack_options(slack_signing_secret=platform.signing_secret, slack_api_url=platform.url)
    make = partial(Workspace, assistants, lambda _: channel_data())
    workspaces = InstalledWorkspaces(make, state, options, installing)
    yield workspaces
    await workspaces.close()
    assistants.close()


async def status_of(workspaces: InstalledWorkspaces, slack: FakeSlack) -> int:
    """Return the status of the response to an event."""
    raw, content_type = body_of("events_api", mention(slack))
    headers: dict[str, str | Sequence[str]] = {
        "content-type": content_type,
        **signature(raw, slack.signing_secret),
    }
    response = await workspaces.dispatch(AsyncBoltRequest(body=raw, headers=headers))
    return int(response.status)


async def test_nothing_is_begun_in_a_workspace_once_the_bot_stops(
    workspaces: InstalledWorkspaces,
    platform: FakePlatform,
    home: FakeSlack,
    installations: InstallationStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(platform, installations, HOME)

    async def stop_meanwhile(*arguments: Any) -> Any:
        workspaces.stop()
        return await identify(*arguments)

    monkeypatch.setattr(installed, "identify", stop_meanwhile)
    assert await status_of(workspaces, home) == 503


async def test_workspace_that_is_begun_while_the_table_is_read_goes_on(
    workspaces: InstalledWorkspaces,
    platform: FakePlatform,
    home: FakeSlack,
    installations: InstallationStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, go_on = threading.Event(), threading.Event()
    made: list[Installation] = []

    def slowly(_: InstallationStore) -> list[Installation]:
        read.set()
        assert go_on.wait(100)
        return []

    with monkeypatch.context() as patched:
        patched.setattr(InstallationStore, "find", lambda *_: made[0])
        patched.setattr(InstallationStore, "all", slowly)
        following = asyncio.create_task(workspaces._follow(utc_now()))
        await asyncio.to_thread(read.wait, 100)
        made.append(install(platform, installations, HOME))
        assert await status_of(workspaces, home) == 200
        go_on.set()
        await following
    assert await status_of(workspaces, home) == 200
    assert len(home.called("auth.test")) == 1
