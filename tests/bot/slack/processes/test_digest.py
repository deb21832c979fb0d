"""The daily digest as `itubot serve` posts it: once, with two processes, or one that is killed."""

from __future__ import annotations

import asyncio
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from store.jobs import DigestStore, Holder
from tests.bot.slack.processes.bot_process import (
    HURRIED,
    PATIENCE,
    noon_zone,
    serving,
    settings_for,
)
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import until_stored

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHANNEL = "C0DIGEST"


@pytest.fixture
def today() -> date:
    return datetime.now(ZoneInfo(noon_zone())).date()


@pytest.fixture
def runs(folder: Path, today: date) -> DigestStore:
    """The bot's own record, with yesterday's digest in it: a bot that never had one waits for its hour."""
    runs = DigestStore.open(database_url(folder))
    yesterday = today - timedelta(days=1)
    job = runs.claim(CHANNEL, yesterday, Holder("yesterday's", 60.0))
    assert job is not None
    runs.finish(job.lease, ts="1.000001")
    return runs


@pytest.fixture
def environment(slack: FakeSlack, folder: Path, runs: DigestStore) -> dict[str, str]:
    """Settings by which today's digest is due since an hour or so."""
    return settings_for(slack, folder) | {
        "ITUBOT_DIGEST_CHANNEL": CHANNEL,
        "ITUBOT_DIGEST_TIME": "11:00",
        "ITUBOT_TIMEZONE": noon_zone(),
    }


async def test_two_processes_post_one_digest(
    slack: FakeSlack, environment: dict[str, str], runs: DigestStore, today: date
) -> None:
    async with serving(environment, HURRIED), serving(environment, HURRIED):
        await slack.until(lambda: slack.connections() == 2, PATIENCE)
        await until_posted(runs, today)
    [message] = slack.replies(CHANNEL)
    assert message["metadata"]["event_payload"]["question"].endswith(f"/digest/{CHANNEL}/{today}")
    assert "Newest document: 29 April 2024" in str(message["blocks"])


async def test_command_posts_the_digest_once(slack: FakeSlack, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "bot", "digest", "--post"]
    said = []
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said.append((await process.communicate())[0].decode())
    assert said[0].startswith("Posted the digest of")
    assert "it is not posted twice" in said[1]
    assert len(slack.replies(CHANNEL)) == 1


async def until_posted(runs: DigestStore, day: date) -> None:
    """Wait until the digest of a day is recorded as posted."""
    await until_stored(lambda: runs.is_posted(CHANNEL, day), PATIENCE)
