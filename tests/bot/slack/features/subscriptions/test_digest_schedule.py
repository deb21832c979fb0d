"""When digests are begun: at their hour on their days, in the time zone of those who read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.slack.features.subscriptions.digests import Digests, DigestSender, due_day
from store.jobs import QuestionStore, Subscription, SubscriptionStore
from tests.bot.slack.features.subscriptions.test_digests import DAY, HOUR, WEEKLY, ZONE
from tests.bot.slack.services import workspace_services
from tests.fake_slack.slack import FakeSlack


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-05-02T07:59", False),
        ("2024-05-02T08:00", True),
        ("2024-05-02T13:59", True),
        ("2024-05-02T14:01", False),
        ("2024-05-04T09:00", False),
        ("2024-03-31T08:30", False),
    ],
)
def test_when_a_digest_is_due(now: str, due: bool) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    since = datetime(2024, 1, 1, tzinfo=UTC)
    assert (due_day(time(8), ZONE, moment, since) is not None) is due


def test_digest_is_not_due_on_the_day_on_which_it_is_first_wanted_after_its_hour() -> None:
    assert due_day(time(8), ZONE, HOUR + timedelta(hours=2), HOUR + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-05-03T03:59", date(2024, 5, 2)),
        ("2024-05-03T04:01", None),
        # A Friday's after midnight, but no Sunday's.
        ("2024-05-04T01:00", date(2024, 5, 3)),
        ("2024-05-06T01:00", None),
    ],
)
def test_digest_of_the_evening_is_due_after_midnight(now: str, due: date | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    assert due_day(time(22), ZONE, moment, datetime(2024, 1, 1, tzinfo=UTC)) == due


class Begun:
    """Subscriptions, and which of their digests are begun."""

    def __init__(self, slack: FakeSlack, state: QuestionStore) -> None:
        self.store = SubscriptionStore.beside(state)
        self.begun: list[tuple[str, date]] = []
        self._digests = Digests(workspace_services(slack, state))

    async def begin(self, subscription: Subscription, day: date) -> None:
        self.begun.append((subscription.id, day))

    async def at(self, moment: datetime) -> list[tuple[str, date]]:
        self.begun.clear()
        await self._digests.review(moment)
        return list(self.begun)


@pytest.fixture
def begun(slack: FakeSlack, state: QuestionStore, monkeypatch: pytest.MonkeyPatch) -> Begun:
    begun = Begun(slack, state)
    monkeypatch.setattr(DigestSender, "begin", begun.begin)
    return begun


async def test_subscription_with_a_broken_zone_does_not_keep_the_others(begun: Begun) -> None:
    daily = replace(WEEKLY, often="daily")
    begun.store.add(replace(daily, id="s0", topic="a", zone="Mars/Olympus"), None)
    begun.store.add(replace(daily, topic="b"), None)
    assert await begun.at(HOUR) == [("s1", DAY)]


async def test_weekly_digest_begins_on_monday(begun: Begun) -> None:
    begun.store.add(WEEKLY, None)
    assert await begun.at(HOUR) == []
    assert await begun.at(HOUR + timedelta(days=4)) == [("s1", date(2024, 5, 6))]


async def test_digest_of_a_person_begins_at_their_hour(slack: FakeSlack, begun: Begun) -> None:
    slack.directory.people["U1"] = {"tz": "America/New_York"}
    begun.store.add(replace(WEEKLY, often="daily", channel="D1"), None)
    assert await begun.at(HOUR) == []
    assert await begun.at(HOUR + timedelta(hours=6)) == [("s1", DAY)]


async def test_zone_of_a_subscription_counts_before_that_of_the_person(begun: Begun) -> None:
    begun.store.add(replace(WEEKLY, often="daily", zone="Asia/Tokyo"), None)
    assert await begun.at(HOUR - timedelta(hours=7)) == [("s1", DAY)]
