"""The lease of a job: who may write, who takes over, and what counts as a failure. Uploads stand for every kind."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.jobs import (
    Holder,
    Job,
    Lease,
    LeaseLost,
    MessageRef,
    SlackFile,
    SlackMessage,
    Submission,
    SubmissionStore,
    Upload,
)
from store.migrations import open_database
from tests.store.jobs.clock import Clock

ONE, TWO, THREE = (Holder(name, 20.0) for name in ("one", "two", "three"))
STATUS = MessageRef("D1", "100.2")


def submission(number: int = 1) -> Submission:
    asked = SlackMessage("T1", "D1", f"{number}.1", "", "U1", "When?")
    return Submission(
        f"message/{number:02}",
        asked,
        (SlackFile("F1", "r.txt"), SlackFile("F2", "")),
        "7.1",
        "https://answer",
    )


@pytest.fixture
def table(url: str, clock: Clock) -> SubmissionStore:
    return SubmissionStore.open(url, clock.reading)


def taken(table: SubmissionStore, holder: Holder = ONE, number: int = 1) -> Job[Upload]:
    """Return a claimed job whose work has begun."""
    job = table.claim(Upload(submission(number)), holder)
    assert job is not None
    table.begin(job.lease)
    return job


def test_job_is_claimed_once(table: SubmissionStore) -> None:
    assert [table.claim(Upload(submission()), holder) is not None for holder in (ONE, TWO, ONE)] == [
        True,
        False,
        False,
    ]


def test_job_with_an_expired_lease_is_adopted_with_its_details(table: SubmissionStore, clock: Clock) -> None:
    table.change(taken(table).lease, status=STATUS)
    clock.now += 20
    [job] = table.adopt(TWO)
    assert (job.work, job.failures) == (Upload(submission(), STATUS), 1)


def test_job_of_a_dead_process_is_adopted_though_the_clock_is_set_back(
    table: SubmissionStore, clock: Clock
) -> None:
    dead = taken(table)
    clock.now -= 3600
    [job] = table.adopt(TWO)
    assert (job.lease.key, job.failures) == (dead.lease.key, 1)
    with pytest.raises(LeaseLost):
        table.check(dead.lease)


def test_job_of_a_living_process_is_not_adopted_where_the_clock_is_set_back_a_little(
    table: SubmissionStore, clock: Clock
) -> None:
    job = taken(table)
    clock.now -= 20
    assert table.adopt(TWO) == []
    assert table.renew([job.lease]) == set()


def test_job_of_a_living_process_stays_its_own_once_it_has_renewed_its_lease(
    table: SubmissionStore, clock: Clock
) -> None:
    job = taken(table)
    clock.now -= 3600
    assert table.renew([job.lease]) == set()
    assert table.adopt(TWO) == []


def test_lease_of_a_job_that_its_holder_has_finished_is_not_lost(table: SubmissionStore) -> None:
    job = taken(table)
    table.mark_done(job.lease)
    assert table.renew([job.lease]) == set()


def test_each_job_is_adopted_once_oldest_first(table: SubmissionStore, clock: Clock) -> None:
    for number in range(20):
        taken(table, number=number)
        clock.now += 0.1
    clock.now += 20
    with ThreadPoolExecutor(8) as pool:
        shares = list(pool.map(lambda n: table.adopt(Holder(f"adopter {n}", 20.0)), range(8)))
    adopted = [[job.lease.key for job in share] for share in shares]
    assert sorted(key for share in adopted for key in share) == [submission(n).key for n in range(20)]
    assert all(share == sorted(share) for share in adopted)


WRITES: dict[str, Callable[[SubmissionStore, Lease], None]] = {
    "check": SubmissionStore.check,
    "begin": SubmissionStore.begin,
    "save_status": lambda table, lease: table.change(lease, status=STATUS),
    "release": SubmissionStore.release,
    "mark_done": SubmissionStore.mark_done,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_holder_of_an_expired_lease_cannot_write(
    table: SubmissionStore, clock: Clock, write: Callable[[SubmissionStore, Lease], None]
) -> None:
    job = taken(table)
    clock.now += 20
    with pytest.raises(LeaseLost):
        write(table, job.lease)
    assert table.renew([job.lease]) == {job.lease}
    assert table.adopt(TWO)[0].work == Upload(submission())


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_holder_that_adopts_its_own_job_writes_under_the_new_lease_only(
    table: SubmissionStore, clock: Clock, write: Callable[[SubmissionStore, Lease], None]
) -> None:
    old = taken(table).lease
    clock.now += 20
    [job] = table.adopt(ONE)
    with pytest.raises(LeaseLost):
        write(table, old)
    write(table, job.lease)


def test_wrong_clock_of_a_process_expires_no_lease(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(SubmissionStore.open(url))
    monkeypatch.setattr(time, "time", lambda: 9e9)
    assert SubmissionStore.open(url).adopt(TWO) == []


def test_expired_leases_and_unknown_errors_count_as_failures(table: SubmissionStore, clock: Clock) -> None:
    table.release(taken(table).lease, failed=True)
    [once] = table.adopt(TWO)
    table.begin(once.lease)
    clock.now += 20
    [twice] = table.adopt(THREE)
    assert [(job.failures, job.exhausted) for job in (once, twice)] == [(1, False), (2, True)]


def test_death_of_its_process_is_no_failure_of_a_job_that_only_waited(
    table: SubmissionStore, clock: Clock
) -> None:
    table.claim(Upload(submission()), ONE)
    for holder in (TWO, THREE):
        clock.now += 20
        [job] = table.adopt(holder)
    assert job.failures == 0
    # It begins, is left, and waits once more.
    table.begin(job.lease)
    clock.now += 20
    assert [job.failures for job in table.adopt(TWO)] == [1]
    clock.now += 20
    assert [job.failures for job in table.adopt(THREE)] == [1]


def test_old_finished_jobs_are_deleted_and_open_ones_stay(table: SubmissionStore, clock: Clock) -> None:
    done, _ = taken(table, number=1), taken(table, number=2)
    table.mark_done(done.lease)
    table.forget(older_than=10)
    assert table.claim(Upload(submission(1)), TWO) is None
    clock.now += 20
    table.forget(older_than=10)
    assert [table.claim(Upload(submission(n)), TWO) is not None for n in (1, 2)] == [True, False]


@pytest.mark.files
def test_a_commit_outlives_a_power_failure(url: str) -> None:
    with open_database(url).connect() as connection:
        full = 2
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == full
