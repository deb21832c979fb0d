"""Replies to a `response_url`, also where it does not take blocks."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack.core.sending.private_replies import respond
from bot.slack.core.ui.elements import Message, plain_message, table


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
        assert await respond(str(server.make_url("/")), plain_message("A table.")) == "shown"
    assert [("blocks" in each, each["text"]) for each in received] == [
        (True, "A table."),
        (False, "A table."),
    ]


async def test_plain_table_is_sent_where_no_other_is_taken() -> None:
    received: list[str] = []

    async def take(request: web.Request) -> web.Response:
        received.append((await request.json())["blocks"][0]["type"])
        taken = received[-1] == "table"
        return web.Response(status=200 if taken else 400, text="ok" if taken else "invalid_blocks")

    app = web.Application()
    app.router.add_post("/", take)
    message = Message.of([table("Dates", ("When", "What"), [("9 May", "Forum")], named_by=1)])
    async with TestServer(app) as server:
        assert await respond(str(server.make_url("/")), message) == "shown"
    assert received == ["data_table", "table"]


async def test_expired_address_is_a_failure() -> None:
    async def take(_request: web.Request) -> web.Response:
        return web.Response(status=404, text="expired_url")

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server:
        assert await respond(str(server.make_url("/")), plain_message("Too late.")) == "refused"
