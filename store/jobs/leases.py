"""Jobs, each worked on by one process at a time: the rule for all kinds of them.

    (no row) ──claim──► held ──finish──► done
                         │ ▲
                 release │ │ adopt: nobody's, or its lease has run out
                         ▼ │
                        free

A holder renews its leases every few seconds. Every write names the lease under which it is made; under one that
has run out, nothing is written, whether or not somebody has taken the job over. Times are the database's. Every
method is one short transaction, safe between processes; all of them block, and raise StoreError.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
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
    update,
)

from store.engines import storage_errors
from store.errors import LeaseLost
from store.jobs.database import NAME, Now, insert_new, open_database
from store.jobs.schema import jobs

# What has ended two processes may be what ends them: it is not tried a third time.
_MOST_FAILURES = 2

Work = TypeVar("Work")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that works; a job of which it is silent for `ttl` seconds is anybody's. `name` is unique."""

    name: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of `holder` to work on a job; `term` counts how often the job has been taken."""

    kind: str
    key: str
    holder: Holder
    term: int = 1


@dataclass(frozen=True, slots=True)
class Job(Generic[Work]):
    """A job under a lease: what is to be done, and how far it is.

    `failures` counts the holders that fell silent over it, and unknown errors. `created_at`: seconds since 1970.
    """

    lease: Lease
    work: Work
    created_at: float
    failures: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether it has failed so often that it is not tried again."""
        return self.failures >= _MOST_FAILURES


class JobStore(ABC, Generic[Work]):
    """The jobs of one kind, with their details in a table of their own: one row for a job, by its key."""

    kind: ClassVar[str]
    details: ClassVar[Table]

    def __init__(self, engine: Engine, now: ColumnElement[float]) -> None:
        self._engine = engine
        self._now = now

    @classmethod
    def open(cls, url: str, now: ColumnElement[float] | None = None) -> Self:
        """Open the database of an SQLAlchemy URL; an SQLite file is created. `now` stands in for its clock."""
        return cls(open_database(url), Now() if now is None else now)

    def close(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    def _claim(self, key: str, work: Work, holder: Holder, **details: Any) -> Job[Work] | None:
        """Take a new job for `holder`; None if anybody has taken it before."""
        with self._begin() as connection:
            row = (
                insert_new(connection, jobs)
                .values(kind=self.kind, key=key, holder=holder.name, term=1, failures=0, done=False)
                .values(expires_at=self._now + holder.ttl, created_at=self._now)
                .returning(jobs.c.created_at)
            )
            created_at = connection.execute(row).scalar_one_or_none()
            if created_at is None:
                return None
            connection.execute(insert(self.details).values(key=key, **details))
        return Job(Lease(self.kind, key, holder), work, created_at)

    def adopt(self, holder: Holder) -> list[Job[Work]]:
        """Take over, oldest first, what nobody holds or whose lease has run out.

        A lease that ran out counts as a failure of its holder, unless that is `holder` itself, which lives.
        """
        change = (
            update(jobs)
            .where(jobs.c.kind == self.kind, jobs.c.done.is_(False))
            .where(or_(jobs.c.holder.is_(None), jobs.c.expires_at <= self._now))
            .values(holder=holder.name, term=jobs.c.term + 1, expires_at=self._now + holder.ttl)
            .values(failures=jobs.c.failures + case((jobs.c.holder != holder.name, 1), else_=0))
            .returning(jobs.c.key, jobs.c.term, jobs.c.created_at, jobs.c.failures)
        )
        # Only one process gets each row: the update is one statement, and it changes what it asks for.
        with self._begin() as connection:
            taken = connection.execute(change).all()
            keys = [row.key for row in taken]
            query = select(self.details).where(self.details.c.key.in_(keys))
            details = {row["key"]: row for row in connection.execute(query).mappings()} if keys else {}
        return [
            Job(
                Lease(self.kind, row.key, holder, row.term),
                self._work(details[row.key]),
                row.created_at,
                row.failures,
            )
            for row in sorted(taken, key=lambda row: (row.created_at, row.key))
        ]

    def renew(self, leases: Iterable[Lease]) -> set[Lease]:
        """Say that their holder still works on these jobs; return the leases that are lost."""
        with self._begin() as connection:
            return {lease for lease in leases if not self._keeps(connection, lease)}

    def check(self, lease: Lease) -> None:
        """Renew a lease. Raises LeaseLost."""
        with self._fenced(lease):
            pass

    def release(self, lease: Lease, *, failed: bool = False) -> None:
        """Give a job up, for anyone to adopt at once; `failed` counts a failure. Raises LeaseLost."""
        with self._fenced(lease, holder=None, failures=jobs.c.failures + int(failed)):
            pass

    def abandon(self, lease: Lease) -> None:
        """Write down that nothing more is done about a job. Raises LeaseLost."""
        with self._fenced(lease, holder=None, done=True):
            pass

    def forget(self, *, older_than: float) -> None:
        """Remove the jobs that are done and were claimed more than that many seconds ago."""
        with self._begin() as connection:
            connection.execute(
                delete(jobs).where(
                    jobs.c.kind == self.kind,
                    jobs.c.done.is_(True),
                    jobs.c.created_at < self._now - older_than,
                )
            )
            left = select(jobs.c.key).where(jobs.c.kind == self.kind)
            connection.execute(delete(self.details).where(self.details.c.key.not_in(left)))

    @abstractmethod
    def _work(self, row: RowMapping) -> Work:
        """Return what is to be done from its details."""

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with storage_errors(NAME), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _fenced(self, lease: Lease, **changes: Any) -> Iterator[Connection]:
        """Begin a transaction under a lease, which it renews; `changes` are those of the job. Raises LeaseLost."""
        with self._begin() as connection:
            if not self._keeps(connection, lease, **changes):
                raise LeaseLost(f"the {lease.kind} {lease.key} is another process's now")
            yield connection

    def _keeps(self, connection: Connection, lease: Lease, **changes: Any) -> bool:
        """Renew a lease, or change its job; False if it is lost."""
        held = and_(
            jobs.c.kind == lease.kind,
            jobs.c.key == lease.key,
            jobs.c.holder == lease.holder.name,
            jobs.c.term == lease.term,
            jobs.c.expires_at > self._now,
            jobs.c.done.is_(False),
        )
        values = {"expires_at": self._now + lease.holder.ttl, **changes}
        return connection.execute(update(jobs).where(held).values(**values)).rowcount == 1
