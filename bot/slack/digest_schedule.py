"""The daily digest in its channel: once a day, whatever crashes and however many bots run.

The lease on a day's digest is the right to post it, and the message carries its day as metadata. A digest whose lease
has run out is looked up in the channel: if it is not there, nobody will post it any more, as the lease is renewed
before the message is sent, and sending ends well within it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from bot.register.digest import Digest, DigestState
from bot.slack.blocks.digest import digest_message
from bot.slack.sending.clients import FAILURES, error_code, is_transient, is_undone
from bot.slack.sending.posting import messages_since, payload_of, post_message
from store.errors import NoStore
from store.jobs import DailyDigest, DigestStore, Holder, Job, LeaseLost

EVENT_TYPE = "itubot_digest"

# Seconds. Making a digest and sending it each take less; sending at most a third.
LEASE = 600.0
# How long after its hour a missed digest is still posted.
LATE = timedelta(hours=6)
# Seconds by which the clocks of several machines may differ.
_SKEW = 600.0

_LOG = logging.getLogger(__name__)

DigestOutcome = Literal["posted", "found", "already", "taken", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Timetable:
    """When digests are posted: at `at` in the time zone `zone`, on `weekdays` (Monday is 0)."""

    at: time
    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset(range(5))

    def today(self, now: datetime) -> date:
        """Return the date in the time zone."""
        return now.astimezone(self.zone).date()

    def is_due(self, now: datetime) -> bool:
        """Return True on a digest day, from its hour until the digest is too late."""
        local = now.astimezone(self.zone)
        hour = datetime.combine(local.date(), self.at, self.zone)
        return local.weekday() in self.weekdays and hour <= local <= hour + LATE


class DigestPoster:
    """Posts the digest of a day to one channel, once.

    `make` returns the digest of a day compared with the state of the last one; it may block. `client` repeats only
    rate-limited calls, `reader` any call. `channel` is a channel's id: Slack posts to a name, but does not read it.
    """

    def __init__(
        self,
        runs: DigestStore,
        make: Callable[[date, DigestState | None], Digest],
        client: AsyncWebClient,
        reader: AsyncWebClient,
        channel: str,
    ) -> None:
        self._runs = runs
        self._make = make
        self._client = client
        self._reader = reader
        self._channel = channel
        self._holder = Holder(secrets.token_hex(8), LEASE)

    async def post(self, day: date) -> DigestOutcome:
        """Post the digest of a day unless it is posted. Raises StoreError.

        "posted": now, by this bot. "found": it was in the channel, unrecorded after a crash. "already": recorded
        before. "taken": another bot posts it, or has died within its lease; ask again later. "refused": Slack does
        not take it. "failed": it may be in the channel or not; ask again later.
        """
        today = DailyDigest(self._channel, day)
        outcome: DigestOutcome | None = None
        try:
            for job in await asyncio.to_thread(self._runs.adopt, self._holder):
                settled = await self._settle(job, today)
                outcome = settled if job.work == today else outcome
            if outcome is not None:
                return outcome
            claimed = await asyncio.to_thread(self._runs.claim, self._channel, day, self._holder)
            if claimed is not None:
                return await self._deliver(claimed)
        except LeaseLost as error:
            _LOG.warning("%s", error)
            return "taken"
        posted = await asyncio.to_thread(self._runs.is_posted, self._channel, day)
        return "already" if posted else "taken"

    async def last_day(self) -> date | None:
        """Return the latest day whose digest was claimed."""
        return await asyncio.to_thread(self._runs.last_day, self._channel)

    async def _settle(self, job: Job[DailyDigest], today: DailyDigest) -> DigestOutcome:
        """Settle an abandoned digest: posted, or not."""
        try:
            found = await self._find(job)
        except FAILURES as error:
            # Posting could double it.
            code = error_code(error)
            _LOG.warning("the digest %s is in doubt, and its channel cannot be read: %s", job.work.key, code)
            await asyncio.to_thread(self._runs.release, job.lease)
            return "failed"
        if found:
            return "found"
        if job.work == today:
            return await self._deliver(job)
        # Yesterday's digest is not posted today.
        await asyncio.to_thread(self._runs.withdraw, job.lease)
        return "refused"

    async def _deliver(self, job: Job[DailyDigest]) -> DigestOutcome:
        """Make and send the digest. Raises LeaseLost."""
        day = job.work.day
        try:
            digest = await asyncio.to_thread(self._digest, day)
        except Exception:
            await asyncio.to_thread(self._runs.withdraw, job.lease)
            raise
        await asyncio.to_thread(self._runs.check, job.lease)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"day": day.isoformat()}}
        try:
            async with asyncio.timeout(LEASE / 3):
                message = digest_message(digest)
                response = await post_message(self._client, self._channel, message, metadata)
        except FAILURES as error:
            if not is_undone(error):
                return await self._look_up(job)
            _LOG.error("Slack did not take the digest of %s: %s", day, error_code(error))
            await asyncio.to_thread(self._runs.withdraw, job.lease)
            return "failed" if is_transient(error) else "refused"
        state = json.dumps(digest.state.to_json()) if digest.state else None
        await asyncio.to_thread(self._runs.finish, job.lease, ts=str(response["ts"]), state=state)
        return "posted"

    def _digest(self, day: date) -> Digest:
        state = self._runs.last_state(self._channel, day)
        return self._make(day, DigestState.from_json(json.loads(state)) if state else None)

    async def _look_up(self, job: Job[DailyDigest]) -> DigestOutcome:
        """Look up a digest that may have been posted; in doubt its lease runs on."""
        try:
            return "found" if await self._find(job) else "failed"
        except FAILURES:
            return "failed"

    async def _find(self, job: Job[DailyDigest]) -> bool:
        """Return True, and record it, where the digest is in its channel."""
        since = f"{job.created_at - _SKEW:.6f}"
        async for message in messages_since(self._reader, job.work.channel, since):
            if payload_of(message, EVENT_TYPE).get("day") == job.work.day.isoformat():
                await asyncio.to_thread(self._runs.finish, job.lease, ts=str(message["ts"]))
                return True
        return False


class DigestSchedule:
    """Posts today's digest at its hour, and tries again while its outcome is open."""

    def __init__(
        self,
        poster: DigestPoster,
        timetable: Timetable,
        *,
        again_after: timedelta = timedelta(seconds=LEASE + 60),
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._poster = poster
        self._timetable = timetable
        self._again_after = again_after
        self._clock = clock or (lambda: datetime.now(timetable.zone))
        self._scheduler: Any = None
        # The last day without documents: that is logged once, although it is tried again.
        self._empty_on: date | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Post on time while the context is open; a start soon after the hour posts what was missed."""
        # Imported late: only the serving bot needs it.
        from apscheduler.schedulers.asyncio import AsyncIOScheduler
        from apscheduler.triggers.cron import CronTrigger

        self._scheduler = AsyncIOScheduler(timezone=self._timetable.zone)
        self._scheduler.add_job(
            self.tick,
            CronTrigger(
                day_of_week=",".join(str(number) for number in sorted(self._timetable.weekdays)),
                hour=self._timetable.at.hour,
                minute=self._timetable.at.minute,
                timezone=self._timetable.zone,
            ),
            misfire_grace_time=int(LATE.total_seconds()),
            coalesce=True,
        )
        self._scheduler.start()
        try:
            # A channel that never had a digest waits for its hour.
            if await self._poster.last_day() is not None:
                self._run_in(timedelta(0))
            yield
        finally:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> DigestOutcome | None:
        """Post today's digest if it is due; plan another try where the outcome is open."""
        now = self._clock()
        if not self._timetable.is_due(now):
            return None
        day = self._timetable.today(now)
        try:
            outcome = await self._poster.post(day)
        except NoStore as error:
            if self._empty_on != day:
                _LOG.warning("no digest of %s: %s", day, error)
            self._empty_on = day
            self._run_in(self._again_after)
            return "failed"
        except Exception:
            # A locked database or a broken document must not end the schedule.
            _LOG.exception("the digest of %s could not be made", day)
            outcome = "failed"
        if outcome in {"taken", "failed"}:
            self._run_in(self._again_after)
        _LOG.info("digest of %s: %s", day, outcome)
        return outcome

    def _run_in(self, delay: timedelta) -> None:
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.add_job(
                self.tick,
                "date",
                run_date=datetime.now(self._timetable.zone) + delay,
                id="again",
                replace_existing=True,
                misfire_grace_time=None,
            )
