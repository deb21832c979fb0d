"""The bot serves other assistants on the port of the HTTP mode, in Socket Mode too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.public_pages import public_pages
from bot.wiring import Services
from tests.bot.mcp.connections import found_by, new_token, services_on, with_token
from tests.bot.slack.conftest import Start
from tests.bot.slack.test_transport import start_http
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port
from tests.small_store import REPORT


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    (tmp_path / "report.txt").write_text(REPORT)
    services = services_on(tmp_path / "documents")
    services.shared.ingest([tmp_path / "report.txt"])
    yield services
    services.shared.close()


async def is_served(address: str, services: Services) -> bool:
    """Whether a client with a token finds a paragraph there."""
    async with with_token(f"{address}/mcp", new_token(services)) as client:
        return bool(found_by(await client.call_tool("search", {"query": "Forum"}))["results"])


async def test_in_http_mode(slack: FakeSlack, start: Start, services: Services) -> None:
    address = await start_http(slack, start, public_pages=partial(public_pages, services))

    assert await is_served(address, services)


async def test_in_socket_mode(start: Start, services: Services) -> None:
    port = free_port()
    await start(host="127.0.0.1", port=port, public_pages=partial(public_pages, services))

    assert await is_served(f"http://127.0.0.1:{port}", services)
