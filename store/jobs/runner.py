"""Runs the jobs of all kinds: renews their leases, and adopts those that other processes left."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, ParamSpec, TypeVar

from store.errors import LeaseLost, StoreError, StoreUnavailable, StoreUnwritable
from store.jobs.leases import Holder, Job, JobStore, Lease, Work
from store.restarts import RETRY_SECONDS, SERVER_SECONDS

_LOG = logging.getLogger(__name__)

# Threads that read and write the database; each call takes milliseconds.
_THREADS = 4
# Seconds at `close` for cancelled jobs to end, and to release them.
_CANCEL_SECONDS = 3.0
_RELEASE_SECONDS = 4.0

P = ParamSpec("P")
Result = TypeVar("Result")


class RetryLater(Exception):
    """A job cannot be done now; it is tried again, and that does not count as a failure."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the jobs of a kind are done."""

    store: JobStore[Any]
    work: Callable[[Job[Any]], Awaitable[None]]
    is_patient: Callable[[], bool]


class Runner:
    """Does the jobs of all kinds that it is given: `work` finishes its job and records that.

    Leases are renewed every `renew_every` seconds, and expire `lease_seconds` after the last renewal. A job whose
    lease is lost is cancelled. A job is released if its work raises RetryLater, or if a database does not answer or has
    no room. A job that raises anything else has failed; it is tried again until it is exhausted and fails once more.
    """

    def __init__(self, *, renew_every: float, lease_seconds: float) -> None:
        self.holder = Holder(secrets.token_hex(8), lease_seconds)
        self._kinds: dict[str, _Kind] = {}
        self._renew_every = renew_every
        # Its own threads: work that occupies all default threads of the loop must not delay a claim or a renewal.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="jobs")
        self._tasks: dict[Lease, asyncio.Task[None]] = {}
        # Tasks whose job was withdrawn. They continue without a lease, to tell somebody why.
        self._withdrawn: set[asyncio.Task[None]] = set()
        # Leases that could not be released; it is tried again after each renewal.
        self._unreleased: set[Lease] = set()
        self._renewing: asyncio.Task[None] | None = None
        self._closing = False
        self._closed = asyncio.Event()

    def do(
        self,
        store: JobStore[Work],
        work: Callable[[Job[Work]], Awaitable[None]],
        is_patient: Callable[[], bool] = lambda: True,
    ) -> None:
        """Do the jobs of a store by `work`. Of jobs that wait for a process, the kinds given first are begun first.

        `is_patient`: whether `close` waits for them, or leaves them to the next process at once.
        """
        self._kinds[store.kind] = _Kind(store, work, is_patient)

    async def call(self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs) -> Result:
        """Call a method of the store in a thread of this runner, and retry it while the database server restarts.

        If a call succeeded but its answer was lost, the retry is harmless: a repeated claim finds the job claimed, and
        its lease, which nobody renews, expires, so that the job is adopted.
        """
        loop, work = asyncio.get_running_loop(), copy_context().run
        until = loop.time() + SERVER_SECONDS
        while True:
            try:
                return await loop.run_in_executor(self._threads, partial(work, function, *arguments, **named))
            except StoreUnavailable:
                if loop.time() >= until:
                    raise
                await asyncio.sleep(RETRY_SECONDS)

    async def check(self, lease: Lease) -> None:
        """Renew a lease before an irreversible action. Raises LeaseLost."""
        await self.call(self._store_of(lease).check, lease)

    async def withdraw(self, lease: Lease) -> None:
        """Delete a job of which nothing was done, so that it can be claimed again; its task may continue.

        Raises LeaseLost.
        """
        if (task := self._tasks.get(lease)) is not None:
            self._withdrawn.add(task)
        try:
            await self.call(self._store_of(lease).withdraw, lease)
        except StoreError:
            if task is not None:
                self._withdrawn.discard(task)
            raise

    def start(self) -> None:
        """Start to renew leases and to adopt jobs, until `close`."""
        self._renewing = asyncio.create_task(self._renew_until_closed())

    def submit(self, job: Job[Any]) -> None:
        """Start the work on a claimed job, or release it after `stop`; returns at once."""
        # This process may have adopted its own job: the lease expired while the work goes on.
        former = [
            task
            for lease, task in self._tasks.items()
            if (lease.kind, lease.key) == (job.lease.kind, job.lease.key) and task not in self._withdrawn
        ]
        for task in former:
            task.cancel()
        work = self._release(job.lease) if self._closing else self._run(job, former)
        task = asyncio.create_task(work)
        self._tasks[job.lease] = task
        task.add_done_callback(lambda ended: self._drop(job.lease, ended))

    def stop(self) -> None:
        """Begin no more jobs: those that are submitted from now on are left to other processes."""
        self._closing = True

    async def close(self, wait_seconds: float) -> None:
        """Wait up to `wait_seconds` for running jobs, renewing their leases, then cancel and release the rest.

        The release takes a few seconds at most: a lease that cannot be released expires, with the same effect later.
        """
        self.stop()
        hurried = {
            lease: task for lease, task in self._tasks.items() if not self._kinds[lease.kind].is_patient()
        }
        for task in hurried.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=wait_seconds)
        left = dict(self._tasks)
        for task in left.values():
            task.cancel()
        if left:
            await asyncio.wait(left.values(), timeout=_CANCEL_SECONDS)
        self._closed.set()
        # All at the same time: while the database server does not answer, each is retried for some seconds.
        ending = [
            asyncio.ensure_future(self._release(lease)) for lease in {*hurried, *left, *self._unreleased}
        ]
        if self._renewing is not None:
            ending.append(self._renewing)
        if ending:
            _, hanging = await asyncio.wait(ending, timeout=_RELEASE_SECONDS)
            for task in hanging:
                task.cancel()
            if hanging:
                _LOG.warning("the database does not answer; leases that are not released expire")
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _renew_until_closed(self) -> None:
        now = asyncio.get_running_loop().time
        # Until then, a lease may have expired because nobody could renew it.
        silent_until = now()
        while not self._closed.is_set():
            try:
                await self._renew()
                for lease in tuple(self._unreleased):
                    with suppress(LeaseLost):
                        await self.call(self._store_of(lease).release, lease)
                    self._unreleased.discard(lease)
                if not self._closing:
                    await self._adopt(count_failures=now() >= silent_until)
            except Exception:
                silent_until = now() + self.holder.lease_seconds
                _LOG.exception("leases could not be renewed or adopted; trying again")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._renew_every)

    def _drop(self, lease: Lease, ended: asyncio.Task[None]) -> None:
        self._withdrawn.discard(ended)
        # A job that was withdrawn and is claimed again has an equal lease.
        if self._tasks.get(lease) is ended:
            del self._tasks[lease]

    async def _renew(self) -> None:
        running = {lease: task for lease, task in self._tasks.items() if task not in self._withdrawn}
        if not running:
            return
        for lease in await self.call(self._store_of(next(iter(running))).renew, list(running)):
            task = running[lease]
            if not task.done() and task not in self._withdrawn:
                _LOG.warning("the lease of a job is lost: %s", lease.kind)
                task.cancel()

    async def _adopt(self, *, count_failures: bool) -> None:
        if not self._kinds:
            return
        stores = [kind.store for kind in self._kinds.values()]
        adopt = partial(stores[0].adopt, among=stores, count_failures=count_failures)
        found = await self.call(adopt, self.holder)
        places = list(self._kinds)
        for job in sorted(found, key=lambda job: places.index(job.lease.kind)):
            if self._closing:
                await self._release(job.lease)
                continue
            # A new notice had no holder before; any other job was left by a process.
            level = logging.WARNING if job.lease.term > 1 else logging.DEBUG
            _LOG.log(level, "adopting a job: %s", job.lease.kind)
            self.submit(job)

    async def _run(self, job: Job[Any], former: list[asyncio.Task[None]]) -> None:
        """Work on a job after the end of its `former` tasks, and release it if that fails."""
        if former:
            await asyncio.wait(former)
        lease = job.lease
        try:
            await self._kinds[lease.kind].work(job)
        except LeaseLost as error:
            _LOG.warning("%s", error)
        except (RetryLater, StoreUnavailable, StoreUnwritable) as error:
            _LOG.warning("a job is tried again: %s: %r", lease.kind, error)
            await self._release(lease)
        except Exception:
            _LOG.exception("a job failed: %s", lease.kind)
            if job.exhausted:
                await self._write("mark_done", lease)
            else:
                await self._release(lease, failed=True)

    def _store_of(self, lease: Lease) -> JobStore[Any]:
        return self._kinds[lease.kind].store

    async def _release(self, lease: Lease, **how: Any) -> None:
        await self._write("release", lease, **how)

    async def _write(self, method: Literal["release", "mark_done"], lease: Lease, **how: Any) -> None:
        """Release a job or mark it done. If that fails, it is released later, without a failure."""
        if asyncio.current_task() in self._withdrawn:
            return  # The job may be claimed again, under an equal lease.
        try:
            await self.call(getattr(self._store_of(lease), method), lease, **how)
        except LeaseLost:
            pass  # The job is done, or another process has it.
        except StoreError as error:
            _LOG.warning("a job could not be released: %s: %s", lease.kind, error)
            self._unreleased.add(lease)
