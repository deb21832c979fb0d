"""`/mcp` over HTTP: who is let in, for how long, and that no token is logged."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import ClientSession
from mcp.shared.exceptions import MCPError

from bot.mcp import MISSING, PATH
from bot.public_pages import public_pages
from bot.wiring import Services
from store.errors import StoreUnavailable
from tests.bot.mcp.connections import (
    PUBLIC_URL,
    found_by,
    new_token,
    served,
    services_on,
    with_token,
)
from tests.small_store import REPORT

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HEADERS = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("report")
    (folder / "report.txt").write_text(REPORT)
    services = services_on(folder / "data", questions_per_minute=0)
    services.shared.ingest([folder / "report.txt"])
    yield services
    services.shared.close()


async def status(url: str, *, body: Any = PING, **headers: str) -> tuple[int, str]:
    """Return the status and the text of a reply to a request."""
    async with ClientSession() as session, session.post(url, json=body, headers=HEADERS | headers) as reply:
        return reply.status, await reply.text()


@pytest.mark.parametrize("sent", ["", "Basic YTpi", "Bearer", "Bearer ", "Bearer no-such-token"])
async def test_without_a_valid_token_nothing_is_given(services: Services, sent: str) -> None:
    async with (
        served(services) as url,
        ClientSession() as session,
        session.post(url, json=PING, headers=HEADERS | {"Authorization": sent}) as reply,
    ):
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer ")
        assert (await reply.json())["error"] == "invalid_token"


async def test_a_valid_token_is_let_in(services: Services) -> None:
    async with served(services) as url:
        code, _ = await status(url, Authorization=f"Bearer {new_token(services)}")

    assert code == 200


async def test_a_revoked_token_gives_nothing_at_the_next_request(services: Services) -> None:
    keys = services.shared.access_keys
    made = keys.make("assistant", "to be revoked")
    assert made is not None
    key, token = made
    async with served(services) as url:
        before, _ = await status(url, Authorization=f"Bearer {token}")
        keys.revoke(key)
        after, _ = await status(url, Authorization=f"Bearer {token}")

    assert (before, after) == (200, 401)


async def test_a_revoked_token_ends_a_connection(services: Services) -> None:
    keys = services.shared.access_keys
    made = keys.make("assistant", "soon revoked")
    assert made is not None
    key, token = made
    async with served(services) as url, with_token(url, token) as client:
        found_by(await client.call_tool("search", {"query": "Forum"}))
        keys.revoke(key)
        with pytest.raises(MCPError):
            await client.call_tool("search", {"query": "Forum"})


async def test_the_key_of_a_calendar_is_no_token(services: Services) -> None:
    made = services.shared.access_keys.make("calendar", "")
    assert made is not None
    async with served(services) as url:
        code, _ = await status(url, Authorization=f"Bearer {made[1]}")

    assert code == 401


@pytest.mark.parametrize(("origin", "code"), [(PUBLIC_URL, 200), ("https://evil.example.org", 403)])
async def test_pages_of_other_sites_are_refused(services: Services, origin: str, code: int) -> None:
    async with served(services) as url:
        found, _ = await status(url, Authorization=f"Bearer {new_token(services)}", Origin=origin)

    assert found == code


async def test_a_large_request_is_refused(services: Services) -> None:
    body = PING | {"params": {"_meta": {"x": "x" * 1_000_000}}}
    async with served(services) as url:
        code, _ = await status(url, body=body, Authorization=f"Bearer {new_token(services)}")

    assert code == 413


async def test_nothing_is_given_to_a_get(services: Services) -> None:
    async with (
        served(services) as url,
        ClientSession() as session,
        session.get(url, headers={"Authorization": f"Bearer {new_token(services)}"}) as reply,
    ):
        assert reply.status == 405


async def test_tokens_that_cannot_be_looked_up_are_not_called_wrong(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    token = new_token(services)
    async with served(services) as url:
        monkeypatch.setattr(services.shared.access_keys, "find", away)
        code, text = await status(url, Authorization=f"Bearer {token}")

    assert code == 503
    assert "try again later" in text


async def test_each_token_has_a_budget_of_its_own(services: Services) -> None:
    limited = services_on(services.settings.data_dir, questions_per_minute=1)
    async with served(limited) as url:
        for _ in range(2):
            async with with_token(url, new_token(limited)) as client:
                first, second = [await client.call_tool("ask", {"question": "When?"}) for _ in range(2)]
                assert (first.is_error, second.is_error) == (False, True)


async def test_without_the_extra_the_log_names_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.mcp.is_installed", lambda: False)

    async with public_pages(services) as pages:
        assert not any(getattr(page, "path", "") == PATH for page in pages)
    assert MISSING in caplog.text


async def test_no_log_line_has_a_token(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    # The most that the program logs, with --debug.
    caplog.set_level(logging.INFO)
    good, unknown = new_token(services), secrets.token_urlsafe(32)
    async with served(services) as url:
        for mode in ("auto", "legacy"):
            async with with_token(url, good, mode) as client:
                await client.call_tool("ask", {"question": "When is the Forum?"})
                await client.call_tool("ask", {"as_of": good})
        await status(url, Authorization=f"Bearer {unknown}")
        await status(url, Authorization=unknown)
        await status(url, body={"jsonrpc": good}, Authorization=f"Bearer {good}")
        await status(f"{url}?token={unknown}", Authorization=f"Bearer {good}")
        await status(url, Authorization=f"Bearer {good}", Origin=f"https://{good}.example.org")

    lines = [str(vars(record)) + record.getMessage() for record in caplog.records]
    assert [line for line in lines if "mcp.server" in line]
    assert [line for line in lines if good in line or unknown in line] == []
