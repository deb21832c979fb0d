"""Jobs with leases: at most one process at a time works on each.

    (no row) ──_claim──► held ──mark_done──► done
                          │ ▲
                  release │ │ adopt: it has no holder, or its lease has expired
                          ▼ │
                         free

Each kind has a `claim`, and may have a `finish`.

A holder renews its leases every few seconds. Every write names its lease, and fails if that has expired, even if no
other process has adopted the job. Times are those of the database's clock, with SQLite the machine's, which may be set
back: a lease that ends later than any that is given now has expired too. Every method is one short transaction, safe
between processes; all of them block, and raise StoreError.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Table,
    and_,
    case,
    delete,
    insert,
    or_,
    select,
    true,
    update,
)

from store.engines import insert_new
from store.errors import LeaseLost
from store.jobs.database import StateStore, open_database
from store.jobs.schema import jobs

# Kind of the jobs that only record that an event was seen.
EVENT = "event"
# What is done once ever, such as a greeting: it is not forgotten.
ONCE = "once"
# A job during which two processes ended may have been the cause: it is not tried a third time.
_MOST_FAILURES = 2

Work = TypeVar("Work")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that works on jobs; `name` is unique. Its leases expire `lease_seconds` after their last renewal."""

    name: str
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of `holder` to work on a job; `term` counts how often the job was claimed or adopted."""

    kind: str
    key: str
    holder: Holder
    term: int = 1


@dataclass(frozen=True, slots=True)
class Job(Generic[Work]):
    """A job under a lease, with its details.

    `failures` counts leases that expired after the work began, and unknown errors. `created_at`: seconds since 1970.
    """

    lease: Lease
    work: Work
    created_at: float
    failures: int = 0

    @property
    def exhausted(self) -> bool:
        """True if the job failed so often that it is not tried again."""
        return self.failures >= _MOST_FAILURES


def has_ended(end: ColumnElement[float], now: ColumnElement[float], longest: float) -> ColumnElement[bool]:
    """Return the condition that a right which is given for `longest` seconds has ended.

    One that ends much later was given before the clock was set back. Twice the time, so that a small correction of the
    clock takes nothing from a process that is alive.
    """
    return or_(end <= now, end > now + 2 * longest)


class JobStore(StateStore, ABC, Generic[Work]):
    """The jobs of one kind; their details are in a table of their own, one row for each job key."""

    kind: ClassVar[str]
    details: ClassVar[Table]
    # Whether claimed jobs wait for their turn, whose beginning `begin` records. Others begin with the claim.
    waits: ClassVar[bool] = False

    def __init__(self, engine: Engine, now: ColumnElement[float] | None = None, team: str = "") -> None:
        super().__init__(engine, now)
        self._team = team

    @classmethod
    def open(cls, url: str, now: ColumnElement[float] | None = None) -> Self:
        """Open the database of an SQLAlchemy URL; an SQLite file is created. `now` replaces its clock."""
        return cls(open_database(url), now)

    @classmethod
    def beside(cls, other: StateStore) -> Self:
        """Return the jobs of this kind in the database of another store, of its workspace if it is of one."""
        return cls(other._engine, other._now, other._team if isinstance(other, JobStore) else "")

    def of(self, team: str) -> Self:
        """Return the jobs of one workspace alone, of which the others are not adopted, listed or counted."""
        return type(self)(self._engine, self._now, team)

    def ping(self) -> None:
        """Read at most one row, to find out whether the database answers. Raises StoreError."""
        with self._transaction() as connection:
            connection.execute(select(jobs.c.key).limit(1))

    def close(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    def _claim(
        self, key: str, work: Work, holder: Holder, *, event_id: str = "", **details: Any
    ) -> Job[Work] | None:
        """Create a job that `holder` holds; None if it was claimed before.

        `event_id` names the event that asks for the job, if the key does not. If it was recorded before, None too.
        """
        with self._transaction() as connection:
            if event_id and not self._record_event(connection, event_id):
                return None
            created_at = self._insert_job(
                connection,
                self.kind,
                key,
                holder=holder.name,
                expires_at=self._now + holder.lease_seconds,
                done=False,
            )
            if created_at is None:
                return None
            connection.execute(insert(self.details).values(key=key, **details))
        return Job(Lease(self.kind, key, holder), work, created_at)

    def _record_event(self, connection: Connection, event_id: str, kind: str = EVENT) -> bool:
        """Record that an event was seen; False if it was recorded before."""
        return self._insert_job(connection, kind, event_id, expires_at=self._now, done=True) is not None

    def _insert_job(self, connection: Connection, kind: str, key: str, **values: Any) -> float | None:
        """Insert a job and return when it was created; None if there is one of this kind and key."""
        row = insert_new(connection, jobs).values(
            kind=kind, key=key, term=1, begun=not self.waits, failures=0, created_at=self._now
        )
        created_at: float | None = connection.execute(
            row.values(**values).returning(jobs.c.created_at)
        ).scalar_one_or_none()
        return created_at

    def adopt(self, holder: Holder, *, count_failures: bool = True) -> list[Job[Work]]:
        """Take over the jobs that have no holder or whose lease has expired; return them, oldest first.

        The lease of a job that was begun expires when its process dies, which counts as a failure, unless the process
        is `holder` itself. `count_failures` is False where the process may live and could not renew the lease.
        """
        own: ColumnElement[bool] = true()
        if self._team:
            own = jobs.c.key.in_(select(self.details.c.key).where(self._is_own(self.details)))
        return self._adopt(holder, own, count_failures=count_failures)

    def _adopt(
        self, holder: Holder, chosen: ColumnElement[bool], *, count_failures: bool = True
    ) -> list[Job[Work]]:
        """Take over as `adopt` does, of the jobs for which a condition is true."""
        died = and_(jobs.c.begun, jobs.c.holder != holder.name)
        change = (
            update(jobs)
            .where(jobs.c.kind == self.kind, jobs.c.done.is_(False), chosen)
            .where(
                or_(jobs.c.holder.is_(None), has_ended(jobs.c.expires_at, self._now, holder.lease_seconds))
            )
            .values(holder=holder.name, term=jobs.c.term + 1, expires_at=self._now + holder.lease_seconds)
            .values(failures=jobs.c.failures + case((died, int(count_failures)), else_=0))
            .values(begun=not self.waits)
            .returning(jobs.c.key, jobs.c.term, jobs.c.created_at, jobs.c.failures)
        )
        # One statement selects and changes the rows, so that only one process gets each.
        with self._transaction() as connection:
            adopted = connection.execute(change).all()
            keys = [row.key for row in adopted]
            query = select(self.details).where(self.details.c.key.in_(keys))
            details = {row["key"]: row for row in connection.execute(query).mappings()} if keys else {}
        return [
            Job(
                Lease(self.kind, row.key, holder, row.term),
                self._work(details[row.key]),
                row.created_at,
                row.failures,
            )
            for row in sorted(adopted, key=lambda row: (row.created_at, row.key))
        ]

    def renew(self, leases: Iterable[Lease]) -> set[Lease]:
        """Renew leases; return those that are lost. The lease of a job that is done is not: its work may still end."""
        with self._transaction() as connection:
            ended = {lease for lease in leases if not self._renew(connection, lease)}
            return {lease for lease in ended if not self._is_done(connection, lease)}

    def check(self, lease: Lease) -> None:
        """Renew a lease. Raises LeaseLost."""
        with self._fenced(lease):
            pass

    def begin(self, lease: Lease) -> None:
        """Record that the turn of a job has come, and its work begins. Raises LeaseLost."""
        with self._fenced(lease, begun=True):
            pass

    def release(self, lease: Lease, *, failed: bool = False) -> None:
        """Release a lease, so that the job can be adopted at once; `failed` counts a failure. Raises LeaseLost."""
        with self._fenced(lease, holder=None, failures=jobs.c.failures + int(failed)):
            pass

    def mark_done(self, lease: Lease) -> None:
        """Record that nothing is left to do. Raises LeaseLost."""
        with self._fenced(lease, holder=None, done=True):
            pass

    def withdraw(self, lease: Lease) -> None:
        """Delete a job of which nothing was done, so that it can be claimed again. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            connection.execute(delete(jobs).where(jobs.c.kind == self.kind, jobs.c.key == lease.key))

    def created_at(self, key: str) -> float | None:
        """Return when a job of this kind was claimed first, in seconds since 1970; None if there is none."""
        with self._transaction() as connection:
            created = select(jobs.c.created_at).where(jobs.c.kind == self.kind, jobs.c.key == key)
            return connection.scalar(created)

    def forget(self, *, older_than: float) -> None:
        """Delete the jobs of all kinds that are done, and the events, from more than that many seconds ago."""
        old = jobs.c.created_at < self._now - older_than
        with self._transaction() as connection:
            connection.execute(delete(jobs).where(jobs.c.done.is_(True), jobs.c.kind != ONCE, old))

    @abstractmethod
    def _work(self, row: RowMapping) -> Work:
        """Return the work that a row of details describes."""

    def _is_own(self, table: Table) -> ColumnElement[bool]:
        """Return the condition that a row is of this store's workspace; without a workspace, it is always true."""
        return table.c.team == self._team if self._team else true()

    @contextmanager
    def _fenced(self, lease: Lease, **changes: Any) -> Iterator[Connection]:
        """Begin a transaction that renews a lease and changes columns of its job. Raises LeaseLost."""
        with self._transaction() as connection:
            if not self._renew(connection, lease, **changes):
                raise LeaseLost(f"the job, of the kind {lease.kind!r}, is another process's now")
            yield connection

    def _update(self, lease: Lease, details: Mapping[str, Any], **changes: Any) -> None:
        """Change the details of a job, and columns of the job itself. Raises LeaseLost."""
        with self._fenced(lease, **changes) as connection:
            row = update(self.details).where(self.details.c.key == lease.key)
            connection.execute(row.values(**details))

    def _is_done(self, connection: Connection, lease: Lease) -> bool:
        """Whether the job was done under this very lease."""
        own = (jobs.c.kind == lease.kind) & (jobs.c.key == lease.key) & (jobs.c.term == lease.term)
        return bool(connection.scalar(select(jobs.c.done).where(own)))

    def _renew(self, connection: Connection, lease: Lease, **changes: Any) -> bool:
        """Renew a lease and change columns of its job; False if the lease is lost."""
        held = and_(
            jobs.c.kind == lease.kind,
            jobs.c.key == lease.key,
            jobs.c.holder == lease.holder.name,
            jobs.c.term == lease.term,
            jobs.c.expires_at > self._now,
            jobs.c.done.is_(False),
        )
        values = {"expires_at": self._now + lease.holder.lease_seconds, **changes}
        return connection.execute(update(jobs).where(held).values(**values)).rowcount == 1


class StoppableJobStore(JobStore[Work]):
    """Jobs of which people may want no more: the column `stopped` of their details says so."""

    def stop_own(self, key: str, user: str) -> bool:
        """Record that a person stopped their job; False if there is none that is open."""
        return bool(self._stop(self.details.c.key == key, self.details.c.user == user))

    def stopped(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys whose jobs were stopped."""
        details = self.details.c
        query = select(details.key).where(details.key.in_(list(keys)), details.stopped.is_(True))
        with self._transaction() as connection:
            return set(connection.execute(query).scalars())

    def _stop(self, *conditions: ColumnElement[bool]) -> set[str]:
        """Record that the open jobs with these details are stopped; return their keys."""
        key = self.details.c.key
        is_open = key.in_(select(jobs.c.key).where(jobs.c.kind == self.kind, jobs.c.done.is_(False)))
        change = update(self.details).values(stopped=True).where(is_open, *conditions).returning(key)
        with self._transaction() as connection:
            return set(connection.execute(change).scalars())
