"""What a running bot counts, on its own port."""

from __future__ import annotations

from typing import Any

import pytest

from bot.telemetry.metrics import Metrics
from store.errors import NoStore
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.status_page import until_counted
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def bot(start: Start, port: int) -> Any:
    return await start(status_port=port, metrics=Metrics())


@pytest.mark.parametrize(
    ("fails", "outcome"), [(None, "answered"), (RuntimeError("x"), "failed"), (NoStore("x"), "no documents")]
)
async def test_question_is_counted_by_its_outcome(
    slack: FakeSlack, bot: Any, assistant: Assistant, port: int, fails: Exception | None, outcome: str
) -> None:
    assistant.fails = fails
    await slack.mention("C1", "When?")

    assert await until_counted(port, "itubot_questions_total", outcome=outcome) == 1


async def test_waiting_and_running_questions_are_shown(
    slack: FakeSlack, start: Start, assistant: Assistant, port: int
) -> None:
    assistant.go.clear()
    await start(status_port=port, metrics=Metrics(), workers=1)
    for channel in ("C1", "C2"):
        await slack.mention(channel, "When?")

    assert await until_counted(port, "itubot_queue_length") == 1
    assert await until_counted(port, "itubot_running_answers") == 1


async def test_error_of_slack_is_counted_by_method_and_code(slack: FakeSlack, bot: Any, port: int) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="channel_is_limited_access")]
    await slack.mention("C1", "When?")
    labels = {"method": "chat.postMessage", "code": "channel_is_limited_access"}

    assert await until_counted(port, "itubot_slack_errors_total", **labels) == 1
