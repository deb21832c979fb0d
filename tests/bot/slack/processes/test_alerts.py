"""An alert as `itubot serve` sends it: once, also where the process is killed meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.jobs import KnownDates, Subscription, SubscriptionStore
from tests.bot.slack.processes.bot_process import PATIENCE, restarted
from tests.bot.slack.processes.test_reminders import entry_of
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import open_notices, until_stored

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def subscriptions(slack: FakeSlack, folder: Path) -> SubscriptionStore:
    """A channel that knows another date of a conference than the documents have."""
    store = SubscriptionStore.open(database_url(folder))
    knew = {
        entry_of(folder, "Third International Conference").chain_id: KnownDates(
            "Conference", "1 June 2024", None
        )
    }
    store.add(
        Subscription("s1", slack.team, "C1", "U1", "weekly", "landlocked countries", "", 4e9, -1, knew), None
    )
    return store


@pytest.mark.parametrize("arrived", [True, False])
async def test_alert_is_sent_once_after_a_kill(
    slack: FakeSlack, environment: dict[str, str], subscriptions: SubscriptionStore, arrived: bool
) -> None:
    async with restarted(slack, environment, arrived=arrived):
        await until_stored(lambda: not open_notices(subscriptions), PATIENCE)
    [message] = slack.replies("C1")
    assert "1 June 2024 → postponed" in message["text"]
