"""Starting where it cannot work: one clear error each, and nothing left behind."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from bot.slack.app import run_slack_bot
from bot.slack.core.errors import PortInUse, SlackUnreachable, TokenRefused
from store.errors import NoStore
from store.jobs import Holder, QuestionJob, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, channel_data
from tests.bot.slack.options import slack_options
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock
from tests.store.jobs.stored_outcome import stored_outcome, until_stored


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"slack_bot_token": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"slack_app_token": "xapp-wrong"}, "SLACK_APP_TOKEN"),
        ({"slack_app_token": "", "slack_signing_secret": ""}, "SLACK_SIGNING_SECRET"),
    ],
)
async def test_wrong_token_is_named_by_its_setting(
    start: Start, changes: dict[str, Any], setting: str
) -> None:
    with pytest.raises(TokenRefused, match=setting) as caught:
        await start(**changes)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "port", "named"),
    [
        ({"slack_app_token": "", "slack_signing_secret": "s"}, "port", "ITUBOT_PORT"),
        ({}, "status_port", "ITUBOT_STATUS_PORT"),
    ],
    ids=["HTTP mode", "status"],
)
async def test_port_that_is_taken_is_named_by_its_setting(
    start: Start, changes: dict[str, Any], port: str, named: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse, match=named):
        await start(host="127.0.0.1", **changes | {port: taken.getsockname()[1]})


async def test_scopes_that_the_app_lacks_are_logged(
    slack: FakeSlack, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    slack.scopes.discard("files:read")
    await start(library_users=("U1",))
    assert "lacks the scopes files:read; `itubot doctor`" in caplog.text


async def test_unreachable_slack_is_no_wrong_token(assistant: Assistant, state: QuestionStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    tokens = {"slack_bot_token": "x", "slack_app_token": "x"}
    with pytest.raises(SlackUnreachable, match=str(port)):
        await run_slack_bot(
            lambda _audience: assistant,
            state,
            lambda _audience: channel_data(),
            slack_options(**tokens, slack_api_url=f"http://127.0.0.1:{port}/api/"),
        )


async def test_missing_store_ends_the_bot_with_its_message(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    def warm_up() -> None:
        raise NoStore("nothing is kept yet; run `itubot ingest`")

    assistant.warm_up = warm_up  # type: ignore[method-assign]
    task = await start()
    with pytest.raises(NoStore, match="itubot ingest"):
        await task


async def test_questions_of_more_than_thirty_days_ago_are_removed(start: Start, tmp_path: Path) -> None:
    url = database_url(tmp_path)
    asked = [SlackMessage("T0TEAM", "D1", f"1.{days:06}", "", "U1", "Long ago?") for days in (31, 29)]
    for days, question in zip((31, 29), asked, strict=True):
        then = QuestionStore.open(url, Clock(time.time() - days * 24 * 3600).reading)
        job = then.claim(QuestionJob(question), Holder("gone", 60.0))
        assert job is not None
        then.change(job.lease, True, outcome="notice")
    state = QuestionStore.open(url)
    await start(state=state)
    await until_stored(lambda: stored_outcome(state, asked[0]) is None)
    assert stored_outcome(state, asked[1]) == "notice"
