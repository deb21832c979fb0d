"""The daily digest in its channel: once a day, whatever crashes and however many bots run.

The lease on the digest of a day is the right to post it, and the message carries its day as metadata. A digest
whose lease ran out is settled by a look into the channel: the message is there, or nobody will send it any more,
because the lease is renewed before it is sent, and sending ends well within it.
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

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.register.digest import Digest, DigestState
from bot.slack.blocks.digest import digest_message
from bot.slack.sending.clients import FAILURES, error_code, is_rate_limited, is_server_error
from store.jobs import DailyDigest, DigestStore, Holder, Job, LeaseLost

EVENT_TYPE = "itubot_digest"

# Seconds. Making a digest and sending it each take less; sending at most a third.
LEASE = 600.0
# How long after its hour a digest that was missed is still worth reading.
LATE = timedelta(hours=6)
_PAGE = 200
# Clocks of several machines differ; a message is looked for from a little before its claim.
_SKEW = 600.0

_LOG = logging.getLogger(__name__)

Outcome = Literal["posted", "found", "already", "taken", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Timetable:
    """When digests go out: at `at` on the wall clock of `zone`, on `weekdays` (Monday is 0)."""

    at: time
    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset(range(5))

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def due(self, now: datetime) -> bool:
        """Say whether today's digest should be out by now, and is not too late to be of use."""
        local = now.astimezone(self.zone)
        hour = datetime.combine(local.date(), self.at, self.zone)
        return local.weekday() in self.weekdays and hour <= local <= hour + LATE


class DigestPoster:
    """Posts the digest of a day to one channel, once.

    `make` returns the digest of a day compared with what the last one state; it may block. `client`
    repeats only what Slack refused by rate, `reader` any call. `channel` is a channel's id: names can
    be posted to, but not looked into.
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

    async def post(self, day: date) -> Outcome:
        """Post the digest of a day unless it is posted.

        "posted": now, by us. "found": it was in the channel, left unrecorded by a crash. "already":
        recorded before. "taken": another bot is at it, or has died within its lease; ask again later.
        "refused": Slack will not take it. "failed": it may be in the channel or not; ask again later.
        Raises StoreError.
        """
        today = DailyDigest(self._channel, day)
        outcome: Outcome | None = None
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
        """Return the latest day that anybody took in this channel."""
        return await asyncio.to_thread(self._runs.last_day, self._channel)

    async def _settle(self, job: Job[DailyDigest], today: DailyDigest) -> Outcome:
        """Settle a digest whose holder left it: posted, or not."""
        try:
            ts = await self._find(job)
        except FAILURES as error:
            # Blind: posting could double it.
            _LOG.warning("the digest %s is in doubt and its channel cannot be read: %s", job.work.key, error)
            await asyncio.to_thread(self._runs.release, job.lease)
            return "failed"
        if ts is not None:
            await asyncio.to_thread(self._runs.finish, job.lease, ts=ts)
            return "found"
        if job.work == today:
            return await self._deliver(job)
        # Yesterday's news is not sent today.
        await asyncio.to_thread(self._runs.withdraw, job.lease)
        return "refused"

    async def _deliver(self, job: Job[DailyDigest]) -> Outcome:
        """Send the digest that is ours to send. Raises LeaseLost."""
        day = job.work.day
        try:
            digest = await asyncio.to_thread(self._digest, day)
        except Exception:
            await asyncio.to_thread(self._runs.withdraw, job.lease)
            raise
        await asyncio.to_thread(self._runs.check, job.lease)
        try:
            async with asyncio.timeout(LEASE / 3):
                ts = await self._send(day, digest)
        except SlackApiError as error:
            if is_server_error(error):
                return await self._look(job)
            _LOG.error("Slack refused the digest of %s: %s", day, error_code(error))
            await asyncio.to_thread(self._runs.withdraw, job.lease)
            return "failed" if is_rate_limited(error) else "refused"
        except aiohttp.ClientConnectorError as error:
            _LOG.warning("Slack could not be reached for the digest of %s: %s", day, error)
            await asyncio.to_thread(self._runs.withdraw, job.lease)
            return "failed"
        except FAILURES:
            return await self._look(job)
        state = json.dumps(digest.state.to_json()) if digest.state else None
        await asyncio.to_thread(self._runs.finish, job.lease, ts=ts, state=state)
        return "posted"

    def _digest(self, day: date) -> Digest:
        knew = self._runs.last_state(self._channel, day)
        return self._make(day, DigestState.from_json(json.loads(knew)) if knew else None)

    async def _send(self, day: date, digest: Digest) -> str:
        message = digest_message(digest)
        response = await self._client.chat_postMessage(
            channel=self._channel,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT_TYPE, "event_payload": {"day": day.isoformat()}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(response["ts"])

    async def _look(self, job: Job[DailyDigest]) -> Outcome:
        """After a call whose end is unknown: what the channel says. While in doubt the lease runs on."""
        try:
            ts = await self._find(job)
        except FAILURES:
            return "failed"
        if ts is None:
            return "failed"
        await asyncio.to_thread(self._runs.finish, job.lease, ts=ts)
        return "found"

    async def _find(self, job: Job[DailyDigest]) -> str | None:
        """Return the `ts` of a digest if it is in its channel."""
        channel, day = job.work.channel, job.work.day.isoformat()
        since = job.created_at - _SKEW
        cursor: str | None = None
        while True:
            page = await self._reader.conversations_history(
                channel=channel,
                oldest=f"{since:.6f}",
                limit=_PAGE,
                include_all_metadata=True,
                cursor=cursor,
            )
            for message in page.get("messages") or []:
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and payload.get("day") == day:
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None


class DigestSchedule:
    """Asks the poster for today's digest at its hour, and again while that did not come to an end."""

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

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Post on time while inside. A start shortly after the hour catches up with what was missed."""
        # Only the serving bot needs it.
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
            # A channel that never had a digest waits for its hour: a first start is no catching up.
            if await self._poster.last_day() is not None:
                self._soon(timedelta(0))
            yield
        finally:
            self._scheduler.shutdown(wait=False)

    def next_runs(self) -> list[datetime]:
        """Return when the schedule will act next, soonest first; empty while it is not running."""
        jobs = self._scheduler.get_jobs() if self._scheduler is not None else []
        return sorted(job.next_run_time for job in jobs if job.next_run_time is not None)

    async def tick(self) -> Outcome | None:
        """Post today's digest if it is due; asks for another try later where the outcome is open."""
        now = self._clock()
        if not self._timetable.due(now):
            return None
        day = self._timetable.today(now)
        try:
            outcome = await self._poster.post(day)
        except Exception:
            # A locked database or a broken document must not end the schedule.
            _LOG.exception("the digest of %s could not be made", day)
            outcome = "failed"
        if outcome in {"taken", "failed"}:
            self._soon(self._again_after)
        _LOG.info("digest of %s: %s", day, outcome)
        return outcome

    def _soon(self, delay: timedelta) -> None:
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.add_job(
                self.tick,
                "date",
                run_date=datetime.now(self._timetable.zone) + delay,
                id="again",
                replace_existing=True,
                misfire_grace_time=None,
            )
