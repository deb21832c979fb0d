"""What `itubot serve` sends by the clock: a reminder, an alert and a digest, each once, whoever is killed meanwhile."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.register.following import reminder_day
from bot.register.repository import load_register
from bot.register.wording import stored_dating
from store.catalog import Catalog
from store.jobs import (
    DailyDigest,
    DigestStore,
    Holder,
    KnownDates,
    QuestionStore,
    Reminder,
    ReminderStore,
    Subscription,
    SubscriptionStore,
)
from tests.bot.slack.processes.bot_process import HURRIED, PATIENCE, noon_zone, serving
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import open_jobs, until_stored

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DIGEST = "C0DIGEST"
ZONE = noon_zone()


@pytest.fixture
def state(slack: FakeSlack, folder: Path) -> QuestionStore:
    """Store a reminder that is due for years, a channel that knows another date, and the digest of yesterday."""
    state = QuestionStore.open(database_url(folder))
    with Catalog(database_url(folder)).snapshot() as view:
        register = load_register(view, date(2024, 5, 1))
    summit, conference = (
        next(entry for entry in register if entry.title.startswith(title) and entry.start)
        for title in ("Summit of the Future", "Third International Conference")
    )
    day, dates = reminder_day(summit), stored_dating([summit])
    ReminderStore.beside(state).add(
        Reminder("r1", slack.team, "U1", "D1", summit.chain_id, 7, summit.title, day, dates)
    )
    known = {conference.chain_id: KnownDates("Conference", "1 June 2024", None)}
    subscribed = Subscription(
        "s1", slack.team, "C1", "U1", "weekly", "landlocked countries", "", 4e9, -1, known
    )
    SubscriptionStore.beside(state).add(subscribed, None)
    # A bot that never had a digest waits for its hour.
    digests, today = DigestStore.beside(state), datetime.now(ZoneInfo(ZONE)).date()
    job = digests.claim(DailyDigest(DIGEST, today - timedelta(days=1)), Holder("yesterday's", 60.0))
    assert job is not None
    digests.change(job.lease, True, ts="1.000001")
    return state


@pytest.mark.parametrize("killed", ["before it arrives", "after it arrived", "nobody"])
async def test_what_is_due_is_sent_once(
    slack: FakeSlack, environment: dict[str, str], state: QuestionStore, killed: str
) -> None:
    # Due since an hour or so.
    environment |= {
        "ITUBOT_DIGEST_CHANNEL": DIGEST,
        "ITUBOT_DIGEST_TIME": "11:00",
        "ITUBOT_TIMEZONE": ZONE,
    }
    places = (("D1", "Reminder: Summit"), ("C1", "1 June 2024 → postponed"), (DIGEST, "29 April 2024"))
    async with AsyncExitStack() as bots:
        first = await bots.enter_async_context(serving(environment, HURRIED))
        if killed != "nobody":
            slack.faults["chat.postMessage"] = [Fault("hang", done=killed.startswith("after"))] * len(places)
            await slack.until(lambda: len(slack.called("chat.postMessage")) == len(places), PATIENCE)
            first.kill()
            slack.faults.clear()
        await bots.enter_async_context(serving(environment, HURRIED))
        await slack.until(lambda: all(slack.replies(channel) for channel, _ in places), PATIENCE)
        await slack.until(lambda: slack.connections() == 2, PATIENCE)
        await until_stored(lambda: not open_jobs(state), PATIENCE)

    for channel, words in places:
        [message] = slack.replies(channel)
        assert words in f"{message['text']} {message['blocks']}"
    assert ReminderStore.beside(state).all() == []
