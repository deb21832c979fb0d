"""While the embedding model is loading: everything that Slack sends is acknowledged, and answered after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bot.slack.processes.bot_process import PATIENCE, serving
from tests.bot.slack.processes.expert_bot import EXPERTS
from tests.bot.slack.processes.loading_bot import LOADED_BY
from tests.bot.slack.status_page import readiness
from tests.bot.slack.surfaces.knowing_assistant import HELD
from tests.bot.slack.surfaces.scene import QUESTION
from tests.bot.slack.surfaces.whole_bot import USERS, use_all, whole_bot
from tests.fake_slack.events import Envelope
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.surfaces import unasked
from tests.servers import free_port

# Seconds that Slack waits for an acknowledgement.
SLACK_WAITS = 3.0


@pytest.fixture
async def asked(slack: FakeSlack, tmp_path: Path) -> list[Envelope]:
    """What Slack sends to a bot of which every surface is used; of what that bot did, nothing is left."""
    folder = tmp_path / "whole"
    folder.mkdir()
    async with whole_bot(slack, folder, "socket") as scenes:
        await use_all(scenes)
    asked = list(slack.envelopes.values())
    slack.envelopes.clear()
    for known in (slack.responses, slack.agents.words, slack.agents.sessions):
        known.clear()
    for messages in slack.messages.values():
        messages[:] = [message for message in messages if message["user"] != slack.bot_user]
    return asked


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_everything_is_acknowledged_in_time_and_questions_are_answered_once_the_model_is_loaded(
    slack: FakeSlack, environment: dict[str, str], tmp_path: Path, asked: list[Envelope]
) -> None:
    port, loaded = free_port(), tmp_path / "loaded"
    environment |= {
        LOADED_BY: str(loaded),
        "ITUBOT_STATUS_PORT": str(port),
        "ITUBOT_LIBRARY_USERS": ",".join(USERS),
        "ITUBOT_EXPERTS_CHANNEL": EXPERTS,
        # The calendars have addresses, as those of the first bot.
        "ITUBOT_PUBLIC_URL": "https://bot.example.org",
        "ITUBOT_PORT": str(free_port()),
    }
    before = slack.connections()
    async with serving(environment, "tests.bot.slack.processes.loading_bot"):
        await slack.until(lambda: slack.connections() > before, PATIENCE)
        seconds = [(await slack.repeat(envelope)).seconds or 0.0 for envelope in asked]
        _, state = await readiness(port)
        questions = [envelope.payload for envelope in asked if is_question(envelope.payload)]
        early = [question for question in questions if replies(slack, question)]
        loaded.touch()
        for question in questions:
            await slack.until(lambda question=question: bool(replies(slack, question)), PATIENCE)  # type: ignore[misc]

    assert unasked(asked) == set()
    assert (state["model"], early) == ("is loading", [])
    assert max(seconds) < SLACK_WAITS
    assert len(questions) > 10


def is_question(payload: dict[str, Any]) -> bool:
    """Whether a mention, a direct message or a command asks something, and is not stopped afterwards."""
    event = payload.get("event", {})
    direct = event.get("type") == "message" and event.get("channel_type") == "im"
    written = event.get("type") == "app_mention" or direct
    return payload.get("text") == QUESTION or (written and "files" not in event and HELD not in event["text"])


def replies(slack: FakeSlack, question: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the bot has said to a question, other than its place in the queue."""
    if "trigger_id" in question:
        said = slack.responses[question["trigger_id"]]
    else:
        event = question["event"]
        said = slack.replies(event["channel"], event.get("thread_ts", event["ts"]))
    return [message for message in said if "in the queue" not in message["text"]]
