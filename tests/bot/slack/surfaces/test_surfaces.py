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
from tests.bot.slack.processes.expert_bot import EXPERTS
from tests.bot.slack.surfaces.surfaces import SURFACES
from tests.bot.slack.surfaces.whole_bot import NUMBERS, USERS, Scenes, use_all, whole_bot
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


async def test_surfaces_at_the_same_time_get_everything_once(tmp_path: Path) -> None:
    async with with_slack(tmp_path, "socket") as (slack, scenes):
        await use_all(scenes)

    assert twice(slack) == []


@pytest.mark.slow
async def test_all_surfaces_at_slacks_rates_get_everything_once(tmp_path: Path) -> None:
    async with with_slack(tmp_path, "socket") as (slack, scenes):
        slack.rates.enforced = True
        await use_all(scenes)

    assert slack.rates.refused
    assert twice(slack) == []


# The surfaces that a setting offers, by the setting.
OFFERED = {
    "library_users": {"sources", "add_to_the_library", "watch_this_page", "corrections", "uploads"},
    "experts_channel": {"secretariat", "answer_in_the_thread_of_the_secretariat"},
    "model": {"followed_thread"},
}
# Guests, people of other organizations, library, secretariat and model: each two settings meet in all four ways.
COMBINATIONS = ["00000", "00011", "01101", "01110", "10101", "10110", "11000", "11011"]


@pytest.mark.slow
@pytest.mark.parametrize("combination", COMBINATIONS)
async def test_what_settings_offer_works_in_private_channels_with_the_scopes_of_their_manifest(
    tmp_path: Path, combination: str
) -> None:
    guests, external, library, secretariat, model = (each == "1" for each in combination)
    settings: dict[str, Any] = {
        "allow_guests": guests,
        "allow_external": external,
        "library_users": USERS if library else (),
        "experts_channel": EXPERTS if secretariat else "",
        "model": "openai:any" if model else "",
    }
    slack = FakeSlack(manifest=make_manifest(Settings(**settings), command="/itu"))
    for number in NUMBERS.values():
        person = {"is_restricted": guests, **({"team_id": "T9", "is_stranger": True} if external else {})}
        slack.directory.people[f"U{number}"] = person
        slack.directory.places[f"C{number}"] = {"is_private": True, "is_ext_shared": external}
        slack.directory.members[f"C{number}"] = [f"U{number}"]
    without = {name for setting, names in OFFERED.items() if not settings[setting] for name in names}
    without |= {"agent_pane", "status_and_stop"} if guests else set()
    asks = {} if model else {"asks_assistant": None}

    await slack.start()
    async with whole_bot(slack, tmp_path, "socket", **settings, **asks) as scenes:
        await use_all(scenes, without=without)
    await slack.stop()

    assert slack.problems == []


def twice(slack: FakeSlack) -> list[str]:
    """Return what was seen more than once, when all that the bot listens to was used."""
    assert unasked(list(slack.envelopes.values())) == set()
    return [seen for seen, times in Counter(everything_seen(slack)).items() if times > 1]


def everything_seen(slack: FakeSlack) -> Iterator[str]:
    """Yield each message in a channel or thread, and each reply to what somebody did."""
    for channel, messages in slack.messages.items():
        for message in messages:
            if message["user"] == slack.bot_user:
                yield f"{channel} {message.get('thread_ts')} {message['text']} {message.get('files')}"
    for trigger, responses in slack.responses.items():
        for response in responses:
            yield f"{trigger} {response['text']}"
