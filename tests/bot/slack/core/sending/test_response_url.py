"""Replies to a `response_url`, also where it does not take blocks."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.private_replies import Recipient, show_privately
from bot.slack.core.ui.elements import Message, plain_message


async def respond(server: TestServer, message: Message) -> str:
    clients = SlackClients("xoxb-1", "http://127.0.0.1:9/")
    return await show_privately(clients, Recipient("U1", response_url=str(server.make_url("/"))), message)


@pytest.mark.parametrize("refusal", [(200, '{"ok":false,"error":"invalid_blocks"}'), (400, "invalid_blocks")])
async def test_text_is_sent_alone_where_blocks_are_refused(refusal: tuple[int, str]) -> None:
    received: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        received.append(await request.json())
        status, body = refusal if "blocks" in received[-1] else (200, "ok")
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server:
        assert await respond(server, plain_message("A table.")) == "shown"
    assert [("blocks" in each, each["text"]) for each in received] == [
        (True, "A table."),
        (False, "A table."),
    ]


async def test_expired_address_is_a_failure() -> None:
    async def take(_request: web.Request) -> web.Response:
        return web.Response(status=404, text="expired_url")

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server:
        assert await respond(server, plain_message("Too late.")) == "refused"
