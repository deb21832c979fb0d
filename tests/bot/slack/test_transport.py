"""HTTP mode: signed events are answered, forged and stale ones refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.fakes.slack import FakeSlack


async def start_http(slack: FakeSlack, start: Start) -> str:
    """Start a bot in HTTP mode on a free port, and return its address."""
    announced: list[str] = []
    await start(
        app_token=None,
        signing_secret=slack.signing_secret,
        host="127.0.0.1",
        port=0,
        announced=announced,
    )
    port = re.search(r"port (\d+)", announced[0])
    assert port is not None
    return f"http://127.0.0.1:{port[1]}"


@pytest.fixture
async def address(slack: FakeSlack, start: Start) -> str:
    """The address of a bot in HTTP mode."""
    return await start_http(slack, start)


def mention(slack: FakeSlack) -> dict[str, Any]:
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    return slack.callback({**asked, "type": "app_mention", "channel": "C1"})


async def test_signed_mention_is_answered(slack: FakeSlack, address: str) -> None:
    body = mention(slack)
    status, _ = await slack.post_signed(f"{address}/slack/events", body)
    reply = await slack.reply("C1", body["event"]["ts"])
    assert (status, "When?" in reply["text"]) == (200, True)


async def test_event_redelivered_over_http_is_answered_once(slack: FakeSlack, address: str) -> None:
    body = mention(slack)
    for _ in range(3):
        await slack.post_signed(f"{address}/slack/events", body)
    last = slack.say("C1", f"<@{slack.bot_user}> Else?", thread=body["event"]["ts"])
    event = {**last, "type": "app_mention", "channel": "C1"}
    await slack.post_signed(f"{address}/slack/events", slack.callback(event))
    thread = body["event"]["ts"]
    await slack.until(lambda: any("Else?" in message["text"] for message in slack.replies("C1", thread)))
    assert len(slack.replies("C1", thread)) == 2


@pytest.mark.parametrize(
    "forgery",
    [{"secret": "another secret"}, {"age": 600.0}, {"age": -600.0}],
    ids=["wrong signature", "stale", "from the future"],
)
async def test_forged_or_stale_event_is_refused(
    slack: FakeSlack, address: str, assistant: Assistant, forgery: dict[str, Any]
) -> None:
    status, _ = await slack.post_signed(f"{address}/slack/events", mention(slack), **forgery)
    good = mention(slack)
    await slack.post_signed(f"{address}/slack/events", good)
    await slack.reply("C1", good["event"]["ts"])
    assert (status, len(assistant.asked)) == (401, 1)


async def test_unsigned_event_is_refused(slack: FakeSlack, address: str) -> None:
    async with ClientSession() as session, session.post(f"{address}/slack/events", json={}) as response:
        assert response.status == 401


async def test_url_verification_challenge_is_returned(slack: FakeSlack, address: str) -> None:
    body = {"type": "url_verification", "challenge": "3eZbrw1aB", "token": "t"}
    status, text = await slack.post_signed(f"{address}/slack/events", body)
    assert (status, "3eZbrw1aB" in text) == (200, True)


@pytest.mark.parametrize(("raw", "status"), [(b"\xff\xfe", 400), (b"x" * 1_000_001, 413)])
async def test_invalid_request_is_refused(slack: FakeSlack, address: str, raw: bytes, status: int) -> None:
    async with ClientSession() as session, session.post(f"{address}/slack/events", data=raw) as response:
        assert response.status == status


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503)])
async def test_health_is_on_the_port_of_the_http_mode(
    slack: FakeSlack, assistant: Assistant, start: Start, path: str, status: int
) -> None:
    assistant.loaded.clear()
    address = await start_http(slack, start)
    async with ClientSession() as session, session.get(f"{address}{path}") as response:
        assert response.status == status
