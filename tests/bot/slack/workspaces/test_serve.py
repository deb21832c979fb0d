"""`itubot serve`, `doctor` and `digest --post` as processes, with workspaces that install the app."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bot.slack.manifest import EVENTS_PATH
from tests.bot.slack.processes.bot_process import PATIENCE, environment_of, ingest_report, logged, serving
from tests.bot.slack.workspaces.conftest import HOME, OTHER, Browser, answered, rows_of
from tests.fake_slack.platform import FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url, free_port
from tests.tools.chaos.bots import PROGRAM as PLAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

QUESTION = "On which days is the Summit of the Future?"
SECRET = "pl4nted-secret"  # noqa: S105  the fake's own


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def environment(platform: FakePlatform, tmp_path: Path, port: int) -> dict[str, str]:
    """The settings of a bot that two workspaces may install; it has the bundled report."""
    platform.client_secret = SECRET
    ingest_report(tmp_path, PLAIN)
    platform.reach(f"http://127.0.0.1:{port}{EVENTS_PATH}")
    return environment_of(
        tmp_path,
        ITUBOT_SLACK_API_URL=platform.url,
        ITUBOT_WORKSPACES=f"{HOME},{OTHER}",
        ITUBOT_SLACK_CLIENT_ID=platform.client_id,
        ITUBOT_SLACK_CLIENT_SECRET=SECRET,
        SLACK_SIGNING_SECRET=platform.signing_secret,
        ITUBOT_PORT=str(port),
        ITUBOT_DIGEST_CHANNEL="C1",
        # Nothing is posted by the clock while a test runs.
        ITUBOT_DIGEST_TIME="23:59",
    )


async def itubot(environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Run a command; returns its exit code and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        PLAIN,
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    written, _ = await process.communicate()
    return process.returncode, written.decode()


async def install(platform: FakePlatform, port: int, team: str = HOME) -> None:
    status, _ = await Browser(platform, f"http://127.0.0.1:{port}").install(team)
    assert status == 200


async def test_killed_bot_knows_the_workspaces_at_its_next_start(
    platform: FakePlatform, home: FakeSlack, environment: dict[str, str], port: int
) -> None:
    async with serving(environment, PLAIN) as process:
        await logged(process, "ready for questions")
        await install(platform, port)
        assert "22" in await answered(home, QUESTION)
    async with serving(environment, PLAIN) as process:
        await logged(process, "is served")
        assert "22" in await answered(home, QUESTION, "C2")


async def test_log_has_no_tokens(
    platform: FakePlatform, home: FakeSlack, environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    platform.expires_in = 60  # It is renewed at once.
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", PLAIN, "--debug", "serve", env=environment, stderr=log
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while "ready for questions" not in (tmp_path / "log").read_text():  # noqa: ASYNC110  a file
                    await asyncio.sleep(0.05)
            await install(platform, port)
            await answered(home, QUESTION)
        finally:
            process.kill()
            await process.wait()
    written = (tmp_path / "log").read_text()
    assert len(platform.calls) > 1
    assert "the workspace T1 (Workspace T1) is served" in written
    assert [
        secret for secret in ("xoxe", "1.code", SECRET, platform.signing_secret) if secret in written
    ] == []


async def test_doctor_names_the_workspaces_that_have_installed_the_app(
    platform: FakePlatform, environment: dict[str, str], port: int
) -> None:
    async with serving(environment, PLAIN) as process:
        await logged(process, "connected to Slack")
        await install(platform, port)
    _, written = await itubot(environment, "doctor")
    assert "workspace T1: itubot in Workspace T1" in written
    assert "workspace T2: has not installed the app" in written


async def test_digest_is_posted_in_the_first_workspace_and_is_its_own(
    platform: FakePlatform, home: FakeSlack, environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    async with serving(environment, PLAIN) as process:
        await logged(process, "connected to Slack")
        await install(platform, port)
    code, written = await itubot(environment, "digest", "--post")
    assert (code, len(home.replies("C1")), "Posted the digest" in written) == (0, 1, True)
    assert "jobs" in rows_of(database_url(tmp_path), HOME)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ITUBOT_SLACK_CLIENT_ID": ""}, "needs ITUBOT_SLACK_CLIENT_ID too"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "take out SLACK_BOT_TOKEN"),
    ],
)
async def test_settings_that_do_not_fit_together_are_named(
    environment: dict[str, str], changed: dict[str, str], words: str
) -> None:
    code, written = await itubot(environment | changed, "serve")
    assert (code != 0, words in written) == (True, True)
    assert len(written.strip().splitlines()) == 1
