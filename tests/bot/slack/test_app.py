"""Starting where it cannot work: one clear error each, and nothing left behind."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import literal

from bot.errors import BotError
from bot.slack.app import run_slack_bot
from bot.slack.core.errors import PortInUse, SlackUnreachable, TokenRefused
from bot.slack.core.options import Timing
from store.errors import NoStore
from store.jobs import Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, channel_data
from tests.bot.slack.options import slack_options
from tests.fake_slack.slack import FakeSlack
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
    with pytest.raises(TokenRefused, match=setting):
        await start(**changes)


@pytest.mark.parametrize("changes", [{"slack_bot_token": "xoxb-wrong"}, {"slack_app_token": "xapp-wrong"}])
async def test_error_does_not_repeat_the_token(start: Start, changes: dict[str, Any]) -> None:
    with pytest.raises(BotError) as caught:
        await start(**changes)
    assert "wrong" not in str(caught.value)


async def test_port_in_use_is_named(slack: FakeSlack, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port}"):
            await start(slack_app_token="", slack_signing_secret="s", host="127.0.0.1", port=port)  # noqa: S106


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


async def test_old_questions_are_removed_at_start(start: Start, assistant: Assistant, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    asked = SlackMessage("T0TEAM", "D1", "1.000001", "", "U1", "Long ago?")
    then = QuestionStore.open(url, literal(time.time() - 31 * 24 * 3600))
    job = then.claim(asked, Holder("gone", 60.0))
    assert job is not None
    then.finish(job.lease, outcome="notice")
    state = QuestionStore.open(url)
    await start(state=state)
    await until_stored(lambda: stored_outcome(state, asked) is None)


async def test_old_questions_are_removed_regularly(
    start: Start, state: QuestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = asyncio.Semaphore(0)
    loop, forget = asyncio.get_running_loop(), state.forget

    def watched(*, older_than: float) -> None:
        forget(older_than=older_than)
        loop.call_soon_threadsafe(passes.release)

    monkeypatch.setattr(state, "forget", watched)
    await start(timing=Timing(forget_every=0.01))
    for _ in range(3):
        await passes.acquire()
