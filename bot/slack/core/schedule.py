"""What happens by the clock: reviews every minute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from store.errors import NoStore

_LOG = logging.getLogger(__name__)

Thing = TypeVar("Thing")

Review = Callable[[datetime], Awaitable[None]]


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
async def every_minute(reviews: Mapping[str, Review], clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Call each of `reviews`, by the name of what it does, at once and then every minute, while the context is open.

    Each gets the time of `clock`. One that fails is called again.
    """

    async def repeat(name: str, review: Review) -> None:
        while True:
            try:
                await review(clock())
            except Exception:
                # A locked database or a broken document must not end the schedule.
                _LOG.exception("the review of %s failed; trying again in a minute", name)
            await asyncio.sleep(60)

    tasks = [asyncio.create_task(repeat(name, review)) for name, review in reviews.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def utc_now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)
