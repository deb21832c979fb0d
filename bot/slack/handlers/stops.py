"""Stops of questions: a person presses the stop button of Slack, and the process that answers ends its work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from store.errors import StoreError
from store.jobs import QuestionStore

Result = TypeVar("Result")

_LOG = logging.getLogger(__name__)


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
    """Tells who answers a question that it was stopped.

    The event of a press may come to another process than the one that answers. So it is recorded, and read every
    `read_every` seconds while there are questions.
    """

    def __init__(self, question_store: QuestionStore, read_every: float) -> None:
        self._question_store = question_store
        self._read_every = read_every
        self._events: dict[str, asyncio.Event] = {}
        self._reading: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def of(self, key: str, stopped: bool) -> AsyncIterator[asyncio.Event]:
        """Give the event of a question's stop while the context is open; `stopped`: it was stopped before."""
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
        """Stop those of the questions that this process answers."""
        for key in keys:
            if key in self._events:
                self._events[key].set()

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(self._read_every)
            try:
                self.stop(await asyncio.to_thread(self._question_store.stopped, tuple(self._events)))
            except StoreError as error:
                _LOG.warning("stops could not be read: %s", error)
