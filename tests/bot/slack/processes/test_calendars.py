"""Calendars of a bot that runs, and of a terminal beside it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from urllib.parse import urlsplit

import icalendar
import pytest
from aiohttp import ClientSession

from tests.bot.slack.processes.bot_process import logged, serving
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def itubot(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


async def test_calendar_of_a_terminal_is_served_until_it_is_revoked(environment: dict[str, str]) -> None:
    port = free_port()
    environment |= {"ITUBOT_PUBLIC_URL": f"http://127.0.0.1:{port}", "ITUBOT_PORT": str(port)}
    made = json.loads(await asyncio.to_thread(itubot, environment, "calendar", "add", "--json"))
    stated = json.loads(await asyncio.to_thread(itubot, environment, "deadlines", "--all", "--json"))
    path = urlsplit(made["address"]).path
    async with serving(environment) as bot, ClientSession(f"http://127.0.0.1:{port}") as client:
        await logged(bot, "connected to")
        async with client.get(path) as response:
            events = icalendar.Calendar.from_ical(await response.read()).walk("VEVENT")
        await asyncio.to_thread(itubot, environment, "calendar", "revoke", made["id"])
        async with client.get(path) as response:
            status = response.status
    # The report has no event that moved, or that has several sessions.
    assert sorted(str(event["uid"]) for event in events) == sorted(
        row["chain_id"] for row in stated if row["precision"] == "day"
    )
    assert status == 404
