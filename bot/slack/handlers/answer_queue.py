"""The queue of questions that wait for an answer: of bounded length, and each is told its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# Told the place of a question in the queue, the first being 1.
TellPlace = Callable[[int], Awaitable[None]]


class QueueFull(Exception):
    """As many questions wait as may."""


class AnswerQueue:
    """Lets `width` questions be answered at the same time, in the order in which they came; `most` others wait.

    A question that waits longer than `patience` seconds is told its place, once.
    """

    def __init__(self, width: int, most: int, patience: float = 2.0) -> None:
        self._places = asyncio.Semaphore(width)
        self._most = most
        self._patience = patience
        self._waiting: list[asyncio.Task[bool]] = []

    @asynccontextmanager
    async def turn(self, tell: TellPlace | None = None) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the context is open. Raises QueueFull, and what `tell` raises."""
        if self._places.locked():
            await self._wait(tell)
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self, tell: TellPlace | None) -> None:
        if len(self._waiting) >= self._most:
            raise QueueFull
        acquiring = asyncio.create_task(self._places.acquire())
        self._waiting.append(acquiring)
        acquiring.add_done_callback(self._waiting.remove)
        try:
            await asyncio.wait({acquiring}, timeout=self._patience)
            if not acquiring.done() and tell is not None:
                await tell(self._waiting.index(acquiring) + 1)
            await acquiring
        except BaseException:
            if not acquiring.cancel() and not acquiring.cancelled():
                self._places.release()
            raise
