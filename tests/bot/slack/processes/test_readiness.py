"""What the process says of itself on its own port, with a real store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.bot.slack.processes.bot_process import PATIENCE, ingest_report, serving, settings_for
from tests.bot.slack.status_page import until
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port
from tests.store.damage import damage_table
from tests.tools.chaos.bots import PROGRAM as PLAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_bot_is_ready_and_answers_once_its_empty_store_is_filled(
    slack: FakeSlack, tmp_path: Path
) -> None:
    folder, port = tmp_path / "data", free_port()
    environment = settings_for(slack, folder) | {"ITUBOT_STATUS_PORT": str(port)}
    async with serving(environment, PLAIN):
        empty = await until(port, PATIENCE, model="ok", slack="ok")
        asked = await slack.mention("C1", "When is the Summit of the Future?")
        await slack.until(lambda: "no documents yet" in str(slack.replies("C1", asked["ts"])), PATIENCE)
        await asyncio.to_thread(ingest_report, folder, PLAIN)
        await until(port, PATIENCE, ready=True)
        again = await slack.mention("C1", "When is the Summit of the Future?")
        await slack.until(lambda: "§ 2.2" in str(slack.replies("C1", again["ts"])), PATIENCE)

    assert (empty["ready"], empty["database"], empty["documents"]) == (False, "ok", "none")


async def test_bot_without_its_chroma_server_is_ready_with_full_text_alone(
    environment: dict[str, str],
) -> None:
    port = free_port()
    away = {"ITUBOT_CHROMA_URL": f"http://127.0.0.1:{free_port()}", "ITUBOT_STATUS_PORT": str(port)}
    async with serving(environment | away):
        state = await until(port, PATIENCE, ready=True)

    assert state["index"] == "full text alone"


@pytest.mark.files
async def test_bot_whose_catalog_is_damaged_where_only_questions_read_it_is_not_ready(
    environment: dict[str, str], folder: Path
) -> None:
    port = free_port()
    damage_table(folder, "passages")
    async with serving(environment | {"ITUBOT_STATUS_PORT": str(port)}):
        state = await until(port, PATIENCE, model="ok", slack="ok", search="fails")

    assert (state["ready"], state["database"], state["documents"]) == (False, "ok", "ok")
