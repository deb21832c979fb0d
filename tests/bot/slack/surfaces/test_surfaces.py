"""Every place in Slack where people meet the bot, in Socket Mode and in HTTP mode, alone and at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.slack.surfaces.surfaces import SURFACES
from tests.bot.slack.surfaces.whole_bot import Scenes, use_all, whole_bot
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
