"""The pages for whoever runs the bot: it lives, and it can answer or says why not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bot.slack.core.options import Timing
from bot.slack.readiness import StoreChecks
from store.errors import ModelChanged, StoreDamaged, StoreUnavailable
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.status_page import FINE, readiness, until
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """A check of the store waits for this event."""
    event = threading.Event()
    yield event
    event.set()


async def test_bot_is_ready_once_the_model_is_loaded(start: Start, assistant: Assistant, port: int) -> None:
    assistant.loaded.clear()
    await start(status_port=port)
    loading = await readiness(port)
    assistant.loaded.set()

    unknown = {"search": "unknown", "index": "unknown"}
    assert loading == (503, {**FINE, **unknown, "ready": False, "model": "is loading"})
    assert await until(port, ready=True) == FINE


async def test_stopping_bot_is_not_ready(
    slack: FakeSlack, start: Start, assistant: Assistant, port: int
) -> None:
    stop = asyncio.Event()
    await start(status_port=port, stop=stop)
    await until(port, ready=True)
    assistant.go.clear()
    await slack.mention("C1", "When?")
    await assistant.until_at_work_on(1)
    stop.set()
    status, state = await readiness(port)

    assert (status, state["process"]) == (503, "stopping")


async def test_bot_whose_connection_to_slack_is_cut_is_not_ready(
    slack: FakeSlack, start: Start, port: int
) -> None:
    await start(status_port=port)
    await until(port, ready=True)
    slack.faults["apps.connections.open"] = [Fault("refuse", error="internal_error")] * 1000
    await slack.cut_connections()

    assert (await until(port, slack="not connected"))["ready"] is False


@pytest.mark.parametrize(
    ("found", "database", "documents"),
    [
        (False, "ok", "none"),
        (ModelChanged("the documents were embedded with another model"), "ok", "other model"),
        (StoreUnavailable("the catalog cannot be reached (10.0.0.7)"), "does not answer", "unknown"),
    ],
)
async def test_store_without_usable_documents_is_not_ready_and_named_without_details(
    start: Start, port: int, found: bool | Exception, database: str, documents: str
) -> None:
    def has_documents() -> bool:
        if isinstance(found, Exception):
            raise found
        return found

    await start(status_port=port, checks=StoreChecks(has_documents=has_documents))
    status, state = await readiness(port)

    assert (status, state["database"], state["documents"]) == (503, database, documents)
    assert "10.0.0.7" not in str(state)


async def test_bot_without_its_index_is_ready(start: Start, port: int) -> None:
    await start(status_port=port, checks=StoreChecks(search=lambda: False))

    assert await until(port, ready=True) == {**FINE, "index": "full text alone"}


@pytest.mark.parametrize(
    ("patience", "ready", "search"), [(60.0, True, "ok"), (0.0, False, "does not answer")]
)
async def test_bot_whose_search_takes_long_is_ready_for_a_while(
    start: Start, port: int, hanging: threading.Event, patience: float, ready: bool, search: str
) -> None:
    checks = StoreChecks(search=lambda: hanging.wait(60))
    await start(status_port=port, checks=checks, timing=Timing(search_patience=patience))

    assert await until(port, model="ok", slack="ok") == {
        **FINE,
        "ready": ready,
        "search": search,
        "index": "unknown",
    }


@pytest.mark.parametrize(
    "error", [StoreDamaged("the catalog cannot be read (10.0.0.7)"), ValueError("10.0.0.7")]
)
async def test_bot_whose_search_fails_is_not_ready_until_it_works(
    start: Start, port: int, error: Exception
) -> None:
    faults = [error]

    def search() -> bool:
        if faults:
            raise faults[0]
        return True

    await start(status_port=port, checks=StoreChecks(search=search))
    failing = await until(port, model="ok", slack="ok")
    faults.clear()

    assert failing == {**FINE, "ready": False, "search": "fails", "index": "unknown"}
    assert await until(port, ready=True) == FINE
