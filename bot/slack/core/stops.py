"""Ends work that a person stopped, in whichever process it is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from store.errors import StoreError

_LOG = logging.getLogger(__name__)


Result = TypeVar("Result")


async def unless_stopped(work: Coroutine[Any, Any, Result], stopped: asyncio.Event) -> Result | None:
    """Return the result of `work`; once `stopped` is set, cancel it and return None. Raises what `work` raises."""
    if stopped.is_set():
        work.close()
        return None
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})


class Stops:
    """Ends the work on jobs that were stopped.

    The event of a press may come to another process than the one that works. So it is recorded, and read every
    `read_every` seconds while there is work: `stopped` returns those of some keys whose stop is recorded, and blocks.
    """

    def __init__(self, stopped: Callable[[Iterable[str]], set[str]], read_every: float) -> None:
        self._stopped = stopped
        self._read_every = read_every
        self._events: dict[str, asyncio.Event] = {}
        self._reading: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def of(self, key: str, stopped: bool) -> AsyncIterator[asyncio.Event]:
        """Give the event of a job's stop while the context is open; `stopped`: it was stopped before."""
        event = self._events.setdefault(key, asyncio.Event())
        if stopped:
            event.set()
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        try:
            yield event
        finally:
            self._events.pop(key, None)
            if not self._events:
                self._reading.cancel()
                self._reading = None

    def stop(self, keys: Iterable[str]) -> None:
        """Stop those of the jobs on which this process works."""
        for key in keys:
            if key in self._events:
                self._events[key].set()

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(self._read_every)
            try:
                self.stop(await asyncio.to_thread(self._stopped, tuple(self._events)))
            except StoreError as error:
                _LOG.warning("stops could not be read: %s", error)
