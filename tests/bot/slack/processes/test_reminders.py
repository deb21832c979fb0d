"""A reminder as `itubot serve` sends it: once, with two processes, or one that is killed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.register import RegisterEntry
from bot.register.following import reminder_day
from bot.register.repository import load_register
from bot.register.wording import stored_dating
from store.catalog import Catalog
from store.jobs import Reminder, ReminderStore
from tests.bot.slack.processes.bot_process import HURRIED, PATIENCE, restarted, serving
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import open_notices, until_stored

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def entry_of(folder: Path, title: str) -> RegisterEntry:
    """Return the dated entry of the bundled report whose title begins so."""
    with Catalog(database_url(folder)).snapshot() as view:
        register = load_register(view, date(2024, 5, 1))
    return next(entry for entry in register if entry.title.startswith(title) and entry.start)


@pytest.fixture
def reminders(slack: FakeSlack, folder: Path) -> ReminderStore:
    """A reminder that is due for years."""
    store, entry = ReminderStore.open(database_url(folder)), entry_of(folder, "Summit of the Future")
    day, dates = reminder_day(entry), stored_dating([entry])
    store.add(Reminder("r1", slack.team, "U1", "D1", entry.chain_id, 7, entry.title, day, dates))
    return store


@pytest.mark.parametrize("arrived", [True, False])
async def test_reminder_is_sent_once_after_a_kill(
    slack: FakeSlack, environment: dict[str, str], reminders: ReminderStore, arrived: bool
) -> None:
    async with restarted(slack, environment, arrived=arrived):
        await slack.until(lambda: bool(slack.called("conversations.history")), PATIENCE)
        await slack.until(lambda: bool(slack.replies("D1")), PATIENCE)
        await until_stored(lambda: not open_notices(reminders), PATIENCE)
    assert len(slack.replies("D1")) == 1
    assert reminders.all() == []


async def test_two_processes_send_one_reminder(
    slack: FakeSlack, environment: dict[str, str], reminders: ReminderStore
) -> None:
    async with serving(environment, HURRIED), serving(environment, HURRIED):
        await slack.until(lambda: bool(slack.replies("D1")), PATIENCE)
        await slack.until(lambda: slack.connections() == 2, PATIENCE)
        await until_stored(lambda: not open_notices(reminders), PATIENCE)
    assert len(slack.replies("D1")) == 1
