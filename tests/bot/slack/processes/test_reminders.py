"""A reminder as `itubot serve` sends it: once, with two processes, or one that is killed."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest

from bot.register import RegisterEntry
from bot.register.digest import dating_words
from bot.register.reminders import reminder_day
from bot.register.repository import load_register
from store.catalog import Catalog
from store.jobs import Reminder, ReminderStore
from tests.bot.slack.fakes.faults import Fault
from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.processes.bot_process import PATIENCE, serving
from tests.servers import catalog_url, state_url
from tests.store.jobs.stored_outcome import open_notices

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BOT = "tests.bot.slack.processes.hurried_bot"


def entry_of(folder: Path, title: str) -> RegisterEntry:
    """Return the dated entry of the bundled report whose title begins so."""
    with Catalog(catalog_url(folder)).snapshot() as view:
        register = load_register(view, date(2024, 5, 1))
    return next(entry for entry in register if entry.title.startswith(title) and entry.start)


@pytest.fixture
def reminders(slack: FakeSlack, folder: Path) -> ReminderStore:
    """A reminder that is due for years."""
    store, entry = ReminderStore.open(state_url(folder)), entry_of(folder, "Summit of the Future")
    day, dates = reminder_day(entry), dating_words(entry)
    store.add(Reminder("r1", slack.team, "U1", "D1", entry.chain_id, 7, entry.title, day, dates))
    return store


@pytest.mark.parametrize("arrived", [True, False])
async def test_reminder_is_sent_once_after_a_kill(
    slack: FakeSlack, environment: dict[str, str], reminders: ReminderStore, arrived: bool
) -> None:
    slack.faults["chat.postMessage"] = [Fault("hang", done=arrived)]
    async with AsyncExitStack() as stack:
        killed = await stack.enter_async_context(serving(environment, BOT))
        await slack.until(lambda: len(slack.called("chat.postMessage")) == 1, PATIENCE)
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
        await stack.enter_async_context(serving(environment, BOT))
        await slack.until(lambda: bool(slack.called("conversations.history")), PATIENCE)
        await slack.until(lambda: bool(slack.replies("D1")), PATIENCE)
        await finished(reminders)
    assert len(slack.replies("D1")) == 1
    assert reminders.all() == []


async def test_two_processes_send_one_reminder(
    slack: FakeSlack, environment: dict[str, str], reminders: ReminderStore
) -> None:
    async with serving(environment, BOT), serving(environment, BOT):
        await slack.until(lambda: bool(slack.replies("D1")), PATIENCE)
        await slack.until(lambda: slack.connections() == 2, PATIENCE)
        await finished(reminders)
    assert len(slack.replies("D1")) == 1


async def finished(reminders: ReminderStore) -> None:
    """Wait until no notice is left."""
    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(open_notices, reminders):  # noqa: ASYNC110  the database signals nothing
            await asyncio.sleep(0.05)
