"""Whether the public address answers with the pages of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bot.doctor.checks import check_public_address
from bot.public_pages import public_pages
from bot.settings import Settings
from bot.slack.transport import web_server
from tests.bot.mcp.connections import services_on
from tests.ingest.sources.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


async def test_address_with_the_pages_of_the_bot_is_ok(tmp_path: Path) -> None:
    services = services_on(tmp_path, public_url="http://127.0.0.1")
    async with (
        public_pages(services) as pages,
        web_server(Starlette(routes=pages), "127.0.0.1", 0, "ITUBOT_PORT") as port,
    ):
        url = f"http://127.0.0.1:{port}"
        check = await asyncio.to_thread(check_public_address, Settings(public_url=url))

    assert (check.verdict, check.found) == ("ok", f"{url} answers with the bot's pages, /calendars and /mcp")


def test_address_with_pages_of_another_program_is_broken(site: Site) -> None:
    check = check_public_address(Settings(public_url=site.url))

    assert check.verdict == "broken"
    assert check.found.startswith(
        f"{site.url} answers, but not as the bot at /calendars (HTTP 404) and /mcp (HTTP "
    )
    assert check.remedy.endswith("let the proxy there pass /calendars and /mcp on to port 3000")


def test_address_that_nobody_answers_is_broken() -> None:
    check = check_public_address(Settings(public_url="http://127.0.0.1:1"))

    assert check.verdict == "broken"
    assert check.found == "http://127.0.0.1:1 does not answer this machine (Connection refused)"
    assert check.remedy.startswith("start the bot")
