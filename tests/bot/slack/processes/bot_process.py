"""The bot as its users run it: processes of their own over one data folder."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tests.fake_slack.slack import FakeSlack
from tests.servers import server_settings

# The bot whose leases run out after some seconds.
HURRIED = "tests.bot.slack.processes.hurried_bot"
# Seconds. Loading the model takes some ten, more on a busy machine.
PATIENCE = 120.0


def ingest_report(folder: Path, module: str = "bot", *others: Path) -> None:
    """Fill a data folder with the bundled report, or with other files."""
    run_command(("ingest", *map(str, others)), environment_of(folder), module)


def run_command(arguments: Sequence[str], environment: dict[str, str], module: str = "bot") -> None:
    """Run a command to its end; raise CalledProcessError where it fails."""
    subprocess.run(
        [sys.executable, "-m", module, *arguments], check=True, env=environment, capture_output=True
    )


def settings_for(slack: FakeSlack, folder: Path) -> dict[str, str]:
    """Return an environment for a bot that meets this Slack in Socket Mode."""
    return environment_of(
        folder,
        ITUBOT_SLACK_API_URL=slack.url,
        # One person asks all questions of a test.
        ITUBOT_QUESTIONS_PER_MINUTE="0",
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_APP_TOKEN=slack.app_token,
    )


def environment_of(folder: Path, **settings: str) -> dict[str, str]:
    """Return an environment for a program with this data folder, and these settings."""
    return clean(ITUBOT_DATA_DIR=str(folder), **server_settings(folder), **settings)


def clean(**settings: str) -> dict[str, str]:
    """Return this environment with no settings of the bot but those given."""
    ours = ("ITUBOT_", "SLACK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | settings


def noon_zone() -> str:
    """Return a time zone in which it is about noon now, so that no midnight comes in between."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@asynccontextmanager
async def serving(
    environment: dict[str, str], module: str = "bot", log: IO[bytes] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bot serve` while the context is open; it is killed at the end.

    What it writes to stderr goes to `log`, where given, else it waits to be read.
    """
    stderr = log or asyncio.subprocess.PIPE
    async with _running(module, "serve", env=environment, stderr=stderr) as process:
        yield process


@asynccontextmanager
async def _running(module: str, *arguments: str, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def logged(process: asyncio.subprocess.Process, words: str) -> str:
    """Wait for a line on stderr that holds `words`, and return it; fails if the process ends before."""
    assert process.stderr is not None
    seen: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while line := (await process.stderr.readline()).decode():
            if words in line:
                return line
            seen.append(line)
    raise AssertionError(f"{words!r} is not among {seen}")
