"""Work for a person alone that may take long: a job with progress, and a button by which that person stops it."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Generic, Protocol, TypeVar

from bot.locales import in_language
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.posting import Refused
from bot.slack.core.sending.status_message import StatusMessage
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.stops import Stops
from bot.slack.core.ui.elements import Message
from bot.telemetry import request_id
from store.jobs import Job, JobStore, SlackMessage

_LOG = logging.getLogger(__name__)

# Pieces of work at the same time; further ones wait.
_AT_ONCE = 2
# Gets how much of how much is done.
Report = Callable[[int, int], None]


class Asked(Protocol):
    """What the details of such a job say: who asked for it and where, and whether that person wants no more of it."""

    @property
    def message(self) -> SlackMessage:
        """The message, or what stands for it."""
        ...

    @property
    def response_url(self) -> str:
        """Slack's address for a reply to that person; "" if there is none."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether it was stopped."""
        ...


Work = TypeVar("Work", bound=Asked)


class PrivateWork(Feature, ABC, Generic[Work]):
    """A feature with such work: its jobs are in `store`, and `kind` there names its threads and messages."""

    stop_action: ClassVar[str]
    """The name of the button; its value is the key of the job."""

    def __init__(self, services: WorkspaceServices, store: JobStore[Work]) -> None:
        self._services = services
        self._jobs = store
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
            return self._ended()
        self._stops.stop([press.value])
        return None

    async def close(self) -> None:
        """End its threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @abstractmethod
    def _progress(self, key: str, done: int = 0, count: int = 0) -> Message:
        """Return how far the work with this key is, with its button."""

    @abstractmethod
    def _ended(self) -> Message:
        """Return that there is nothing to stop any more."""

    @abstractmethod
    async def _result(self, job: Job[Work], report: Report) -> Message:
        """Return the result, or why there is none. Raises RetryLater, StoreUnavailable, LeaseLost."""

    @abstractmethod
    async def _show(self, job: Job[Work]) -> None:
        """Show the result to the person alone, where others may write too. Raises as `_result` does."""

    async def _handle_job(self, job: Job[Work]) -> None:
        request_id.bind_key(job.lease.key)
        await self._deliver(job)
        await self.runner.call(self._jobs.mark_done, job.lease)

    async def _deliver(self, job: Job[Work]) -> None:
        """Do the work, and show the result to the person who asked. Raises as `_result` does, and Undelivered."""
        asked = job.work.message
        try:
            with in_language(await self._services.people.language(asked.user)):
                if await self._services.is_with_bot(asked.channel, asked.user):
                    await self._post(job)
                else:
                    await self._show(job)
        except Refused as error:
            _LOG.error("Slack refuses the result of a %s: %s", self._jobs.kind, error.code)

    async def _post(self, job: Job[Work]) -> None:
        """Show progress and result in one message of the person's with the bot. Raises Refused and as `_result`."""
        services, key = self._services, job.lease.key
        poster = services.poster.for_job(job, self.runner)
        every, suffix = services.options.timing.update_upload_every, f"/{self._jobs.kind}"
        async with StatusMessage(poster, services.clients, job.work.message, suffix, every) as status:
            await status.open(self._progress(key))
            message = await self._result(
                job, lambda done, count: status.update(self._progress(key, done, count))
            )
            await self.runner.check(job.lease)
            await status.close(message)
