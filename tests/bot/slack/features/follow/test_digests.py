"""Digests: each is posted once, whoever crashes and however many bots there are, at the hour of those who read it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.register import RegisterEntry
from bot.register.digest import Digest, DigestState, build_digest
from bot.slack.core.access import LibraryUsers
from bot.slack.core.options import Timing
from bot.slack.features.follow.subscriptions import (
    Subscriptions,
    channel_digest,
    due_day,
)
from store.jobs import DailyDigest, DigestStore, Holder, QuestionStore, Subscription, SubscriptionStore
from store.records import Document
from tests.bot.register_entries import entry
from tests.bot.slack.conftest import channel_data
from tests.bot.slack.services import workspace_services
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock
from tests.store.jobs.stored_outcome import until_stored

CHANNEL = "C0DIGEST"
DAY = date(2024, 5, 2)
NEXT = DAY + timedelta(days=1)
ZONE = ZoneInfo("Europe/Zurich")
HOUR = datetime(2024, 5, 2, 8, tzinfo=ZONE)
OWN = channel_digest("T0TEAM", CHANNEL)
WEEKLY = Subscription("s1", "T0TEAM", "C1", "U1", "weekly", "", "", 0.0, 0, {})
DAILY = replace(WEEKLY, often="daily")
# Seconds.
LEASE = 300.0
DEAD = Holder("dead", LEASE)


@pytest.fixture
def clock() -> Clock:
    return Clock(HOUR.timestamp())


@pytest.fixture
def runs(tmp_path: Path, clock: Clock) -> DigestStore:
    return DigestStore.open(database_url(tmp_path), clock.reading)


class Feature:
    """The feature of one bot, for which it is the time of a clock, and what it may post where."""

    def __init__(self, slack: FakeSlack, folder: Path, clock: Clock) -> None:
        self.clock, self.allowed = clock, True
        # Something is due on both days.
        self.entries = [entry("Panel", "2024-05-02"), entry("Round table", "2024-05-03")]
        # The digests that those which were made are compared with.
        self.known: list[DigestState | None] = []
        self.takes = 0.0
        state = QuestionStore.open(database_url(folder), clock.reading)
        self.store = SubscriptionStore.beside(state)
        services = workspace_services(
            slack,
            state,
            lambda _audience: replace(channel_data(), digest_since=self._digest),
            clock=lambda: datetime.fromtimestamp(clock.now, UTC),
            timing=Timing(renew_every=0.02, lease_seconds=LEASE),
            digest_channel="",
            digest_time=time(8),
            channel_languages={},
        )
        admission: Any = SimpleNamespace(may_receive=self._may_receive)
        keepers = LibraryUsers(("U1",), services.clients.retrying, services.names)
        self.feature = Subscriptions(replace(services, admission=admission, library_users=keepers))

    async def _may_receive(self, _channel: str, _user: str) -> bool:
        return self.allowed

    def _digest(self, day: date, previous: DigestState | None, _topic: str, keeps_library: bool) -> Digest:
        self.known.append(previous)
        self.clock.now += self.takes
        report = Document("C24/53", "report.txt", "Report")
        gone = {report.id: DAY} if keeps_library else {}
        return build_digest(self.entries, day, previous=previous, documents=[report], gone=gone)

    async def post(self, subscription: Subscription, day: date, *entries: RegisterEntry) -> str:
        """Post a digest, of these entries where there are some; return what became of it."""
        self.entries = list(entries) or self.entries
        return await self.feature.digests.post(subscription, day)

    async def at(self, moment: datetime) -> None:
        """Review what is due at a moment, and do it."""
        self.clock.now = moment.timestamp()
        await self.feature.review(moment)

    async def run(self, done: Callable[[], bool]) -> None:
        """Run until it has settled what it or another bot left."""
        self.feature.runner.start()
        await until_stored(done)
        await self.feature.runner.close(5)


@pytest.fixture
def feature(slack: FakeSlack, tmp_path: Path, clock: Clock) -> Feature:
    return Feature(slack, tmp_path, clock)


# Each once


async def test_each_day_has_one_digest_compared_with_the_last_one(slack: FakeSlack, feature: Feature) -> None:
    assert [await feature.post(OWN, day) for day in (DAY, DAY, NEXT)] == ["posted", "already", "posted"]
    assert [state and state.as_of for state in feature.known] == [None, DAY]
    assert (len(slack.replies(CHANNEL)), slack.problems) == (2, [])


async def test_many_bots_at_the_same_moment_post_once(slack: FakeSlack, tmp_path: Path, clock: Clock) -> None:
    bots = [Feature(slack, tmp_path, clock) for _ in range(8)]
    outcomes = await asyncio.gather(*(bot.post(OWN, DAY) for bot in bots))
    assert (outcomes.count("posted"), len(slack.replies(CHANNEL))) == (1, 1)


async def test_digest_of_another_lease_is_left_to_it(
    slack: FakeSlack, runs: DigestStore, feature: Feature, clock: Clock
) -> None:
    feature.takes = LEASE
    assert await feature.post(OWN, DAY) == "taken"
    assert runs.claim(DailyDigest(CHANNEL, NEXT), DEAD)
    clock.now += LEASE - 1
    assert await feature.post(OWN, NEXT) == "taken"
    assert slack.replies(CHANNEL) == []


@pytest.mark.parametrize(
    ("fault", "outcomes"),
    [
        (Fault("drop", done=True), ["posted", "already"]),
        (Fault("refuse", error="not_in_channel"), ["refused", "posted"]),
    ],
)
async def test_digest_that_slack_does_not_take_can_be_posted_later(
    slack: FakeSlack, feature: Feature, fault: Fault, outcomes: list[str]
) -> None:
    slack.faults["chat.postMessage"] = [fault]
    assert [await feature.post(OWN, DAY) for _ in outcomes] == outcomes
    assert len(slack.replies(CHANNEL)) == 1


# What is worth one

FAR, LATER = entry("Forum", "2024-05-27"), entry("Forum", "2024-09-27")


async def test_a_daily_digest_comes_if_there_is_something_to_say_and_names_what_moved_first(
    slack: FakeSlack, runs: DigestStore, feature: Feature
) -> None:
    assert await feature.post(DAILY, DAY, FAR) == "quiet"
    assert (slack.messages["C1"], runs.is_posted("s1", DAY)) == ([], True)
    assert await feature.post(DAILY, NEXT, entry("Forum", "2024-05-28")) == "posted"
    [message] = slack.messages["C1"]
    assert "• *Forum*: ~27 May 2024~ → 28 May 2024  [§ 1.1]" in str(message["blocks"][1])
    # That of the settings comes on quiet days too, and a weekly one as one line.
    assert await feature.post(OWN, DAY, FAR) == "posted"
    assert await feature.post(replace(WEEKLY, id="s2", channel="C2"), DAY, LATER) == "posted"
    assert slack.messages["C2"][0]["text"] == (
        "Nothing due until 27 September 2024: Forum (§ 1.1).\nDigest: all dates, every Monday at 08:00"
    )


# When they come


@pytest.mark.parametrize(
    ("at", "now", "due"),
    [
        (8, "2024-05-02T07:59", None),
        (8, "2024-05-02T08:00", DAY),
        (8, "2024-05-02T13:59", DAY),
        (8, "2024-05-02T14:01", None),
        (8, "2024-05-04T09:00", None),
        # That of the evening comes after midnight, a Friday's too, but no Sunday's.
        (22, "2024-05-03T03:59", DAY),
        (22, "2024-05-03T04:01", None),
        (22, "2024-05-04T01:00", NEXT),
        (22, "2024-05-06T01:00", None),
    ],
)
def test_when_a_digest_is_due(at: int, now: str, due: date | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    assert due_day(time(at), ZONE, moment, datetime(2024, 1, 1, tzinfo=UTC)) == due
    # On the day on which it is first wanted after its hour, there is none.
    assert due_day(time(at), ZONE, moment, moment + timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("subscription", "hours", "day"),
    [
        (DAILY, 0, DAY),
        (WEEKLY, 0, None),
        (WEEKLY, 4 * 24, date(2024, 5, 6)),
        # The zone of a subscription counts before that of its person.
        (replace(DAILY, zone="Asia/Tokyo"), -7, DAY),
        (replace(DAILY, channel="D1"), 0, None),
        (replace(DAILY, channel="D1"), 6, DAY),
    ],
)
async def test_digest_begins_on_its_days_at_the_hour_of_its_readers(
    slack: FakeSlack,
    feature: Feature,
    runs: DigestStore,
    subscription: Subscription,
    hours: int,
    day: date | None,
) -> None:
    slack.directory.people["U1"] = {"tz": "America/New_York"}
    # One that cannot be begun does not keep the others.
    feature.store.add(replace(DAILY, id="s0", topic="a", zone="Mars/Olympus"), None)
    feature.store.add(subscription, None)
    await feature.at(HOUR + timedelta(hours=hours))
    assert runs.last_day("s1") == day


@pytest.mark.parametrize(
    ("channel", "user", "named"), [("D1", "U1", True), ("D2", "U2", False), ("C1", "U1", False)]
)
async def test_what_is_gone_at_its_source_is_told_to_those_who_keep_the_library(
    slack: FakeSlack, feature: Feature, runs: DigestStore, channel: str, user: str, named: bool
) -> None:
    feature.entries = [FAR]
    feature.store.add(replace(DAILY, channel=channel, user=user), None)
    await feature.at(HOUR)
    await feature.run(lambda: runs.is_posted("s1", DAY))
    assert ("Gone at its source: Report (report.txt)." in str(slack.messages[channel])) is named
    # In direct messages it begins a conversation, which has a title.
    assert list(slack.agents.titles.values()) == ["Coming dates, as of 2 May 2024"] * named


async def test_digest_waits_while_it_may_not_be_read(feature: Feature, runs: DigestStore) -> None:
    feature.store.add(DAILY, None)
    feature.allowed = False
    await feature.at(HOUR)
    assert runs.last_day("s1") is None
    feature.allowed = True
    await feature.at(HOUR + timedelta(minutes=1))
    await feature.run(lambda: runs.is_posted("s1", DAY))


@pytest.mark.parametrize(
    ("changes", "posted"),
    [
        ({}, 1),
        ({"arrived": True}, 1),
        ({"seconds": 24 * 3600.0}, 0),
        ({"ended": True}, 0),
        ({"allowed": False}, 0),
    ],
)
async def test_digest_of_a_dead_bot_is_posted_once_if_somebody_still_wants_it(
    slack: FakeSlack,
    feature: Feature,
    runs: DigestStore,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    posted: int,
) -> None:
    if not changes.get("ended"):
        feature.store.add(DAILY, None)
    if changes.get("arrived"):
        with monkeypatch.context() as patch:
            patch.setattr(DigestStore, "change", lambda *_, **__: (_ for _ in ()).throw(ZeroDivisionError))
            with pytest.raises(ZeroDivisionError):
                await feature.post(DAILY, DAY)
    else:
        assert runs.claim(DailyDigest("s1", DAY), DEAD)
    feature.allowed = changes.get("allowed", True)
    clock.now += changes.get("seconds", LEASE)
    await feature.run(lambda: runs.is_posted("s1", DAY) if posted else runs.last_day("s1") is None)
    assert len(slack.replies("C1")) == posted
