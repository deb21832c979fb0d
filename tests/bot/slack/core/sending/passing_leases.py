"""Time that passes for leases, as far as their holders renew them: no busy machine makes one expire."""

from __future__ import annotations

import asyncio
import re

from sqlalchemy import event, func, select

from store.jobs import QuestionStore
from store.schema import jobs
from tests.bot.slack.conftest import PATIENT
from tests.store.jobs.clock import Clock
from tests.store.jobs.stored_outcome import until_stored


class PassingLeases:
    """The questions of a database, opened by several bots, by a clock that goes when it is told to."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clock = Clock()
        self._looked = asyncio.Semaphore(0)

    def open(self) -> QuestionStore:
        """Return the questions as one more bot opens them, which is the one that looks for others to adopt."""
        self._state = state = QuestionStore.open(self._url, self._clock.reading)
        loop = asyncio.get_running_loop()

        @event.listens_for(state._engine, "after_cursor_execute")
        def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if state is self._state and re.match(r"UPDATE jobs SET .*RETURNING", statement, re.DOTALL):
                loop.call_soon_threadsafe(self._looked.release)

        return state

    async def pass_twice(self) -> None:
        """Let twice the time pass after which a question is adopted whose lease nobody renews."""
        for _ in range(4):
            self._clock.now += PATIENT.lease_seconds / 2
            await until_stored(lambda: self._expires_at() == self._clock.now + PATIENT.lease_seconds)
            self._looked = asyncio.Semaphore(0)
            # One look may have begun before.
            for _ in range(2):
                await self._looked.acquire()

    def _expires_at(self) -> float | None:
        """Return when the lease of the open question expires."""
        query = select(func.max(jobs.c.expires_at)).where(jobs.c.kind == "question", jobs.c.done.is_(False))
        with self._state._engine.connect() as connection:
            return connection.scalar(query)
