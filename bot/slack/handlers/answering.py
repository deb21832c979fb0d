"""Gets answers from the assistants, in threads: one for each worker of the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from bot.answers import Answer, Answerer, ProgressCallback, SentenceCallback
from bot.cancellation import Cancellation
from bot.question import Turn
from bot.slack.handlers.answer_queue import AnswerQueue, OnQueued
from store.audiences import Audience
from store.records import EVERYBODY
from store.restarts import while_it_restarts


class Assistants:
    """The assistants of all channels. `assistant(audience)` returns a channel's, and is called in these threads."""

    def __init__(self, assistant: Callable[[Audience], Answerer], queue: AnswerQueue) -> None:
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
    ) -> Answer:
        """Return the assistant's answer for a channel, in the queue's order, once the model is loaded.

        `on_sentence` gets judged sentences before that and `on_progress` how far the answer is, both in another thread;
        `on_queued` gets the place in the queue. Raises QueueFull, and what the assistant raises.
        """
        cancellation = Cancellation()

        def work() -> Answer:
            with cancellation.of_this_work():
                return self._assistant(audience).answer(
                    question, history=history, on_sentence=on_sentence, on_progress=on_progress
                )

        async with self._queue.worker(on_queued):
            await self._warm.wait()
            try:
                # In this context, which has the request id.
                return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, work)
            except asyncio.CancelledError:
                cancellation.cancel()
                raise

    def close(self) -> None:
        """Begin no more answers."""
        self._pool.shutdown(wait=False, cancel_futures=True)
