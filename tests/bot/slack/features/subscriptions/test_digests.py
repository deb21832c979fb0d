"""Digests: each is posted once, whoever crashes and however many bots there are, and begun at its hour."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.register import RegisterEntry
from bot.register.digest import Digest, DigestState, build_digest
from bot.slack.core.access import MayReceive, anybody
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster
from bot.slack.features.subscriptions.digests import DigestSender, MakeDigest, channel_digest
from store.errors import NoStore, StoreError, StoreUnavailable
from store.jobs import DigestStore, Holder, NoticeStore, Runner, Subscription
from store.records import Document
from tests.bot.register_entries import entry, spring
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.clock import Clock
from tests.store.jobs.stored_outcome import until_stored

CHANNEL = "C0DIGEST"
DAY = date(2024, 5, 2)
ZONE = ZoneInfo("Europe/Zurich")
HOUR = datetime(2024, 5, 2, 8, tzinfo=ZONE)
OWN = channel_digest("T0TEAM", CHANNEL)
WEEKLY = Subscription("s1", "T0TEAM", "C1", "U1", "weekly", "", "", 0.0, 0, {})
# Seconds.
LEASE = 300.0
DEAD = Holder("dead", LEASE)


@pytest.fixture
def clock() -> Clock:
    return Clock(HOUR.timestamp())


@pytest.fixture
def runs(tmp_path: Path, clock: Clock) -> DigestStore:
    return DigestStore.open(database_url(tmp_path), clock.reading)


def make(_audience: str, day: date, previous: DigestState | None, *_: object) -> Digest:
    return build_digest(spring(), day, previous=previous)


Bot = Callable[..., DigestSender]


@pytest.fixture
def bot(slack: FakeSlack, runs: DigestStore, clock: Clock) -> Bot:
    """Make a bot that posts digests."""
    clients = SlackClients(slack.bot_token, slack.url)

    def begin(
        runs: DigestStore = runs,
        maker: MakeDigest = make,
        known: Sequence[Subscription] = (OWN,),
        may_receive: MayReceive = anybody,
        keepers: Sequence[str] = (),
    ) -> DigestSender:
        async def keeps_library(user: str) -> bool:
            return user in keepers

        return DigestSender(
            runs,
            lambda wanted: next((one for one in known if one.id == wanted), None),
            maker,
            Poster(clients.posting, clients.unretried, slack.bot_user, tries=2, pause=0.01),
            Runner(renew_every=0.02, lease_seconds=LEASE),
            may_receive=may_receive,
            keeps_library=keeps_library,
            clock=lambda: datetime.fromtimestamp(clock.now, UTC),
        )

    return begin


async def adopted(slack: FakeSlack, sender: DigestSender, done: Callable[[], bool]) -> None:
    """Run a bot until it has settled what another one left."""
    sender.runner.start()
    await until_stored(done)
    await sender.runner.close(5)


async def test_digest_is_posted_and_keeps_slacks_limits(slack: FakeSlack, bot: Bot) -> None:
    assert await bot().post(OWN, DAY) == "posted"
    assert len(slack.replies(CHANNEL)) == 1
    assert slack.problems == []


async def test_a_second_bot_posts_nothing(slack: FakeSlack, bot: Bot) -> None:
    await bot().post(OWN, DAY)
    assert await bot().post(OWN, DAY) == "already"
    assert len(slack.replies(CHANNEL)) == 1


async def test_many_bots_at_the_same_moment_post_once(slack: FakeSlack, bot: Bot, tmp_path: Path) -> None:
    others = [DigestStore.open(database_url(tmp_path)) for _ in range(8)]
    outcomes = await asyncio.gather(*(bot(each).post(OWN, DAY) for each in others))
    assert outcomes.count("posted") == 1
    assert len(slack.replies(CHANNEL)) == 1


async def test_processes_that_share_a_database_post_once(slack: FakeSlack, tmp_path: Path) -> None:
    arguments = [slack.url, slack.bot_token, database_url(tmp_path), DAY.isoformat()]
    command = [sys.executable, "-m", "tests.bot.slack.processes.digest_bot", *arguments]
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(3)
    ]
    outcomes = [(await process.communicate())[0] for process in processes]
    assert outcomes.count(b"posted") == 1
    assert len(slack.replies(CHANNEL)) == 1


async def test_each_day_has_one_digest(bot: Bot) -> None:
    await bot().post(OWN, DAY)
    assert await bot().post(OWN, DAY + timedelta(days=1)) == "posted"


async def test_digest_is_compared_with_the_last_state(bot: Bot) -> None:
    known: list[DigestState | None] = []

    def remember(audience: str, day: date, previous: DigestState | None, *rest: object) -> Digest:
        known.append(previous)
        return make(audience, day, previous)

    for day in (DAY, DAY + timedelta(days=1)):
        await bot(maker=remember).post(OWN, day)
    assert known[0] is None
    assert known[1] is not None
    assert known[1].as_of == DAY


async def test_digest_posted_before_a_crash_is_found(
    slack: FakeSlack, runs: DigestStore, bot: Bot, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runs, "finish", lambda *_, **__: (_ for _ in ()).throw(ZeroDivisionError))
        with pytest.raises(ZeroDivisionError):
            await bot().post(OWN, DAY)
    clock.now += LEASE
    await adopted(slack, bot(), lambda: runs.is_posted(CHANNEL, DAY))
    assert len(slack.replies(CHANNEL)) == 1
    assert runs.last_state(CHANNEL, DAY + timedelta(days=1)) is not None


async def test_digest_not_posted_before_a_crash_is_posted(
    slack: FakeSlack, runs: DigestStore, bot: Bot, clock: Clock
) -> None:
    assert runs.claim(CHANNEL, DAY, DEAD)
    clock.now += LEASE
    await adopted(slack, bot(), lambda: runs.is_posted(CHANNEL, DAY))
    assert len(slack.replies(CHANNEL)) == 1


async def test_digest_under_a_lease_is_not_posted_by_another(
    slack: FakeSlack, runs: DigestStore, bot: Bot, clock: Clock
) -> None:
    runs.claim(CHANNEL, DAY, DEAD)
    clock.now += LEASE - 1
    assert await bot().post(OWN, DAY) == "taken"
    assert slack.replies(CHANNEL) == []


async def test_digest_is_not_posted_after_the_lease_is_lost(slack: FakeSlack, bot: Bot, clock: Clock) -> None:
    def slowly(audience: str, day: date, previous: DigestState | None, *rest: object) -> Digest:
        clock.now += LEASE
        return make(audience, day, previous)

    assert await bot(maker=slowly).post(OWN, DAY) == "taken"
    assert slack.replies(CHANNEL) == []


async def test_digest_with_a_lost_response_is_not_repeated(slack: FakeSlack, bot: Bot) -> None:
    slack.faults["chat.postMessage"].append(Fault("drop", done=True))
    assert await bot().post(OWN, DAY) == "posted"
    assert len(slack.replies(CHANNEL)) == 1


async def test_refused_digest_can_be_posted_again(slack: FakeSlack, bot: Bot) -> None:
    slack.faults["chat.postMessage"].append(Fault("refuse", error="not_in_channel"))
    assert await bot().post(OWN, DAY) == "refused"
    assert await bot().post(OWN, DAY) == "posted"


async def test_digest_that_slack_fails_to_take_is_posted_later_that_day(
    slack: FakeSlack, runs: DigestStore, bot: Bot
) -> None:
    # More than the tries of one post.
    slack.faults["chat.postMessage"] = [Fault("500")] * 5
    sender = bot()
    sender.runner.start()
    await sender.begin(OWN, DAY)
    await until_stored(lambda: runs.is_posted(CHANNEL, DAY))
    await sender.runner.close(5)
    assert len(slack.replies(CHANNEL)) == 1


async def test_refused_digest_is_told_once_to_the_person_who_subscribed(
    slack: FakeSlack, runs: DigestStore, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    slack.channels.closed.add("C1")
    sender = bot(known=[WEEKLY])
    for day in (DAY, DAY, DAY + timedelta(days=7)):
        await sender.begin(WEEKLY, day)
        await until_stored(lambda: runs.last_day("s1") is None)
    await sender.runner.close(5)
    [job] = NoticeStore.beside(runs).adopt(DEAD)
    assert (job.work.channel, job.work.user) == ("D1", "U1")
    assert job.work.text == (
        "I cannot post the digest of all dates in <#C1>, as I am not a member of that channel. Invite me there "
        "(/invite), or end the subscription."
    )
    assert caplog.text.count("Slack did not take the digest") == 2


async def test_abandoned_digest_of_yesterday_is_not_posted(
    slack: FakeSlack, runs: DigestStore, bot: Bot, clock: Clock
) -> None:
    runs.claim(CHANNEL, DAY, DEAD)
    clock.now += 24 * 3600
    await adopted(slack, bot(), lambda: runs.last_day(CHANNEL) is None)
    assert slack.replies(CHANNEL) == []


async def test_abandoned_digest_of_an_ended_subscription_is_not_posted(
    slack: FakeSlack, runs: DigestStore, bot: Bot, clock: Clock
) -> None:
    runs.claim("s1", DAY, DEAD)
    clock.now += LEASE
    await adopted(slack, bot(), lambda: runs.last_day("s1") is None)
    assert slack.messages["C1"] == []


async def test_digest_waits_while_it_may_not_be_read(slack: FakeSlack, runs: DigestStore, bot: Bot) -> None:
    allowed = False

    async def may_receive(_channel: str, _user: str) -> bool:
        return allowed

    sender = bot(known=[WEEKLY], may_receive=may_receive)
    await sender.begin(WEEKLY, DAY)
    assert runs.last_day("s1") is None
    allowed = True
    await sender.begin(WEEKLY, DAY)
    await slack.reply("C1")
    await sender.runner.close(5)


async def test_abandoned_digest_is_not_posted_where_it_may_not_be_read_any_more(
    slack: FakeSlack, runs: DigestStore, bot: Bot, clock: Clock
) -> None:
    async def nobody(_channel: str, _user: str) -> bool:
        return False

    runs.claim("s1", DAY, DEAD)
    clock.now += LEASE
    await adopted(slack, bot(known=[WEEKLY], may_receive=nobody), lambda: runs.last_day("s1") is None)
    assert slack.messages["C1"] == []


# What a subscription gets


def maker(*entries: RegisterEntry) -> MakeDigest:
    return lambda _audience, day, previous, *_: build_digest(entries, day, previous=previous)


FAR = entry("Forum", "2024-05-27")
REPORT = Document("C24/53", "report.txt", "Report")


async def test_quiet_day_of_a_daily_subscription_has_no_message(
    slack: FakeSlack, runs: DigestStore, bot: Bot
) -> None:
    daily = replace(WEEKLY, often="daily")
    assert await bot(maker=maker(FAR)).post(daily, DAY) == "quiet"
    assert slack.messages["C1"] == []
    assert runs.is_posted("s1", DAY)


async def test_date_that_moved_makes_a_day_worth_a_message(slack: FakeSlack, bot: Bot) -> None:
    daily, moved = replace(WEEKLY, often="daily"), replace(FAR, start=date(2024, 5, 28))
    await bot(maker=maker(FAR)).post(daily, DAY)
    assert await bot(maker=maker(moved)).post(daily, DAY + timedelta(days=1)) == "posted"
    assert ":bell: " in str(slack.messages["C1"])


@pytest.mark.parametrize(
    ("channel", "user", "named"),
    [("D1", "U1", True), ("D2", "U2", False), ("C1", "U1", False)],
    ids=["who keeps the library", "somebody else", "a channel"],
)
async def test_what_is_gone_at_its_source_is_told_to_those_who_keep_the_library(
    slack: FakeSlack, bot: Bot, channel: str, user: str, named: bool
) -> None:
    def gone(_audience: str, day: date, _previous: object, _topic: str, keeps_library: bool) -> Digest:
        gone = {REPORT.id: DAY} if keeps_library else {}
        return build_digest([FAR], day, documents=[REPORT], gone=gone)

    daily = replace(WEEKLY, often="daily", channel=channel, user=user)
    outcome = await bot(maker=gone, keepers=["U1"]).post(daily, DAY)

    assert outcome == ("posted" if named else "quiet")
    assert ("Gone at its source: Report (report.txt)." in str(slack.messages[channel])) is named


async def test_quiet_week_is_one_line(slack: FakeSlack, bot: Bot) -> None:
    await bot(maker=maker(entry("Forum", "2024-09-27"))).post(WEEKLY, DAY)
    [message] = slack.messages["C1"]
    assert message["text"] == (
        "The weekly digest of all dates: Nothing due until 27 September 2024: Forum (§ 1.1)."
    )


async def test_quiet_day_of_the_digest_of_the_settings_is_posted(slack: FakeSlack, bot: Bot) -> None:
    assert await bot(maker=maker(FAR)).post(OWN, DAY) == "posted"


# How it is begun


async def test_begun_digest_is_posted_and_not_begun_again(
    slack: FakeSlack, runs: DigestStore, bot: Bot
) -> None:
    sender = bot()
    for _ in range(2):
        await sender.begin(OWN, DAY)
    await slack.reply(CHANNEL)
    await sender.runner.close(5)
    assert len(slack.replies(CHANNEL)) == 1


@pytest.mark.parametrize(
    "error", [NoStore("there are no documents yet"), StoreUnavailable("the catalog does not answer")]
)
async def test_digest_without_a_library_to_read_is_begun_again(
    slack: FakeSlack, bot: Bot, caplog: pytest.LogCaptureFixture, error: StoreError
) -> None:
    empty = True

    def sometimes(audience: str, day: date, previous: DigestState | None, *rest: object) -> Digest:
        if empty:
            raise error
        return make(audience, day, previous)

    sender = bot(maker=sometimes)
    await sender.begin(OWN, DAY)
    async with asyncio.timeout(60):
        while str(error) not in caplog.text:  # noqa: ASYNC110  a log signals nothing
            await asyncio.sleep(0.01)
    empty = False
    await sender.begin(OWN, DAY)
    await slack.reply(CHANNEL)
    await sender.runner.close(5)
