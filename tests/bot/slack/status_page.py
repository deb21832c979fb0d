"""The pages of a bot's status port, as whoever runs it asks for them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.bot.telemetry.pages import value

PARTS = ("process", "model", "slack", "database", "documents", "search", "index")
FINE = {"ready": True} | dict.fromkeys(PARTS, "ok")


async def page(port: int, path: str = "/readyz") -> tuple[int, str]:
    """Return a page's status and text; 0 while nobody listens."""
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
            return response.status, await response.text()
    except ClientError:
        return 0, ""


async def readiness(port: int) -> tuple[int, dict[str, Any]]:
    """Return the status of /readyz and what it says."""
    status, text = await page(port)
    return status, json.loads(text or "{}")


async def until(port: int, seconds: float = 120.0, **parts: object) -> dict[str, Any]:
    """Wait until /readyz says this, and return all that it says."""
    async with asyncio.timeout(seconds):
        while not parts.items() <= (state := (await readiness(port))[1]).items():  # noqa: ASYNC110  no bot signals it
            await asyncio.sleep(0.05)
        return state


async def until_counted(port: int, name: str, **labels: str) -> float:
    """Wait until the page has a sample, and return its value."""
    async with asyncio.timeout(120):
        while not (found := value((await page(port, "/metrics"))[1], name, **labels)):  # noqa: ASYNC110  no bot signals it
            await asyncio.sleep(0.05)
        return found
