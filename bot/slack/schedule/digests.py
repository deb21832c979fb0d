"""Posts the digests of subscriptions, one of which may be the daily digest of the settings: each once a day.

A digest is a job of its day and subscription. Its lease is the right to post it; `store.jobs.DigestStore` gives it to
one bot. `Poster` finds what a process posted before it was killed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from bot.register.date_format import add_days
from bot.register.digest import STATE, Digest, DigestState
from bot.slack.access.admission import MayReceive
from bot.slack.access.people import TimeZones
from bot.slack.blocks.register import digest_message
from bot.slack.blocks.subscriptions import subscribed_digest_message, undelivered_digest_message
from bot.slack.schedule.every_minute import for_each
from bot.slack.sending.posting import Poster, Refused, Undelivered, unasked
from store.audiences import Audience, of_channel
from store.errors import NoStore
from store.jobs import (
    DailyDigest,
    DigestStore,
    Job,
    LeaseLost,
    Notice,
    NoticeStore,
    Runner,
    Subscription,
    SubscriptionStore,
)

_LOG = logging.getLogger(__name__)

WORKDAYS = frozenset(range(5))
_MONDAYS = frozenset({0})
# How long after its hour a missed digest is still posted.
_LATE = timedelta(hours=6)
# At one moment it can be three different days on Earth, and that of an evening comes after midnight.
_BEGUN_FOR = timedelta(days=4)

DigestOutcome = Literal["posted", "already", "taken", "quiet", "refused", "failed"]

# Returns the digest of a topic for an audience and a day, compared with the state of the last one; may block.
MakeDigest = Callable[[Audience, date, DigestState | None, str], Digest]


async def anybody(_channel: str, _user: str) -> bool:
    """Return True: nobody is refused."""
    return True


def utc_now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


def channel_digest(team: str, channel: str, since: float = 0.0) -> Subscription:
    """Return the daily digest of the settings: everything, in a channel by its id.

    `since`: seconds since 1970, from when on it is wanted.
    """
    return Subscription(channel, team, channel, "", "daily", "", "", since, 0, {})


class DigestSender:
    """Makes and posts digests. `renew_every` and `lease_seconds` are those of a Runner.

    `find` returns the subscription of an id, None if it has ended; it may block.
    """

    def __init__(
        self,
        runs: DigestStore,
        find: Callable[[str], Subscription | None],
        make: MakeDigest,
        poster: Poster,
        *,
        may_receive: MayReceive = anybody,
        renew_every: float = 3.0,
        lease_seconds: float = 300.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._clock = clock
        self._runs = runs
        self._find = find
        self._make = make
        self._poster = poster
        self._may_receive = may_receive
        self.runner = Runner(runs, self._work, renew_every=renew_every, lease_seconds=lease_seconds)
        self._notices = NoticeStore.beside(runs)
        # The subscriptions, by their ids, whose digest of a day this process claimed or found claimed.
        self._begun: dict[date, set[str]] = {}

    async def begin(self, subscription: Subscription, day: date) -> None:
        """Start the digest of a day, unless it was started before. Raises StoreError."""
        if day not in self._begun:
            self._begun = {other: ids for other, ids in self._begun.items() if abs(day - other) < _BEGUN_FOR}
        begun = self._begun.setdefault(day, set())
        if subscription.id in begun or not await self._may_get(subscription):
            return
        job = await self._claim(subscription, day)
        begun.add(subscription.id)
        if job is not None:
            self.runner.submit(job)

    async def post(self, subscription: Subscription, day: date) -> DigestOutcome:
        """Post the digest of a day, unless it is posted; it may be another day than today. Raises StoreError.

        "already": it was posted before. "taken": another process posts it, or was killed a short time ago. "refused":
        Slack does not take it. "failed": it may be in the channel or not; ask again later.
        """
        job = await self._claim(subscription, day)
        if job is None:
            posted = await asyncio.to_thread(self._runs.is_posted, subscription.id, day)
            return "already" if posted else "taken"
        try:
            return await self._deliver(job, subscription)
        except LeaseLost:
            return "taken"
        except Undelivered:
            await self.runner.call(self._runs.release, job.lease)
            return "failed"

    async def _claim(self, subscription: Subscription, day: date) -> Job[DailyDigest] | None:
        return await self.runner.call(self._runs.claim, subscription.id, day, self.runner.holder)

    async def _work(self, job: Job[DailyDigest]) -> None:
        """Post a digest, also one that another process left, or withdraw it."""
        subscription = await self._subscription_of(job)
        if subscription is None:
            await self.runner.withdraw(job.lease)
            return
        try:
            outcome = await self._deliver(job, subscription)
        except NoStore as error:
            _LOG.warning("no digest %s: %s", job.work.key, error)
        else:
            _LOG.info("digest of %s for %s: %s", job.work.day, subscription.id, outcome)

    async def _subscription_of(self, job: Job[DailyDigest]) -> Subscription | None:
        """Return the subscription that a digest is for; None if it is too late, or nobody may get it."""
        if self._clock() - datetime.fromtimestamp(job.created_at, UTC) > _LATE:
            return None
        subscription = await asyncio.to_thread(self._find, job.work.subscription)
        if subscription is not None and not await self._may_get(subscription):
            _LOG.warning("no digest %s: its conversation may not get it now", job.work.key)
            self._forget_begun(job.work)
            return None
        return subscription

    async def _may_get(self, subscription: Subscription) -> bool:
        """Return False where a channel was shared with another organization since somebody subscribed it, say."""
        return not subscription.user or await self._may_receive(subscription.channel, subscription.user)

    async def _deliver(self, job: Job[DailyDigest], subscription: Subscription) -> DigestOutcome:
        """Make and post a digest. Raises LeaseLost, Undelivered, and what making it raises."""
        lease, day = job.lease, job.work.day
        try:
            digest = await asyncio.to_thread(self._digest, subscription, day)
        except Exception:
            await self.runner.withdraw(lease)
            self._forget_begun(job.work)
            raise
        state = STATE.dump_json(digest.state).decode()
        message = (
            subscribed_digest_message(digest, subscription) if subscription.user else digest_message(digest)
        )
        if message is None:
            await self.runner.call(self._runs.finish, lease, ts=None, state=state)
            return "quiet"
        origin = unasked(subscription.team, subscription.channel, job.created_at)
        poster = self._poster.for_job(job, self.runner)
        try:
            posted = await poster.post(origin, message, f"/digest/{lease.key}")
        except Refused as refused:
            _LOG.error("Slack did not take the digest %s: %s", lease.key, refused.code)
            await self.runner.withdraw(lease)
            await self._tell(subscription, refused.code)
            return "refused"
        await self.runner.call(self._runs.finish, lease, ts=posted.ts, state=state)
        return "posted"

    def _forget_begun(self, digest: DailyDigest) -> None:
        """Let the schedule begin a digest again in a minute."""
        self._begun.get(digest.day, set()).discard(digest.subscription)

    async def _tell(self, subscription: Subscription, code: str) -> None:
        """Tell the person who subscribed a channel that Slack refuses its digest, once a month at most."""
        if subscription.personal or not subscription.user:
            return
        try:
            direct = await self._poster.open_direct(subscription.user)
        except (Refused, Undelivered) as error:
            _LOG.warning("nobody is told of the refused digest %s: %s", subscription.id, error)
            return
        message = undelivered_digest_message(subscription, code)
        notice = Notice(subscription.team, direct, message.text, message.blocks, subscription.user)
        await self.runner.call(self._notices.put, f"undelivered/{subscription.id}", notice)

    def _digest(self, subscription: Subscription, day: date) -> Digest:
        state = self._runs.last_state(subscription.id, day)
        previous = STATE.validate_json(state) if state else None
        audience = of_channel(subscription.team, subscription.channel)
        return self._make(audience, day, previous, subscription.topic)


@dataclass
class DigestSchedule:
    """Begins the digests whose hour has come. `at` is that hour.

    `read_of_settings` returns the daily digest of the settings, if there is one, given the first tick's time. It may
    block.
    """

    sender: DigestSender
    subscriptions: SubscriptionStore
    read_of_settings: Callable[[datetime], Subscription | None]
    zones: TimeZones
    at: time
    of_settings: list[Subscription] | None = None

    async def tick(self, now: datetime) -> None:
        """Begin what is due at `now`, an aware time. Raises StoreError."""
        if self.of_settings is None:
            found = await asyncio.to_thread(self.read_of_settings, now)
            self.of_settings = [found] if found is not None else []
        subscriptions = [*self.of_settings, *await asyncio.to_thread(self.subscriptions.all)]
        await for_each(partial(self._begin, now), subscriptions, "beginning the digest of a subscription")

    async def _begin(self, now: datetime, subscription: Subscription) -> None:
        weekdays = _MONDAYS if subscription.often == "weekly" else WORKDAYS
        zone = await zone_of(subscription, self.zones)
        since = datetime.fromtimestamp(subscription.made_at, UTC)
        if (day := due_day(self.at, zone, now, since, weekdays)) is not None:
            await self.sender.begin(subscription, day)


def due_day(
    at: time, zone: ZoneInfo, now: datetime, since: datetime, weekdays: Set[int] = WORKDAYS
) -> date | None:
    """Return the day whose digest is due at `now`, None if none is. Pure.

    It is due from the hour `at` of one of the weekdays (Monday is 0) until it is too late. `since`: from when on
    digests are wanted.
    """
    local = now.astimezone(zone)
    # That of an evening may come after midnight.
    for day in (local.date(), add_days(local.date(), -1)):
        hour = datetime.combine(day, at, zone)
        if day.weekday() in weekdays and since <= hour <= local <= hour + _LATE:
            return day
    return None


async def zone_of(subscription: Subscription, zones: TimeZones) -> ZoneInfo:
    """Return the time zone of a subscription: its own, that of its person, or that of the settings."""
    if subscription.zone:
        return ZoneInfo(subscription.zone)
    return await zones.of(subscription.user) if subscription.personal else zones.default
