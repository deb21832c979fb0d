"""Works on the jobs of one kind: keeps their leases meanwhile, and takes up what other processes left."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar

from store.errors import LeaseLost, StoreError
from store.jobs.leases import Holder, Job, JobStore, Lease, Work

_LOG = logging.getLogger(__name__)

P = ParamSpec("P")
Result = TypeVar("Result")


class Postponed(Exception):
    """A job cannot be done just now: it is tried again, and that is no failure of it."""


class Runner(Generic[Work]):
    """Runs `work` for each job of a store. `work` brings its job to an end and writes that down.

    `beat` and `ttl` are seconds: how often leases are renewed, and after which silence others take a job over. A job
    whose lease was lost is cancelled; one that raises Postponed is released; one that raises anything else has
    failed, and is tried again until it is exhausted and fails once more.
    """

    def __init__(
        self, store: JobStore[Work], work: Callable[[Job[Work]], Awaitable[None]], *, beat: float, ttl: float
    ) -> None:
        self.holder = Holder(secrets.token_hex(8), ttl)
        self._store = store
        self._work = work
        self._beat = beat
        # Of its own: pictures and files that fill the loop's threads must not keep a claim or a renewal waiting.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix=f"{store.kind} jobs")
        self._tasks: dict[Lease, asyncio.Task[None]] = {}
        self._beating: asyncio.Task[None] | None = None
        self._closing = False
        self._closed = asyncio.Event()

    async def call(self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs) -> Result:
        """Call a method of the store in a thread of this runner."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(function, *arguments, **named)
        )

    async def check(self, lease: Lease) -> None:
        """Renew a lease before something is done that cannot be taken back. Raises LeaseLost."""
        await self.call(self._store.check, lease)

    def look_after(self) -> None:
        """Start to renew leases and to take up what others left; both go on until `close`."""
        self._beating = asyncio.create_task(self._look_after())

    def start(self, job: Job[Work]) -> None:
        """Start working on a job that was claimed; returns at once."""
        # A lease of this process that ran out may have been taken anew while the work still goes on.
        former = [task for lease, task in self._tasks.items() if lease.key == job.lease.key]
        for task in former:
            task.cancel()
        task = asyncio.create_task(self._run(job, former))
        self._tasks[job.lease] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.lease, None))

    async def close(self, patience: float) -> None:
        """Finish what is under way within `patience` seconds, and release the rest for the next process.

        Leases are renewed until then.
        """
        self._closing = True
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=patience)
        left = dict(self._tasks)
        for task in left.values():
            task.cancel()
        if left:
            await asyncio.wait(left.values())
        self._closed.set()
        if self._beating is not None:
            await self._beating
        for lease in left:
            await self._release(lease)
        self._threads.shutdown(wait=False)

    async def _look_after(self) -> None:
        while not self._closed.is_set():
            try:
                await self._renew()
                if not self._closing:
                    await self._adopt()
            except Exception:
                _LOG.exception("the state database could not be looked after; trying again")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._beat)

    async def _renew(self) -> None:
        if not self._tasks:
            return
        for lease in await self.call(self._store.renew, list(self._tasks)):
            task = self._tasks.get(lease)
            if task is not None:
                _LOG.warning("the %s %s is no longer this process's", lease.kind, lease.key)
                task.cancel()

    async def _adopt(self) -> None:
        for job in await self.call(self._store.adopt, self.holder):
            if self._closing:
                await self._release(job.lease)
                continue
            _LOG.warning("taking up the %s %s", job.lease.kind, job.lease.key)
            self.start(job)

    async def _run(self, job: Job[Work], former: list[asyncio.Task[None]]) -> None:
        if former:
            await asyncio.wait(former)
        lease = job.lease
        try:
            await self._work(job)
        except LeaseLost as error:
            _LOG.warning("%s", error)
        except Postponed:
            _LOG.warning("the %s %s is tried again", lease.kind, lease.key)
            await self._release(lease)
        except Exception:
            _LOG.exception("the %s %s failed", lease.kind, lease.key)
            if job.exhausted:
                await self._write(self._store.abandon, lease)
            else:
                await self._release(lease, failed=True)

    async def _release(self, lease: Lease, **how: Any) -> None:
        await self._write(self._store.release, lease, **how)

    async def _write(self, method: Callable[..., None], lease: Lease, **how: Any) -> None:
        """Write how a job is left. Where that is not possible its lease runs out, which says the same later."""
        try:
            await self.call(method, lease, **how)
        except LeaseLost:
            pass  # It is done, or another's.
        except StoreError as error:
            _LOG.warning("the %s %s could not be given up: %s", lease.kind, lease.key, error)
