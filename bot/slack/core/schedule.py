"""What happens by the clock: reviews every minute, and the notices that they store, each sent once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from bot.slack.core.sending.posting import Poster, Refused, unasked
from bot.slack.core.ui.elements import Message
from store.errors import NoStore
from store.jobs import Job, Notice, NoticeStore, RetryLater, Runner

_LOG = logging.getLogger(__name__)

Thing = TypeVar("Thing")

Tick = Callable[[datetime], Awaitable[None]]

# Error codes for the bot itself, which whoever runs it can mend; any other refusal is of one message.
_OF_THE_BOT = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_authed",
    "org_login_required",
    "token_expired",
    "token_revoked",
}


async def for_each(work: Callable[[Thing], Awaitable[None]], things: Iterable[Thing], what: str) -> None:
    """Await `work`, which is `what`, for each of `things`; one for which it fails does not keep the others.

    Without a store nothing more is done: documents that are all gone may be a mistake, which a next ingest mends.
    """
    for thing in things:
        try:
            await work(thing)
        except NoStore:
            return
        except Exception:
            _LOG.exception("%s failed; trying again in a minute", what)


@asynccontextmanager
async def every_minute(ticks: Mapping[str, Tick], clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Call each of `ticks`, by the name of what it does, at once and then every minute, while the context is open.

    Each gets the time of `clock`. One that fails is called again.
    """

    async def repeat(name: str, tick: Tick) -> None:
        while True:
            try:
                await tick(clock())
            except Exception:
                # A locked database or a broken document must not end the schedule.
                _LOG.exception("the review of %s failed; trying again in a minute", name)
            await asyncio.sleep(60)

    tasks = [asyncio.create_task(repeat(name, tick)) for name, tick in ticks.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def utc_now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


class NoticeSender:
    """Adopts notices and posts them; the times are those of a Runner, in seconds.

    `pause` is that between two tries while Slack takes no messages of the bot.
    """

    def __init__(
        self,
        store: NoticeStore,
        poster: Poster,
        *,
        renew_every: float,
        lease_seconds: float,
        pause: float = 60.0,
    ) -> None:
        self._pause = pause
        self._store = store
        self._poster = poster
        self.runner = Runner(store, self._send, renew_every=renew_every, lease_seconds=lease_seconds)

    async def _send(self, job: Job[Notice]) -> None:
        notice, lease = job.work, job.lease
        origin = unasked(notice.team, notice.channel, job.created_at)
        poster = self._poster.for_job(job, self.runner)
        try:
            await poster.post(origin, Message(notice.text, tuple(notice.blocks)), f"/{lease.key}")
        except Refused as refused:
            _LOG.error("Slack did not take the notice %s: %s", lease.key, refused.code)
            if refused.code in _OF_THE_BOT:
                await asyncio.sleep(self._pause)
                raise RetryLater from refused
        await self.runner.call(self._store.mark_done, lease)
