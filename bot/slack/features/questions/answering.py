"""Answers of the assistants, in threads: one for each worker of a bounded queue, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context

from bot.answering.answer import Answer, ProgressCallback, SentenceCallback
from bot.answering.path import Assistant
from bot.answering.question import Turn
from bot.cancellation import Cancellation
from store.audiences import Audience
from store.records import EVERYBODY
from store.restarts import while_it_restarts

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
    async def worker(
        self, on_queued: OnQueued | None = None, *, had_place: bool = False
    ) -> AsyncIterator[None]:
        """Occupy a worker, once one is free, while the context is open.

        `had_place`: the question waited before, here or in another process, and waits though the queue is full. Raises
        QueueFull, and what `on_queued` raises.
        """
        if self._free.locked():
            if len(self._waiting) >= self._queue_length and not had_place:
                raise QueueFull
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


class Assistants:
    """The assistants of all channels. `assistant(audience)` returns a channel's, and is called in these threads."""

    def __init__(self, assistant: Callable[[Audience], Assistant], queue: AnswerQueue) -> None:
        self._assistant = assistant
        self._queue = queue
        self._pool = ThreadPoolExecutor(queue.workers, thread_name_prefix="answer")
        self._warm = asyncio.Event()

    async def warm_up(self) -> None:
        """Load the model; questions wait for it."""

        def load() -> None:
            self._assistant(EVERYBODY).warm_up()

        await asyncio.get_running_loop().run_in_executor(self._pool, while_it_restarts, load)
        self._warm.set()

    @property
    def warm(self) -> bool:
        """True once the model is loaded."""
        return self._warm.is_set()

    async def answer(
        self,
        question: str,
        audience: Audience,
        history: Sequence[Turn] = (),
        on_sentence: SentenceCallback | None = None,
        on_progress: ProgressCallback | None = None,
        on_queued: OnQueued | None = None,
        *,
        begin: Callable[[], Awaitable[None]],
        had_place: bool = False,
    ) -> Answer:
        """Return the assistant's answer for a channel, in the queue's order, once the model is loaded.

        `on_sentence` gets judged sentences before that and `on_progress` how far the answer is, both in another thread;
        `on_queued` gets the place in the queue. `begin` is called when its turn has come. `had_place` is that of
        `AnswerQueue.worker`. Raises QueueFull, and what `begin` and the assistant raise.
        """
        cancellation = Cancellation()

        def work() -> Answer:
            with cancellation.of_this_work():
                return self._assistant(audience).answer(
                    question, history=history, on_sentence=on_sentence, on_progress=on_progress
                )

        async with self._queue.worker(on_queued, had_place=had_place):
            await self._warm.wait()
            await begin()
            try:
                # In this context, which has the request id.
                return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, work)
            except asyncio.CancelledError:
                cancellation.cancel()
                raise

    def close(self) -> None:
        """Begin no more answers."""
        self._pool.shutdown(wait=False, cancel_futures=True)
