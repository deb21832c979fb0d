"""`itubot serve` as a process, with workspaces that install the app."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.slack.manifest import EVENTS_PATH
from tests.bot.slack.processes.bot_process import PATIENCE, environment_of, ingest_report
from tests.bot.slack.workspaces.conftest import HOME, OTHER, Browser, answered
from tests.fake_slack.platform import FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port
from tests.tools.chaos.bots import PROGRAM as PLAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECRET = "pl4nted-secret"  # noqa: S105  the fake's own


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def environment(platform: FakePlatform, tmp_path: Path, port: int) -> dict[str, str]:
    """The settings of a bot that two workspaces may install."""
    platform.client_secret = SECRET
    platform.reach(f"http://127.0.0.1:{port}{EVENTS_PATH}")
    return environment_of(
        tmp_path,
        ITUBOT_SLACK_API_URL=platform.url,
        ITUBOT_WORKSPACES=f"{HOME},{OTHER}",
        ITUBOT_SLACK_CLIENT_ID=platform.client_id,
        ITUBOT_SLACK_CLIENT_SECRET=SECRET,
        SLACK_SIGNING_SECRET=platform.signing_secret,
        ITUBOT_PORT=str(port),
    )


@asynccontextmanager
async def serving(environment: dict[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot, which writes all that it can to a file; it is killed at the end."""
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", PLAIN, "--debug", "serve", env=environment, stderr=stderr
        )
        yield process
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_log_has_no_tokens(
    platform: FakePlatform, home: FakeSlack, environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    ingest_report(tmp_path, PLAIN)
    platform.expires_in = 60  # It is renewed at once.
    log = tmp_path / "log"
    async with serving(environment, log), asyncio.timeout(PATIENCE):
        while "ready for questions" not in log.read_text():  # noqa: ASYNC110  a file
            await asyncio.sleep(0.05)
        assert (await Browser(platform, f"http://127.0.0.1:{port}").install(HOME))[0] == 200
        await answered(home, "On which days is the Summit of the Future?")
    written = log.read_text()
    assert len(platform.calls) > 1
    assert "the workspace T1 (Workspace T1) is served" in written
    secrets = ("xoxe", "1.code", SECRET, platform.signing_secret)
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ITUBOT_SLACK_CLIENT_ID": ""}, "needs ITUBOT_SLACK_CLIENT_ID too"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "take out SLACK_BOT_TOKEN"),
        ({"ITUBOT_WORKSPACES": "E1", "ITUBOT_LIBRARY_USERS": "U1,S1"}, "S1 is a group of one workspace"),
    ],
)
async def test_settings_that_do_not_fit_together_are_named(
    environment: dict[str, str], tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    log = tmp_path / "log"
    async with serving(environment | changed, log) as process:
        code = await process.wait()
    assert (code, words in log.read_text()) == (1, True)
