"""Work for one person that may take long: a job with progress, and a button by which that person stops it.

The result arrives in the person's direct messages with the bot. What may quote the documents of a conversation stays in
that conversation, where the person alone sees it.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ClassVar, Generic, TypeVar

from bot.cancellation import Cancellation, Cancelled
from bot.locales import _, in_language
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.posting import Refused
from bot.slack.core.sending.private_replies import Recipient, reply_privately
from bot.slack.core.sending.status_message import StatusMessage
from bot.slack.core.services import Arrival, WorkspaceServices
from bot.slack.core.stops import Stops
from bot.slack.core.ui.elements import Message, actions, button, plain_message, section
from bot.telemetry import request_id
from store.jobs import BriefJob, DraftJob, Job, JobStore

_LOG = logging.getLogger(__name__)

# Pieces of work at the same time; further ones wait.
_AT_ONCE = 2
# Gets how much of how much is done.
Report = Callable[[int, int], None]
Result = TypeVar("Result")


Work = TypeVar("Work", BriefJob, DraftJob)


class PrivateWork(Feature, ABC, Generic[Work]):
    """A feature with such work: its jobs are in `store`, and `kind` there names its threads and messages."""

    stop_action: ClassVar[str]
    """The name of the button; its value is the key of the job."""
    is_stored: ClassVar[bool]
    """Whether a result that stays in its conversation can be shown again."""

    def __init__(self, services: WorkspaceServices, store: JobStore[Work]) -> None:
        self._services = services
        self._jobs: JobStore[Work] = store
        timing = services.options.timing
        self.runner = services.runner
        self.runner.do(store, self._handle_job)
        self._stops = Stops(store.stopped, timing.renew_every)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=store.kind)

    def add_routes(self, routes: Routes) -> None:
        """Route the button that stops the work."""
        # Free, as it ends work.
        routes.press_stored(self.stop_action, self.stop, cost=0)

    async def stop(self, press: Press) -> Message | None:
        """Stop the person's work whose key is the value. Raises StoreError."""
        if not await asyncio.to_thread(self._jobs.stop_own, press.value, press.user):
            return plain_message(_("This has ended already."))
        self._stops.stop([press.value])
        return None

    async def close(self) -> None:
        """End its threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @abstractmethod
    def _progress_line(self, done: int, count: int) -> str:
        """Return how far the work is; `count` is 0 at its beginning."""

    @abstractmethod
    def _title(self, job: Job[Work]) -> str:
        """Return what the conversation in direct messages is called."""

    @abstractmethod
    def _arrived(self) -> str:
        """Return the words of the line that leads to the result in direct messages."""

    @abstractmethod
    async def _result(self, job: Job[Work], arrival: Arrival, report: Report) -> Message:
        """Return the result, or why there is none. Raises RetryLater, StoreUnavailable, LeaseLost."""

    def _progress(self, key: str, done: int = 0, count: int = 0) -> Message:
        stop = button(_("Stop"), self.stop_action, key)
        return Message.of([section(self._progress_line(done, count)), actions(stop)])

    async def _handle_job(self, job: Job[Work]) -> None:
        request_id.bind_key(job.lease.key)
        try:
            with in_language(await self._services.people.language(job.work.message.user)):
                arrival = await self._services.arrival(job.work.message)
                await (self._show_alone if arrival.alone else self._post)(job, arrival)
        except Refused as error:
            _LOG.error("Slack refuses the result of a %s: %s", self._jobs.kind, error.code)
        await self.runner.call(self._jobs.mark_done, job.lease)

    async def _post(self, job: Job[Work], arrival: Arrival) -> None:
        """Show progress and result in direct messages. Raises Refused, Undelivered and as `_result`."""
        services, key, timing = self._services, job.lease.key, self._services.options.timing
        poster = services.poster.for_job(job, self.runner)
        times = timing.update_upload_every, timing.notify_after
        async with StatusMessage(
            poster, services.clients, arrival.message, f"/{self._jobs.kind}", *times
        ) as status:
            progress = self._progress(key)
            begun = await status.open(progress)
            if not arrival.message.thread:
                await services.name_conversation(begun, progress, self._title(job))
            message = await self._result(
                job, arrival, lambda done, count: status.update(self._progress(key, done, count))
            )
            await self.runner.check(job.lease)
            posted = await status.close(message)
        if posted != begun and not arrival.message.thread:
            await services.name_conversation(posted, message, self._title(job))
        if arrival.pointed:
            await services.point(self._asker(job), posted, self._arrived())

    async def _show_alone(self, job: Job[Work], arrival: Arrival) -> None:
        """Show the result to the person alone; before it, if it takes longer, that it comes. Raises as `_result`."""
        services, to, key = self._services, self._asker(job), job.lease.key
        working = asyncio.create_task(self._result(job, arrival, lambda _done, _count: None))
        try:
            await asyncio.wait({working}, timeout=services.options.timing.announce_check_after)
            if not working.done():
                await reply_privately(services.clients, to, self._progress(key))
            message = await working
        finally:
            working.cancel()
        await self.runner.check(job.lease)
        await services.show_alone(to, message, key if self.is_stored else "")

    def _asker(self, job: Job[Work]) -> Recipient:
        return Recipient.of(job.work.message, job.work.response_url)

    async def _until_stopped(
        self, job: Job[Work], work: Callable[[Report], Result], report: Report
    ) -> Result:
        """Do blocking work until its person stops it, or its job is left. Raises Cancelled, and what it raises.

        What it does after each step raises Cancelled then, and so does whatever waits for a language model.
        """
        loop, cancellation = asyncio.get_running_loop(), Cancellation()

        def on_step(done: int, count: int) -> None:
            if cancellation.is_cancelled:
                raise Cancelled
            loop.call_soon_threadsafe(report, done, count)

        def run() -> Result:
            with cancellation.of_this_work():
                return work(on_step)

        # It may have been stopped before this work began.
        stopped = bool(await self.runner.call(self._jobs.stopped, [job.lease.key]))
        if stopped:
            cancellation.cancel()
        async with self._stops.of(job.lease.key, stopped) as stop:

            async def cancel() -> None:
                await stop.wait()
                cancellation.cancel()

            cancelling = asyncio.create_task(cancel())
            try:
                return await self._in_thread(run)
            finally:
                cancelling.cancel()
                cancellation.cancel()

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)
