"""Working on jobs: leases are kept, what is lost is left alone, and what fails is tried again, but not for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from store.errors import StoreUnavailable
from store.jobs import Holder, Job, Lease, QuestionJob, QuestionStore, RetryLater, Runner, SlackMessage
from tests.store.jobs.clock import Clock
from tests.store.jobs.full_disk import Disk

ASKED = SlackMessage("T1", "C1", "100.1", "", "U1", "When?")
OTHER = Holder("other", 20.0)
Start = Callable[..., Runner]


@pytest.fixture
async def start(state: QuestionStore) -> AsyncIterator[Start]:
    """Start a runner whose work is the function given; it is closed at the end."""
    async with AsyncExitStack() as stack:

        def begin(work: Callable[[Job[QuestionJob]], Awaitable[None]]) -> Runner:
            runner = Runner(renew_every=0.01, lease_seconds=20.0)
            runner.do(state, work)
            runner.start()
            stack.push_async_callback(runner.close, 0.0)
            return runner

        yield begin


async def claimed(runner: Runner, state: QuestionStore, message: SlackMessage = ASKED) -> Job[QuestionJob]:
    job = await runner.call(state.claim, QuestionJob(message), runner.holder)
    assert job is not None
    runner.submit(job)
    return job


async def for_ever(_job: Job[QuestionJob]) -> None:
    await asyncio.Event().wait()


async def test_closing_runner_renews_leases_of_running_jobs(
    state: QuestionStore, clock: Clock, start: Start
) -> None:
    ended, renewed = asyncio.Event(), asyncio.Event()

    async def work(_job: Job[QuestionJob]) -> None:
        await ended.wait()

    renew = state.renew

    def watched(leases: Any) -> Any:
        lost = renew(leases)
        loop.call_soon_threadsafe(renewed.set)
        return lost

    loop = asyncio.get_running_loop()
    state.renew = watched  # type: ignore[method-assign]
    runner = start(work)
    await claimed(runner, state)
    closing = asyncio.create_task(runner.close(100.0))
    adopted = []
    for _ in range(3):
        # The first may have looked at the clock before it went on.
        for _ in range(2):
            renewed.clear()
            await renewed.wait()
        clock.now += 15
        adopted += await asyncio.to_thread(state.adopt, OTHER)
    ended.set()
    await closing
    assert adopted == []


async def test_closed_runner_releases_unfinished_jobs(state: QuestionStore, start: Start) -> None:
    runner = start(for_ever)
    await claimed(runner, state)
    await runner.close(0.0)
    [job] = state.adopt(OTHER)
    assert job.failures == 0


async def test_closing_runner_leaves_what_is_not_worth_waiting_for_to_others_at_once(
    state: QuestionStore,
) -> None:
    runner = Runner(renew_every=0.01, lease_seconds=20.0)
    runner.do(state, for_ever, is_patient=lambda: False)
    runner.start()
    await claimed(runner, state)

    # It does not wait for so long.
    await runner.close(3600.0)

    [job] = state.adopt(OTHER)
    assert job.failures == 0


async def test_call_is_retried_while_the_server_is_away(
    state: QuestionStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.jobs.runner.RETRY_SECONDS", 0.0)
    failures = [StoreUnavailable("the database cannot be reached")] * 2

    def claim(message: SlackMessage, holder: Holder) -> Job[QuestionJob] | None:
        if failures:
            raise failures.pop()
        return state.claim(QuestionJob(message), holder)

    runner = start(for_ever)
    assert await runner.call(claim, ASKED, runner.holder) is not None


async def test_closing_runner_releases_jobs_that_it_is_adopting(state: QuestionStore, start: Start) -> None:
    begun, go = asyncio.Event(), threading.Event()
    loop, adopt = asyncio.get_running_loop(), state.adopt

    def slowly(holder: Holder, **how: Any) -> list[Job[QuestionJob]]:
        loop.call_soon_threadsafe(begun.set)
        assert go.wait(100)
        return adopt(holder, **how)

    job = state.claim(QuestionJob(ASKED), OTHER)
    assert job is not None
    state.release(job.lease)
    state.adopt = slowly  # type: ignore[method-assign]
    runner = start(for_ever)
    await begun.wait()
    closing = asyncio.create_task(runner.close(0.0))
    await asyncio.sleep(0)
    go.set()
    await closing
    assert [job.work.message for job in adopt(OTHER)] == [ASKED]


async def test_job_with_a_lost_lease_is_cancelled_and_restarted(
    state: QuestionStore, clock: Clock, start: Start
) -> None:
    terms: asyncio.Queue[int] = asyncio.Queue()
    under_way: list[int] = []

    async def work(job: Job[QuestionJob]) -> None:
        under_way.append(job.lease.term)
        terms.put_nowait(job.lease.term)
        try:
            await asyncio.Event().wait()
        finally:
            under_way.remove(job.lease.term)

    await claimed(start(work), state)
    assert await terms.get() == 1
    clock.now += 60
    assert await terms.get() == 2
    assert under_way == [2]


async def test_work_on_a_withdrawn_job_goes_on(
    state: QuestionStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, adopt = asyncio.get_running_loop(), state.adopt
    withdrawn, told = asyncio.Event(), asyncio.Event()
    rounds: asyncio.Queue[None] = asyncio.Queue()

    async def work(job: Job[QuestionJob]) -> None:
        await runner.withdraw(job.lease)
        withdrawn.set()
        # As long as it takes to tell a person.
        for _ in range(2):
            await rounds.get()
        told.set()

    def watched(holder: Holder, **how: Any) -> Any:
        if withdrawn.is_set():
            loop.call_soon_threadsafe(rounds.put_nowait, None)
        return adopt(holder, **how)

    monkeypatch.setattr(state, "adopt", watched)
    runner = start(work)
    await claimed(runner, state)
    async with asyncio.timeout(100):
        await told.wait()


async def test_job_that_is_claimed_again_once_it_was_withdrawn_keeps_its_lease(
    state: QuestionStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, renew, go_on = asyncio.get_running_loop(), state.renew, threading.Event()
    begun: asyncio.Queue[Job[QuestionJob]] = asyncio.Queue()
    found_lost, renewed_again = asyncio.Event(), asyncio.Event()

    async def work(job: Job[QuestionJob]) -> None:
        begun.put_nowait(job)
        await asyncio.Event().wait()

    def watched(leases: Any) -> Any:
        lost = renew(leases)
        if go_on.is_set():
            loop.call_soon_threadsafe(renewed_again.set)
        elif lost:
            loop.call_soon_threadsafe(found_lost.set)
            assert go_on.wait(100)
        return lost

    monkeypatch.setattr(state, "renew", watched)
    runner = start(work)
    await claimed(runner, state)
    await runner.call(state.withdraw, (await begun.get()).lease)
    await found_lost.wait()
    # Its lease is equal to the lost one.
    await claimed(runner, state)
    await begun.get()
    go_on.set()
    async with asyncio.timeout(100):
        await renewed_again.wait()


async def test_job_with_unknown_errors_is_retried_until_exhausted(state: QuestionStore, start: Start) -> None:
    tried: asyncio.Queue[bool] = asyncio.Queue()

    async def work(job: Job[QuestionJob]) -> None:
        tried.put_nowait(job.exhausted)
        raise RuntimeError("a fault")

    runner = start(work)
    await claimed(runner, state)
    assert [await tried.get() for _ in range(3)] == [False, False, True]
    await runner.close(100.0)
    assert state.adopt(OTHER) == []


@pytest.mark.parametrize("error", [RetryLater(), StoreUnavailable("the catalog cannot be reached")])
async def test_job_that_cannot_be_done_now_is_retried_without_limit(
    state: QuestionStore, start: Start, error: Exception
) -> None:
    tries: asyncio.Queue[int] = asyncio.Queue()

    async def work(job: Job[QuestionJob]) -> None:
        tries.put_nowait(job.failures)
        raise error

    await claimed(start(work), state)
    async with asyncio.timeout(20):
        assert [await tries.get() for _ in range(5)] == [0] * 5


@pytest.mark.files
@pytest.mark.parametrize("act", ["mark_sending", "withdraw"])
async def test_job_that_a_full_disk_kept_from_being_released_is_tried_again_without_a_failure(
    state: QuestionStore, start: Start, act: str
) -> None:
    disk, tries = Disk(state), asyncio.Queue[tuple[int, int]]()

    async def work(job: Job[QuestionJob]) -> None:
        tries.put_nowait((job.lease.term, job.failures))
        if job.lease.term > 1:
            await asyncio.Event().wait()
        disk.refuses = True
        if act == "withdraw":
            await runner.withdraw(job.lease)
        await runner.call(state.change, job.lease, sending=True)

    state.release = disk.refusing_once(state.release)  # type: ignore[method-assign]
    runner = start(work)
    await claimed(runner, state)
    async with asyncio.timeout(20):
        assert [await tries.get() for _ in range(2)] == [(1, 0), (2, 0)]


async def test_silence_of_a_holder_is_a_failure_of_the_work_that_it_began(
    state: QuestionStore, clock: Clock, start: Start
) -> None:
    assert await adopted_failures(state, clock, start) == 1


@pytest.mark.files
async def test_silence_of_a_holder_is_no_failure_while_nobody_could_write(
    state: QuestionStore, clock: Clock, start: Start
) -> None:
    assert await adopted_failures(state, clock, start, Disk(state)) == 0


async def adopted_failures(state: QuestionStore, clock: Clock, start: Start, disk: Disk | None = None) -> int:
    """Return the failures of a job that was begun and whose lease has expired, as a runner adopts it.

    A `disk` refuses the first try to adopt it.
    """
    adopted = asyncio.Queue[int]()
    job = state.claim(QuestionJob(ASKED), OTHER)
    assert job is not None
    state.begin(job.lease)
    clock.now += 20
    if disk is not None:
        state.adopt = disk.refusing_once(state.adopt)  # type: ignore[method-assign]

    async def work(job: Job[QuestionJob]) -> None:
        adopted.put_nowait(job.failures)

    start(work)
    async with asyncio.timeout(20):
        return await adopted.get()


async def test_job_submitted_after_stop_is_left_to_others(state: QuestionStore, start: Start) -> None:
    begun: list[Job[QuestionJob]] = []

    async def work(job: Job[QuestionJob]) -> None:
        begun.append(job)

    runner = start(work)
    runner.stop()
    await claimed(runner, state)
    await runner.close(0.0)
    assert [job.failures for job in state.adopt(OTHER)] == [0]
    assert begun == []


async def test_closing_runner_does_not_wait_for_a_hanging_database(
    state: QuestionStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.jobs.runner._RELEASE_SECONDS", 1.0)
    answers, asked = threading.Event(), threading.Event()

    def hang(_lease: Lease) -> None:
        asked.set()
        assert answers.wait(100)

    state.release = hang  # type: ignore[method-assign]
    runner = start(for_ever)
    await claimed(runner, state)
    await runner.close(0.0)
    hanging = not answers.is_set()
    answers.set()
    assert (asked.is_set(), hanging) == (True, True)
