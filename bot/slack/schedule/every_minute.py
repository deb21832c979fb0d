"""Calls something every minute while the bot runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from store.errors import NoStore

_LOG = logging.getLogger(__name__)

Name = TypeVar("Name")
Thing = TypeVar("Thing")

Tick = Callable[[datetime], Awaitable[None]]


async def for_each(work: Callable[[Thing], Awaitable[None]], things: Mapping[Name, Thing], what: str) -> None:
    """Await `work` for each of `things`; one for which it fails is logged by its name, and does not keep the others.

    Without a store nothing more is done: documents that are all gone may be a mistake, which a next ingest mends.
    """
    for name, thing in things.items():
        try:
            await work(thing)
        except NoStore:
            return
        except Exception:
            _LOG.exception("%s %s failed; trying again in a minute", what, name)


@asynccontextmanager
async def every_minute(ticks: Mapping[str, Tick], clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Call each of `ticks`, by the name of what it does, at once and then every minute, while the context is open.

    Each gets the time of `clock`. One that takes longer than a minute is not called a second time meanwhile; one that
    fails is called again.
    """
    # Imported late: only the serving bot needs it.
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    def guarded(name: str, tick: Tick) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            try:
                await tick(clock())
            except Exception:
                # A locked database or a broken document must not end the schedule.
                _LOG.exception("the review of %s failed; trying again in a minute", name)

        return run

    scheduler = AsyncIOScheduler(timezone=UTC)
    for name, tick in ticks.items():
        scheduler.add_job(
            guarded(name, tick),
            "interval",
            minutes=1,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
