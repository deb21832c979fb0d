"""What the bot's process never logs: tokens, the addresses of replies, what people write."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.slack.core.payloads import Press
from store.audiences import EVERYBODY
from store.jobs import Delivery, SlackMessage, Submission
from tests.bot.slack.processes.bot_process import PATIENCE, settings_for
from tests.bot.slack.status_page import page, until_counted
from tests.bot.telemetry.otlp_receiver import OtlpReceiver, receiving
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port

pytestmark = pytest.mark.slow

PLANTED = "pl4nted"


@pytest.fixture
def collector() -> Iterator[OtlpReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_debug_log_has_no_secrets(
    slack: FakeSlack, folder: Path, tmp_path: Path, collector: OtlpReceiver, log_format: str
) -> None:
    slack.bot_token, slack.app_token = f"xoxb-{PLANTED}", f"xapp-{PLANTED}"
    port = free_port()
    environment = settings_for(slack, folder) | {
        "ITUBOT_LOG_FORMAT": log_format,
        "ITUBOT_STATUS_PORT": str(port),
        **collector.environment,
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "--debug", "serve"], env=environment, stderr=log
        )
    try:
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        await slack.direct(f"Is {PLANTED} to be dismissed?")
        await slack.until(lambda: len(slack.replies("D1")) == 1, PATIENCE)
        await slack.response(await slack.command("dates", trigger=f"1.{PLANTED}"))
        await until_counted(port, "itubot_questions_total", outcome="refused")
        await asyncio.to_thread(collector.until, "question")
        _, metrics = await page(port, "/metrics")
    finally:
        process.kill()
        process.wait()
    assert PLANTED not in metrics
    assert PLANTED.encode() not in b"".join(collector.texts)
    logged = (tmp_path / "log").read_text()
    assert "connected to Test" in logged
    assert PLANTED not in logged
    if log_format == "json":
        assert {"time", "level", "logger", "event"} <= set.intersection(
            *(set(json.loads(line)) for line in logged.splitlines())
        )


def test_repr_hides_the_response_url() -> None:
    address = f"https://hooks.slack.com/commands/{PLANTED}"
    asked = SlackMessage("T1", "C1", "1.1", "", "U1", "")
    holders = (
        Press("1", "U1", EVERYBODY, "e1", response_url=address),
        Submission("1", asked, (), "1.1", address),
        Delivery(response_url=address),
    )
    assert PLANTED not in repr(holders)
