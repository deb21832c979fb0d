"""Sources that bots fetch by the clock: of two bots one does it, and if that is killed, the other goes on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from store.catalog import Catalog
from tests.bot.slack.processes.bot_process import PATIENCE, ingest_report, run_command, serving, settings_for
from tests.bot.slack.status_page import until
from tests.fake_slack.slack import FakeSlack
from tests.ingest.sources.site import Page, Site
from tests.ingest.sources.site import serving as site_serving
from tests.ingest.sources.test_processes import Gate
from tests.servers import database_url, free_port
from tests.store.jobs.stored_outcome import until_stored
from tests.tools.chaos.bots import PROGRAM as PLAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BOT = "tests.bot.slack.processes.plain_hurried_bot"
NAMES = [f"paper-{number}.txt" for number in range(6)]
STOPS_AT = "/paper-3.txt"
ALLOWED = {
    "ITUBOT_SOURCES_PRIVATE": "true",
    "ITUBOT_SOURCES_HTTP": "true",
    "ITUBOT_SOURCES_PAUSE": "0",
}


def papers(site: Site) -> Gate:
    """Put a page with papers on a site, of which one waits."""
    site.list("/council", *NAMES).etag = '"page"'
    for number, name in enumerate(NAMES):
        site.put(f"/{name}", f"1.1\tPaper {number} is about lighthouses.\n", etag=f'"{number}"')
    gate = Gate(site.pages[STOPS_AT].body)
    site.pages[STOPS_AT] = Page(site.pages[STOPS_AT].body, answer=gate)
    return gate


def versions(folder: Path) -> dict[str, int]:
    """Return name -> version of the papers in the library."""
    documents = Catalog(database_url(folder)).documents()
    return {document.source: document.version for document in documents if document.source in NAMES}


async def test_a_fetch_of_a_killed_bot_is_finished_by_another_one(slack: FakeSlack, tmp_path: Path) -> None:
    folder, port = tmp_path / "data", free_port()
    environment = settings_for(slack, folder) | ALLOWED
    await asyncio.to_thread(ingest_report, folder, PLAIN)
    with site_serving() as site:
        gate = papers(site)
        run_command(("source", "add", f"{site.url}/council"), environment, PLAIN)
        async with AsyncExitStack() as bots:
            first = await bots.enter_async_context(serving(environment, BOT))
            assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
            second = environment | {"ITUBOT_STATUS_PORT": str(port)}
            await bots.enter_async_context(serving(second, BOT))
            await until(port, PATIENCE, ready=True)
            first.kill()
            await until_stored(lambda: versions(folder) == dict.fromkeys(NAMES, 1), PATIENCE)
            await until(port, PATIENCE, ready=True)
        gate.opened.set()

    asked = [path for path, status in site.asked if status == 200]
    # What the killed bot was getting is asked for again.
    assert sorted(asked) == sorted(["/council", STOPS_AT, *(f"/{name}" for name in NAMES)])


async def test_a_source_that_fails_leaves_the_bot_ready(slack: FakeSlack, tmp_path: Path) -> None:
    folder, port = tmp_path / "data", free_port()
    environment = settings_for(slack, folder) | ALLOWED | {"ITUBOT_STATUS_PORT": str(port)}
    await asyncio.to_thread(ingest_report, folder, PLAIN)
    with site_serving() as site:
        site.put("/council", status=500)
        run_command(("source", "add", f"{site.url}/council"), environment, PLAIN)
        async with serving(environment, BOT):
            await until_stored(lambda: bool(site.asked), PATIENCE)
            await until(port, PATIENCE, ready=True)
