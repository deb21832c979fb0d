"""How jobs ended, as the database has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from store.jobs import NoticeStore, QuestionStore, SlackMessage
from store.jobs.leases import JobStore
from store.schema import jobs


def stored_outcome(state: QuestionStore, asked: SlackMessage) -> str | None:
    """Return the outcome of a question; None while it is open."""
    outcome = jobs.c.payload["outcome"].as_string()
    with state.engine.connect() as connection:
        return connection.scalar(select(outcome).where(jobs.c.kind == state.kind, jobs.c.key == asked.key))


def open_notices(store: NoticeStore) -> int:
    """Return how many notices are not sent yet."""
    query = select(func.count()).where(jobs.c.kind == "notice", jobs.c.done.is_(False))
    with store.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def open_jobs(store: JobStore[Any]) -> int:
    """Return how many jobs of any kind are not done; after the last one nothing more is posted."""
    with store.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).where(jobs.c.done.is_(False))) or 0)


async def until_stored(check: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until a check of the database holds."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(check):  # noqa: ASYNC110  the database signals nothing
            await asyncio.sleep(0.01)
