"""The queue of questions that wait for an answer: bounded, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# Gets the place of a question in the queue; the first is 1.
OnQueued = Callable[[int], Awaitable[None]]


class QueueFull(Exception):
    """The queue takes no more questions."""


class AnswerQueue:
    """Lets `workers` questions be answered at the same time, in order of arrival; at most `queue_length` others wait.

    A question that waits longer than `announce_queue_after` seconds gets its place, once.
    """

    def __init__(self, workers: int, queue_length: int, announce_queue_after: float) -> None:
        self.workers = workers
        self.running = 0
        """How many workers are occupied."""
        self._free = asyncio.Semaphore(workers)
        self._queue_length = queue_length
        self._announce_queue_after = announce_queue_after
        self._waiting: list[asyncio.Task[bool]] = []

    @asynccontextmanager
    async def worker(self, on_queued: OnQueued | None = None) -> AsyncIterator[None]:
        """Occupy a worker, once one is free, while the context is open.

        Raises QueueFull, and what `on_queued` raises.
        """
        if self._free.locked():
            await self._wait(on_queued)
        else:
            await self._free.acquire()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._free.release()

    @property
    def waiting(self) -> int:
        """How many questions wait."""
        return len(self._waiting)

    async def _wait(self, on_queued: OnQueued | None) -> None:
        if len(self._waiting) >= self._queue_length:
            raise QueueFull
        acquiring = asyncio.create_task(self._free.acquire())
        self._waiting.append(acquiring)
        acquiring.add_done_callback(self._waiting.remove)
        try:
            await asyncio.wait({acquiring}, timeout=self._announce_queue_after)
            if not acquiring.done() and on_queued is not None:
                await on_queued(self._waiting.index(acquiring) + 1)
            await acquiring
        except BaseException:
            if not acquiring.cancel() and not acquiring.cancelled():
                self._free.release()
            raise
