"""Clients of the MCP server, by the protocol's own SDK: over stdio to a real process, over HTTP on loopback."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult, TextContent
from starlette.applications import Starlette

from bot.public_pages import public_pages
from bot.slack.transport import web_server
from bot.wiring import Services, build
from tests.bot.slack.processes.bot_process import environment_of
from tests.servers import settings_of
from tests.small_store import HashingEmbedder

ROOT = Path(__file__).parents[3]
PUBLIC_URL = "https://bot.example.org"


def services_on(data: Path, **settings: Any) -> Services:
    """Return the services on a data folder, whose answers are reached at a public address."""
    known = {"public_url": PUBLIC_URL, "timezone": "UTC"} | settings
    return build(settings_of(data, **known), HashingEmbedder())


@asynccontextmanager
async def over_stdio(data: Path, *arguments: str, mode: Any = "auto") -> AsyncIterator[Client]:
    """Start `itubot mcp` on a data folder; gives its client."""
    environment = environment_of(data, PYTHONPATH=str(ROOT), ITUBOT_TIMEZONE="UTC")
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "tests.bot.mcp.small_server", *arguments, "mcp"],
        env=environment,
        cwd=data,
    )
    async with Client(stdio_client(started), mode=mode) as client:
        yield client


@asynccontextmanager
async def served(services: Services) -> AsyncIterator[str]:
    """Serve the routes for other assistants as the bot does; gives the address."""
    async with (
        public_pages(services) as found,
        web_server(Starlette(routes=found), "127.0.0.1", 0, "ITUBOT_PORT") as port,
    ):
        yield f"http://127.0.0.1:{port}/mcp"


@asynccontextmanager
async def with_token(url: str, token: str, mode: Any = "auto") -> AsyncIterator[Client]:
    """Give a client that sends a token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        create_mcp_http_client(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


def new_token(services: Services, audience: str = "everybody") -> str:
    """Return a new token."""
    made = services.shared.access_keys.make("assistant", uuid4().hex, audience=audience)
    assert made is not None
    return made[1]


def text_of(result: CallToolResult) -> str:
    """Return the text of a result."""
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


def found_by(result: CallToolResult) -> Any:
    """Return the object of a result, which is the same as structured content and as text."""
    assert not result.is_error, text_of(result)
    assert json.loads(text_of(result)) == result.structured_content
    return result.structured_content
