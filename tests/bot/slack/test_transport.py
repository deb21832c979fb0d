"""HTTP mode: signed requests are served, others refused. What people do in both modes is in test_surfaces."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.slack.manifest import ASK_ABOUT_MESSAGE, EVENTS_PATH
from tests.bot.slack.conftest import Assistant, Start
from tests.fake_slack.events import Kind, signature
from tests.fake_slack.shortcuts import shortcut_on
from tests.fake_slack.slack import FakeSlack

# Seconds after which Slack's guidance is to refuse a request as a repeated one.
OLDEST = 300.0


async def start_http(slack: FakeSlack, start: Start, **changes: Any) -> str:
    """Start a bot in HTTP mode on a free port, where Slack finds it, and return its address."""
    announced: list[str] = []
    http = {"slack_app_token": "", "slack_signing_secret": slack.signing_secret}
    local = {"host": "127.0.0.1", "port": 0}
    await start(announced=announced, **http, **local, **changes)
    port = re.search(r"port (\d+)", announced[0])
    assert port is not None
    address = f"http://127.0.0.1:{port[1]}"
    slack.delivery.request_url = address + EVENTS_PATH
    return address


@pytest.fixture
async def address(slack: FakeSlack, start: Start) -> str:
    """The address of a bot in HTTP mode."""
    return await start_http(slack, start)


def mention(slack: FakeSlack) -> dict[str, Any]:
    asked = slack.say("C1", f"<@{slack.bot_user}> When?")
    return slack.callback({**asked, "type": "app_mention", "channel": "C1"})


def command(slack: FakeSlack) -> dict[str, Any]:
    return slack.command_body("When?")


def shortcut(slack: FakeSlack) -> dict[str, Any]:
    """Return the shortcut on a message that asks."""
    used = shortcut_on(slack, ASK_ABOUT_MESSAGE, slack.say("C1", "When?"))
    return slack.interaction(used, "U1", slack.new_trigger())


KINDS: dict[Kind, Callable[[FakeSlack], dict[str, Any]]] = {
    "events_api": mention,
    "slash_commands": command,
    "interactive": shortcut,
}


@pytest.mark.parametrize(
    "forgery",
    [
        {"secret": "another secret"},
        {"age": OLDEST + 5},
        {"age": -OLDEST - 5},
        {"without": "X-Slack-Signature"},
        {"without": "X-Slack-Request-Timestamp"},
    ],
    ids=["wrong signature", "stale", "from the future", "no signature", "no time"],
)
async def test_forged_or_stale_request_is_refused(
    slack: FakeSlack, address: str, assistant: Assistant, forgery: dict[str, Any]
) -> None:
    for kind, body in KINDS.items():
        assert (await slack.delivery.post(kind, body(slack), **forgery))[0] == 401
    good = await slack.mention("C1", "And this?")
    await slack.reply("C1", good["ts"])
    assert assistant.questions == ["And this?"]


async def test_url_verification_challenge_is_returned(slack: FakeSlack, address: str) -> None:
    body = {"type": "url_verification", "challenge": "3eZbrw1aB", "token": "t"}
    status, text = await slack.delivery.post("events_api", body)
    assert (status, "3eZbrw1aB" in text) == (200, True)


# Ten thousand lists in each other: more than Python's JSON reader takes.
NESTED = b'{"event": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"


async def sent(address: str, raw: bytes, headers: dict[str, str]) -> int:
    """Send bytes to the bot, and return the status of its response."""
    async with (
        ClientSession(headers=headers) as session,
        session.post(address + EVENTS_PATH, data=raw) as response,
    ):
        return response.status


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"\xff\xfe", 401),
        (b"{", 401),
        (NESTED, 401),
        (b"x" * 1_000_001, 413),
        (b"{}", 401),
        # How Slack tries the certificate of a command's address.
        (b"token=t&ssl_check=1", 200),
    ],
    ids=["no text", "no JSON", "nested", "too large", "JSON", "check of the certificate"],
)
async def test_content_of_an_unsigned_request_is_not_read(address: str, raw: bytes, status: int) -> None:
    assert await sent(address, raw, {}) == status


@pytest.mark.parametrize(
    "raw",
    [b"{", b"[1]", b'{"authorizations": [5]}', NESTED],
    ids=["no JSON", "a list", "numbers", "nested"],
)
async def test_signed_request_of_another_form_than_slacks_is_refused(
    slack: FakeSlack, address: str, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Content-Type": "application/json"} | signature(raw.decode(), slack.signing_secret)
    assert (await sent(address, raw, headers), "Traceback" in caplog.text) == (400, False)


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503)])
async def test_health_is_on_the_port_of_the_http_mode(
    slack: FakeSlack, assistant: Assistant, start: Start, path: str, status: int
) -> None:
    assistant.loaded.clear()
    address = await start_http(slack, start)
    async with ClientSession() as session, session.get(f"{address}{path}") as response:
        assert response.status == status
