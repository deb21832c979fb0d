"""The daily digest: posted once, whoever crashes and however many bots there are."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.register.digest import Digest, DigestState, build_digest
from bot.slack.digest_schedule import LEASE, DigestPoster, DigestSchedule, Timetable
from bot.slack.sending.clients import SlackClients
from store.errors import NoStore
from store.jobs import DigestStore, Holder
from tests.bot.register_entries import spring
from tests.bot.slack.fakes.faults import Fault
from tests.bot.slack.fakes.slack import FakeSlack
from tests.servers import state_url
from tests.store.jobs.clock import Clock

CHANNEL = "C0DIGEST"
DAY = date(2024, 5, 2)
ZONE = ZoneInfo("Europe/Zurich")


# A holder that is gone.
DEAD = Holder("dead", LEASE)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2024, 5, 2, 8, tzinfo=ZONE).timestamp())


@pytest.fixture
def runs(tmp_path: Path, clock: Clock) -> DigestStore:
    return DigestStore.open(state_url(tmp_path), clock.reading)


def make(day: date, previous: DigestState | None) -> Digest:
    return build_digest(spring(), day, previous=previous)


def bot(
    slack: FakeSlack,
    runs: DigestStore,
    maker: Callable[[date, DigestState | None], Digest] = make,
) -> DigestPoster:
    return DigestPoster(
        runs,
        maker,
        SlackClients(slack.bot_token, slack.url).posting,
        SlackClients(slack.bot_token, slack.url).unretried,
        CHANNEL,
    )


async def test_digest_keeps_slacks_limits(slack: FakeSlack, runs: DigestStore) -> None:
    assert await bot(slack, runs).post(DAY) == "posted"
    assert len(slack.replies(CHANNEL)) == 1
    assert slack.problems == []


async def test_a_second_bot_posts_nothing(slack: FakeSlack, runs: DigestStore) -> None:
    await bot(slack, runs).post(DAY)
    assert await bot(slack, runs).post(DAY) == "already"
    assert len(slack.replies(CHANNEL)) == 1


async def test_many_bots_at_the_same_moment_post_once(
    slack: FakeSlack, runs: DigestStore, tmp_path: Path
) -> None:
    others = [DigestStore.open(state_url(tmp_path)) for _ in range(8)]
    outcomes = await asyncio.gather(*(bot(slack, each).post(DAY) for each in others))
    assert outcomes.count("posted") == 1
    assert len(slack.replies(CHANNEL)) == 1


async def test_processes_that_share_a_database_post_once(slack: FakeSlack, tmp_path: Path) -> None:
    arguments = [slack.url, slack.bot_token, state_url(tmp_path), DAY.isoformat()]
    command = [sys.executable, "-m", "tests.bot.slack.processes.digest_bot", *arguments]
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(3)
    ]
    outcomes = [(await process.communicate())[0] for process in processes]
    assert outcomes.count(b"posted") == 1
    assert len(slack.replies(CHANNEL)) == 1


async def test_each_day_has_one_digest(slack: FakeSlack, runs: DigestStore) -> None:
    await bot(slack, runs).post(DAY)
    assert await bot(slack, runs).post(DAY + timedelta(days=1)) == "posted"


async def test_digest_is_compared_with_the_last_state(slack: FakeSlack, runs: DigestStore) -> None:
    known: list[DigestState | None] = []

    def remember(day: date, previous: DigestState | None) -> Digest:
        known.append(previous)
        return make(day, previous)

    await bot(slack, runs, remember).post(DAY)
    await bot(slack, runs, remember).post(DAY + timedelta(days=1))
    assert known[0] is None
    assert known[1] is not None
    assert known[1].as_of == DAY


async def test_digest_posted_before_a_crash_is_found(
    slack: FakeSlack, runs: DigestStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runs, "finish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            await bot(slack, runs).post(DAY)
    clock.now += LEASE
    assert await bot(slack, runs).post(DAY) == "found"
    assert len(slack.replies(CHANNEL)) == 1


async def test_digest_not_posted_before_a_crash_is_posted(
    slack: FakeSlack, runs: DigestStore, clock: Clock
) -> None:
    assert runs.claim(CHANNEL, DAY, DEAD)
    clock.now += LEASE
    assert await bot(slack, runs).post(DAY) == "posted"


async def test_digest_under_a_lease_is_not_adopted(slack: FakeSlack, runs: DigestStore, clock: Clock) -> None:
    runs.claim(CHANNEL, DAY, DEAD)
    clock.now += LEASE - 1
    assert await bot(slack, runs).post(DAY) == "taken"
    assert slack.replies(CHANNEL) == []


async def test_digest_is_not_posted_after_the_lease_is_lost(
    slack: FakeSlack, runs: DigestStore, clock: Clock
) -> None:
    def slowly(day: date, previous: DigestState | None) -> Digest:
        clock.now += LEASE
        return make(day, previous)

    assert await bot(slack, runs, slowly).post(DAY) == "taken"
    assert slack.replies(CHANNEL) == []


async def test_doubtful_digest_in_an_unreadable_channel_is_not_posted(
    slack: FakeSlack, runs: DigestStore, clock: Clock
) -> None:
    runs.claim(CHANNEL, DAY, DEAD)
    clock.now += LEASE
    slack.faults["conversations.history"].append(Fault("refuse", error="missing_scope"))
    assert await bot(slack, runs).post(DAY) == "failed"
    assert slack.replies(CHANNEL) == []


async def test_digest_with_a_lost_response_is_not_repeated(slack: FakeSlack, runs: DigestStore) -> None:
    slack.faults["chat.postMessage"].append(Fault("drop", done=True))
    assert await bot(slack, runs).post(DAY) == "found"
    assert len(slack.replies(CHANNEL)) == 1


async def test_refused_digest_can_be_claimed_again(slack: FakeSlack, runs: DigestStore) -> None:
    slack.faults["chat.postMessage"].append(Fault("refuse", error="not_in_channel"))
    assert await bot(slack, runs).post(DAY) == "refused"
    assert await bot(slack, runs).post(DAY) == "posted"


async def test_abandoned_digest_of_yesterday_is_not_posted(
    slack: FakeSlack, runs: DigestStore, clock: Clock
) -> None:
    runs.claim(CHANNEL, DAY, DEAD)
    clock.now += 24 * 3600
    await bot(slack, runs).post(DAY + timedelta(days=1))
    (message,) = slack.replies(CHANNEL)
    assert message["metadata"]["event_payload"] == {"day": "2024-05-03"}


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
    assert Timetable(time(8), ZONE).is_due(moment) is due


def next_runs(schedule: DigestSchedule) -> list[datetime]:
    """Return the times of the next tries."""
    return [job.next_run_time for job in schedule._scheduler.get_jobs()]


async def test_restart_after_the_hour_posts_the_digest(
    slack: FakeSlack, runs: DigestStore, clock: Clock
) -> None:
    await bot(slack, runs).post(DAY - timedelta(days=1))
    later = datetime(2024, 5, 2, 9, tzinfo=ZONE)
    schedule = DigestSchedule(bot(slack, runs), Timetable(time(8), ZONE), clock=lambda: later)
    async with schedule.running():
        await slack.until(lambda: len(slack.replies(CHANNEL)) == 2)


async def test_first_start_after_the_hour_waits_for_the_next_day(slack: FakeSlack, runs: DigestStore) -> None:
    later = datetime(2024, 5, 2, 9, tzinfo=ZONE)
    schedule = DigestSchedule(bot(slack, runs), Timetable(time(8), ZONE), clock=lambda: later)
    async with schedule.running():
        (only,) = next_runs(schedule)
    assert (only.hour, only.minute) == (8, 0)


async def test_failed_digest_is_retried(slack: FakeSlack, runs: DigestStore) -> None:
    slack.faults["chat.postMessage"].append(Fault("drop"))
    now = datetime(2024, 5, 2, 8, tzinfo=ZONE)
    schedule = DigestSchedule(
        bot(slack, runs), Timetable(time(8), ZONE), clock=lambda: now, again_after=timedelta(0)
    )
    async with schedule.running():
        assert await schedule.tick() == "failed"
        assert len(next_runs(schedule)) == 2


async def test_digest_of_an_empty_store_is_tried_again_and_logged_once(
    slack: FakeSlack, runs: DigestStore, caplog: pytest.LogCaptureFixture
) -> None:
    def nothing(_day: date, _previous: DigestState | None) -> Digest:
        raise NoStore("there are no documents yet; run `itubot ingest`")

    now = datetime(2024, 5, 2, 8, tzinfo=ZONE)
    schedule = DigestSchedule(bot(slack, runs, nothing), Timetable(time(8), ZONE), clock=lambda: now)
    async with schedule.running():
        for _ in range(2):
            assert await schedule.tick() == "failed"
        assert len(next_runs(schedule)) == 2
    complaints = [(r.levelname, r.exc_info) for r in caplog.records if r.name == "bot.slack.digest_schedule"]
    assert complaints == [("WARNING", None)]
