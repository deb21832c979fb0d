"""Every place in Slack where people meet the bot, in Socket Mode and in HTTP mode, alone and at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.settings import Settings
from bot.slack.manifest import make_manifest
from tests.bot.slack.refusing_assistant import EXPERTS
from tests.bot.slack.surfaces.surfaces import SURFACES
from tests.bot.slack.surfaces.whole_bot import NUMBERS, USERS, Scenes, repeated, use_all, whole_bot
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.surfaces import unasked

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def with_slack(folder: Path, transport: str) -> AsyncIterator[tuple[FakeSlack, Scenes]]:
    """Run a Slack on this module's event loop, and the bot."""
    slack = FakeSlack()
    await slack.start()
    async with whole_bot(slack, folder, transport) as scenes:
        yield slack, scenes
    await slack.stop()
    assert slack.problems == []


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["socket", "http"])
async def scenes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scenes]:
    """The surfaces of one bot for all of them."""
    async with with_slack(tmp_path_factory.mktemp("surfaces"), request.param) as (_, scenes):
        yield scenes


@pytest.mark.parametrize("name", SURFACES)
async def test_surface_shows_what_it_should(scenes: Scenes, name: str) -> None:
    scene = scenes(name)
    await SURFACES[name](scene)
    assert scene.slack.problems == []


async def test_surfaces_at_the_same_time_get_everything_once_also_what_is_delivered_again(
    tmp_path: Path,
) -> None:
    async with with_slack(tmp_path, "socket") as (slack, scenes):
        await use_all(scenes)
        await repeated(slack, tmp_path, ())
        before = posted(slack)
        assert twice(slack) == []
        await repeated(slack, tmp_path, list(slack.envelopes.values()))

    assert posted(slack) - before == Counter()


@pytest.mark.slow
async def test_all_surfaces_at_slacks_rates_get_everything_once(tmp_path: Path) -> None:
    async with with_slack(tmp_path, "socket") as (slack, scenes):
        slack.rates.enforced = True
        await use_all(scenes)

    assert slack.rates.refused
    assert twice(slack) == []


# The surfaces that a setting offers, by the setting.
OFFERED = {
    "library_users": {
        "sources",
        "add_to_the_library",
        "watched_pages",
        "corrections",
        "uploads",
        "kept_in_its_conversation",
    },
    "experts_channel": {"secretariat", "answer_in_the_thread_of_the_secretariat"},
    "model": {"followed_thread"},
}
# The settings that decide what people in Slack are offered. On: guests and people of other organizations are answered;
# there are a library, a secretariat and a model.
SWITCHES = ("allow_guests", "allow_external", "library_users", "experts_channel", "model")
# None of them, each alone, and all.
COMBINATIONS: list[tuple[str, ...]] = [(), *((name,) for name in SWITCHES), SWITCHES]


def settings_of(on: tuple[str, ...]) -> dict[str, Any]:
    offered = {"library_users": USERS, "experts_channel": EXPERTS, "model": "openai:any"}
    nothing = {"library_users": (), "experts_channel": "", "model": ""}
    return {name: (offered if name in on else nothing).get(name, name in on) for name in SWITCHES}


def as_parameter(on: tuple[str, ...]) -> Any:
    """The combinations of the fewest surfaces take a second, others more; one of them is quick."""
    marks = () if on == ("model",) else pytest.mark.slow
    return pytest.param(on, marks=marks, id="+".join(on) or "nothing")


@pytest.mark.parametrize("on", [as_parameter(each) for each in COMBINATIONS])
async def test_what_settings_offer_works_in_private_channels_with_the_scopes_of_their_manifest(
    tmp_path: Path, on: tuple[str, ...]
) -> None:
    settings = settings_of(on)
    guests, external = settings["allow_guests"], settings["allow_external"]
    slack = FakeSlack(manifest=make_manifest(Settings(**settings), command="/itu"))
    for number in NUMBERS.values():
        person = {"is_restricted": guests, **({"team_id": "T9", "is_stranger": True} if external else {})}
        slack.directory.people[f"U{number}"] = person
        slack.directory.places[f"C{number}"] = {"is_private": True, "is_ext_shared": external}
        slack.directory.members[f"C{number}"] = [f"U{number}"]
    without = {name for setting, names in OFFERED.items() if not settings[setting] for name in names}
    without |= {"agent_pane", "status_and_stop"} if guests else set()
    asks = {} if settings["model"] else {"asks_assistant": None}

    await slack.start()
    async with whole_bot(slack, tmp_path, "socket", **settings, **asks) as scenes:
        await use_all(scenes, without=without)
    await slack.stop()

    assert slack.problems == []


async def test_no_other_setting_changes_the_manifest() -> None:
    """But for that of installations, which tests/bot/slack/workspaces uses."""
    read: set[str] = set()

    class Noted:
        """Notes which settings are read."""

        def __init__(self, settings: Settings) -> None:
            self._settings = settings

        def __getattr__(self, name: str) -> Any:
            read.add(name)
            return getattr(self._settings, name)

    for on in COMBINATIONS:
        settings: Any = Noted(Settings(**settings_of(on)))
        make_manifest(settings, command="/itu")

    assert read == {*SWITCHES, "follow_threads", "workspaces"}


def twice(slack: FakeSlack) -> list[str]:
    """Return what was seen more than once, when all that the bot listens to was used."""
    assert unasked(list(slack.envelopes.values())) == set()
    return [seen for seen, times in Counter(everything_seen(slack)).items() if times > 1]


def everything_seen(slack: FakeSlack) -> Iterator[str]:
    """Yield each message in a channel or thread, and each reply to what somebody did."""
    yield from posted(slack).elements()
    for trigger, responses in slack.responses.items():
        for response in responses:
            yield f"{trigger} {response['text']}"


def posted(slack: FakeSlack) -> Counter[str]:
    """Return the bot's messages in channels and threads."""
    return Counter(
        f"{channel} {message.get('thread_ts')} {message['text']} {message.get('files')}"
        for channel, messages in slack.messages.items()
        for message in messages
        if message["user"] == slack.bot_user
    )
