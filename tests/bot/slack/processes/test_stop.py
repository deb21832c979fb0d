"""The end of the bot's process: within half a minute after SIGTERM and with exit code 0, whatever hangs."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store.engines import open_engine
from store.jobs import Holder, QuestionStore
from tests import model_server
from tests.bot.slack.processes.bot_process import PATIENCE, serving
from tests.fake_slack.slack import FakeSlack
from tests.model_server import ModelServer
from tests.servers import database_url

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Seconds until a process that was told to stop is killed.
_KILLED_AFTER = 30.0


@pytest.fixture
def asked() -> threading.Event:
    """Set once the model has a request."""
    return threading.Event()


@pytest.fixture
def model(asked: threading.Event) -> Iterator[ModelServer]:
    """A model that never replies."""
    end = threading.Event()

    def hang(_messages: list[str]) -> str:
        asked.set()
        end.wait(PATIENCE)
        return ""

    with model_server.serving(hang) as server:
        yield server
        end.set()


@contextmanager
def locked(url: str, tables: str = "jobs") -> Iterator[None]:
    """Lock a database against all writers; on a server, these tables of it."""
    engine = open_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.cursor().execute("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"LOCK TABLE {tables}")
        yield
    engine.dispose()


async def ends(process: asyncio.subprocess.Process) -> int:
    """Tell a process to stop; return its exit code."""
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(_KILLED_AFTER):
        return await process.wait()


@pytest.fixture
async def process(
    slack: FakeSlack, environment: dict[str, str], model: ModelServer, asked: threading.Event
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bot whose model does not reply to a question."""
    with_model = environment | model.environment | {"ITUBOT_MODEL": model_server.NAME}
    async with serving(with_model) as process:
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        await slack.mention("C1", "When is the Summit of the Future?")
        assert await asyncio.to_thread(asked.wait, PATIENCE)
        yield process


async def test_answer_of_a_hanging_model_is_left_to_another_bot(
    process: asyncio.subprocess.Process, folder: Path
) -> None:
    code = await ends(process)
    left = QuestionStore.open(database_url(folder)).adopt(Holder("another", 60.0))

    assert (code, [job.failures for job in left]) == (0, [0])


async def test_process_ends_while_model_and_database_hang(
    process: asyncio.subprocess.Process, folder: Path
) -> None:
    with locked(database_url(folder)):
        code = await ends(process)

    assert code == 0
