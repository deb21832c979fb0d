"""A bot over HTTP in several workspaces of the fake Slack, of which two may install the app."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.slack.core.options import InstallOptions
from bot.slack.manifest import EVENTS_PATH, INSTALL_PATH
from store.engines import open_engine
from store.jobs import InstallationStore, QuestionStore
from store.schema import metadata
from tests.bot.slack.conftest import Assistant, running
from tests.fake_slack.platform import FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url

HOME, OTHER, STRANGER = "T1", "T2", "T3"

Begin = Callable[..., Awaitable[str]]


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    fake = FakePlatform()
    await fake.start()
    for team in (HOME, OTHER, STRANGER):
        fake.add(team, name=f"Workspace {team}")
    yield fake
    await fake.stop()
    assert fake.problems == []


@pytest.fixture
def home(platform: FakePlatform) -> FakeSlack:
    return platform.workspaces[HOME]


@pytest.fixture
def other(platform: FakePlatform) -> FakeSlack:
    return platform.workspaces[OTHER]


@pytest.fixture
def installations(state: QuestionStore, tmp_path: Any) -> InstallationStore:
    return InstallationStore(open_engine(database_url(tmp_path)))


@pytest.fixture
def installing(platform: FakePlatform, installations: InstallationStore) -> InstallOptions:
    return InstallOptions(installations, (HOME, OTHER), platform.client_id, platform.client_secret)


@pytest.fixture
async def begin(
    platform: FakePlatform, assistant: Assistant, state: QuestionStore, installing: InstallOptions
) -> AsyncIterator[Begin]:
    """Start a bot, which Slack sends requests to from now on; returns its address. All are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> str:
            announced: list[str] = []
            options = {
                "slack_bot_token": "",
                "slack_app_token": "",
                "slack_api_url": platform.url,
                "slack_signing_secret": platform.signing_secret,
                "host": "127.0.0.1",
                "port": 0,
                "model": "openai:any",
                "library_users": ("U1",),
                "experts_channel": "C9",
                "workspaces": (HOME, OTHER),
                "installing": installing,
            } | changes
            # What the workspaces share is the platform's; each of them could stand here.
            slack = platform.workspaces[HOME]
            await stack.enter_async_context(running(slack, assistant, state, announced, **options))
            port = re.search(r"port (\d+)", announced[0])
            assert port is not None
            address = f"http://127.0.0.1:{port[1]}"
            platform.reach(address + EVENTS_PATH)
            return address

        yield start


@pytest.fixture
async def address(begin: Begin) -> str:
    """The address of a bot that runs."""
    return await begin()


class Browser:
    """The browser of a person who installs the app."""

    def __init__(self, platform: FakePlatform, address: str) -> None:
        self._platform = platform
        self._address = address
        self.cookie = ""

    async def open(self) -> str:
        """Open the page that begins an installation; returns the address of Slack's page."""
        async with (
            ClientSession() as session,
            session.get(self._address + INSTALL_PATH, allow_redirects=False) as response,
        ):
            assert response.status == 302
            self.cookie = response.headers["Set-Cookie"].partition(";")[0]
            return response.headers["Location"]

    async def agree(self, page: str, team: str) -> tuple[int, str]:
        """Agree on Slack's page, and follow it back to the bot; returns the status and the text of the bot's page."""
        return await self.follow(self._platform.agree(page, team))

    async def follow(self, redirect: str) -> tuple[int, str]:
        """Open the address that Slack sends the browser to."""
        parts = urlsplit(redirect)
        back = f"{self._address}{parts.path}?{parts.query}"
        async with (
            ClientSession(headers={"Cookie": self.cookie}) as session,
            session.get(back) as response,
        ):
            # At the end of an installation the bot has the browser delete it.
            self.cookie = response.headers.get("Set-Cookie", self.cookie).partition(";")[0]
            return response.status, await response.text()

    async def install(self, team: str) -> tuple[int, str]:
        """Install the app in a workspace."""
        return await self.agree(await self.open(), team)


@pytest.fixture
def browser(platform: FakePlatform, address: str) -> Browser:
    return Browser(platform, address)


async def open_app(slack: FakeSlack) -> None:
    """Open the app in Slack, as the last page of an installation does."""
    await slack.deliver({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"})


async def answered(slack: FakeSlack, words: str = "When?", channel: str = "C1") -> str:
    """Ask in a channel, and return the text of the answer."""
    asked = await slack.mention(channel, words)
    return str((await slack.reply(channel, asked["ts"]))["text"])


def rows_of(database: str, team: str) -> set[str]:
    """Return the names of the tables that have something of a workspace."""
    tables = [table for table in metadata.sorted_tables if "team" in table.c]
    with open_engine(database).connect() as connection:
        return {
            table.name
            for table in tables
            if connection.execute(select(table).where(table.c.team == team).limit(1)).first()
        }
