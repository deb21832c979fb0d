"""Jobs with leases: at most one process at a time works on each.

    (no row) ──claim──► held ──mark_done──► done
                         │ ▲
                 release │ │ adopt: it has no holder, or its lease has expired
                         ▼ │
                        free

A holder renews its leases every few seconds. Every write names its lease, and fails if that has expired, even if no
other process has adopted the job. Times are those of the database's clock, with SQLite the machine's, which may be set
back: a lease that ends later than any that is given now has expired too. Every method is one short transaction, safe
between processes; all of them block, and raise StoreError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Float,
    Table,
    UpdateBase,
    and_,
    case,
    delete,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from store.engines import connected, insert_new, write_transaction
from store.errors import LeaseLost
from store.migrations import open_database
from store.schema import as_record, as_records, jobs

# Kind of the jobs that only record that an event was seen.
EVENT = "event"
# What is done once ever, such as a greeting: it is not forgotten.
ONCE = "once"
# A job during which two processes ended may have been the cause: it is not tried a third time.
_MOST_FAILURES = 2
# The columns by which jobs are found: those of the message that asks for it.
_PLACE = ("team", "channel", "thread", "ts", "user")

Work = TypeVar("Work")
Record = TypeVar("Record")


class Now(FunctionElement[float]):
    """Seconds since 1970 by the database's clock, as the clocks of the processes that share it may differ."""

    type = Float()
    inherit_cache = True


@compiles(Now)
def _now(*_: Any, **__: Any) -> str:
    return "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())"


@compiles(Now, "sqlite")
def _now_of_sqlite(*_: Any, **__: Any) -> str:
    return "((JULIANDAY('now') - 2440587.5) * 86400.0)"


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
    """A job under a lease, with its work.

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


class Store:
    """Access to tables of the database, by all processes that share it; `now` replaces its clock.

    A store that is `of` a workspace reads and adopts what is that workspace's alone.
    """

    def __init__(self, engine: Engine, now: ColumnElement[float] | None = None, team: str = "") -> None:
        self.engine = engine
        self._now = Now() if now is None else now
        self._team = team

    @classmethod
    def open(cls, url: str, now: ColumnElement[float] | None = None) -> Self:
        """Open the database of an SQLAlchemy URL; an SQLite file is created. `now` replaces its clock."""
        return cls(open_database(url), now)

    @classmethod
    def beside(cls, other: Store) -> Self:
        """Return the store in the database of another one, and of its workspace."""
        return cls(other.engine, other._now, other._team)

    def of(self, team: str) -> Self:
        """Return the store for one workspace alone."""
        return type(self)(self.engine, self._now, team)

    def ping(self) -> None:
        """Read at most one row, to find out whether the database answers. Raises StoreError."""
        with self._reading() as connection:
            connection.execute(select(jobs.c.key).limit(1))

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()

    def _reading(self) -> AbstractContextManager[Connection]:
        return connected(self.engine)

    def _writing(self) -> AbstractContextManager[Connection]:
        return write_transaction(self.engine)

    def _is_own(self, team: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition that a row is of this store's workspace; without a workspace, it is always true."""
        return team == self._team if self._team else true()


class Rows(Store, Generic[Record]):
    """The rows of one table, as records, in their order."""

    table: ClassVar[Table]
    record: ClassVar[type[Any]]
    order: ClassVar[tuple[ColumnElement[Any], ...]]

    def all(self, *conditions: ColumnElement[bool], **same: Any) -> list[Record]:
        """Return the rows that meet conditions and have some values."""
        query = select(self.table).where(*conditions, self._is(**same)).order_by(*self.order)
        with self._reading() as connection:
            return as_records(self.record, connection, query)

    def find(self, **same: Any) -> Record | None:
        """Return the first row that has some values; None if there is none."""
        return next(iter(self.all(**same)), None)

    def _update(self, values: Mapping[str, Any], *conditions: ColumnElement[bool], **same: Any) -> bool:
        """Change the rows that meet conditions and have some values; return whether there is one."""
        return self._run(update(self.table).where(*conditions, self._is(**same)).values(**values))

    def delete(self, **same: Any) -> bool:
        """Delete the rows that have some values; return whether there was one."""
        return self._run(delete(self.table).where(self._is(**same)))

    def _is(self, **same: Any) -> ColumnElement[bool]:
        """Return the condition that columns have some values."""
        return and_(true(), *(self.table.c[name] == value for name, value in same.items()))

    def _run(self, statement: UpdateBase) -> bool:
        with self._writing() as connection:
            return connection.execute(statement).rowcount > 0


class JobStore(Store, Generic[Work]):
    """The jobs of one kind. Their work is a dataclass, which the payload has as JSON."""

    kind: ClassVar[str]
    work: ClassVar[type[Any]]
    # Whether claimed jobs wait for their turn, whose beginning `begin` records. Others begin with the claim.
    waits: ClassVar[bool] = False
    # Whether any workspace may do the jobs.
    is_shared: ClassVar[bool] = False

    def claim(self, work: Work, holder: Holder, event_id: str = "") -> Job[Work] | None:
        """Create the job of some work, whose `key` it gets, for `holder`; None if it was claimed before.

        `event_id` names the event that asks for the job, if the key does not: it is the same whenever Slack delivers it
        again. If it was recorded before, None too.
        """
        key: str = work.key  # type: ignore[attr-defined]
        with self._writing() as connection:
            if event_id and not self._record_event(connection, event_id):
                return None
            held = {"holder": holder.name, "expires_at": self._now + holder.lease_seconds}
            created_at = self._insert(connection, self.kind, key, **self._row(work), **held)
        return None if created_at is None else Job(Lease(self.kind, key, holder), work, created_at)

    def put(self, key: str, work: Work) -> None:
        """Add a job that any process may adopt, once for each key until it is forgotten."""
        with self._writing() as connection:
            self.put_within(connection, key, work)

    def put_within(self, connection: Connection, key: str, work: Work) -> None:
        """Add a job as `put` does, in a transaction. The first process that adopts it gets the term 1."""
        self._insert(connection, self.kind, key, expires_at=self._now, term=0, **self._row(work))

    def adopt(
        self,
        holder: Holder,
        *,
        among: Sequence[JobStore[Any]] = (),
        key: str | None = None,
        count_failures: bool = True,
    ) -> list[Job[Any]]:
        """Take over the jobs that have no holder or whose lease has expired; return them, oldest first.

        These are jobs of this kind, or of those `among`, which are stores of the same database and workspace; with
        `key`, only that one. The lease of a job that was begun expires when its process dies, which counts as a
        failure, unless the process is `holder` itself. `count_failures` is False where the process may live and could
        not renew the lease.
        """
        by_kind = {store.kind: store for store in among or (self,)}
        of_one_workspace = [kind for kind, store in by_kind.items() if not store.is_shared]
        waiting = [kind for kind, store in by_kind.items() if store.waits]
        is_own = or_(jobs.c.kind.not_in(of_one_workspace), self._is_own(jobs.c.team))
        is_left = or_(jobs.c.holder.is_(None), has_ended(jobs.c.expires_at, self._now, holder.lease_seconds))
        died = and_(jobs.c.begun, jobs.c.holder != holder.name)
        change = (
            update(jobs)
            .where(jobs.c.kind.in_(by_kind), jobs.c.done.is_(False), is_own, is_left)
            .where(true() if key is None else jobs.c.key == key)
            .values(holder=holder.name, term=jobs.c.term + 1, expires_at=self._now + holder.lease_seconds)
            .values(failures=jobs.c.failures + case((died, int(count_failures)), else_=0))
            .values(begun=jobs.c.kind.not_in(waiting))
            .returning(jobs)
        )
        # One statement selects and changes the rows, so that only one process gets each.
        with self._writing() as connection:
            rows = connection.execute(change).all()
        return [
            Job(
                Lease(row.kind, row.key, holder, row.term),
                by_kind[row.kind]._found(row),
                row.created_at,
                row.failures,
            )
            for row in sorted(rows, key=lambda row: (row.created_at, row.key))
        ]

    def renew(self, leases: Iterable[Lease]) -> set[Lease]:
        """Renew leases; return those that are lost. The lease of a job that is done is not: its work may still end."""
        with self._writing() as connection:
            ended = {lease for lease in leases if not self._renew(connection, lease)}
            return {lease for lease in ended if not _is_done(connection, lease)}

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

    def change(self, lease: Lease, done: bool = False, /, **changes: Any) -> None:
        """Change fields of the work of a job, and if it is `done`, record that nothing is left to do.

        Raises LeaseLost.
        """
        columns = {"holder": None, "done": True} if done else {}
        with self._fenced(lease, **columns) as connection:
            # The row is this transaction's since the lease was renewed.
            own = is_job(lease.kind, lease.key)
            known = self._work(connection.scalar(select(jobs.c.payload).where(own)))
            work = replace(known, **changes)  # type: ignore[type-var]
            connection.execute(update(jobs).where(own).values(self._row(work)))

    def withdraw(self, lease: Lease) -> None:
        """Delete a job of which nothing was done, so that it can be claimed again. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            connection.execute(delete(jobs).where(is_job(lease.kind, lease.key)))

    def created_at(self, key: str) -> float | None:
        """Return when a job of this kind was claimed first, in seconds since 1970; None if there is none."""
        with self._reading() as connection:
            return connection.scalar(select(jobs.c.created_at).where(is_job(self.kind, key)))

    def forget(self, *, older_than: float) -> None:
        """Delete the jobs of all kinds that are done, and the events, from more than that many seconds ago."""
        old = jobs.c.created_at < self._now - older_than
        with self._writing() as connection:
            connection.execute(delete(jobs).where(jobs.c.done.is_(True), jobs.c.kind != ONCE, old))

    def stop_own(self, key: str, user: str) -> bool:
        """Record that a person stopped their job; False if there is none that is open."""
        return bool(self._stop(jobs.c.key == key, jobs.c.user == user))

    def stopped(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys whose jobs were stopped."""
        query = select(jobs.c.key).where(jobs.c.kind == self.kind, jobs.c.key.in_(list(keys)), jobs.c.stopped)
        with self._reading() as connection:
            return set(connection.scalars(query))

    def _stop(self, *conditions: ColumnElement[bool]) -> set[str]:
        """Record that the open jobs that meet conditions are stopped; return their keys."""
        is_open = (jobs.c.kind == self.kind) & jobs.c.done.is_(False)
        change = update(jobs).where(is_open, *conditions).values(stopped=True).returning(jobs.c.key)
        with self._writing() as connection:
            return set(connection.scalars(change))

    def _record_event(self, connection: Connection, event_id: str, kind: str = EVENT) -> bool:
        """Record that an event was seen; False if it was recorded before."""
        return self._insert(connection, kind, event_id, expires_at=self._now, done=True) is not None

    def _insert(self, connection: Connection, kind: str, key: str, **values: Any) -> float | None:
        """Insert a job and return when it was created; None if there is one of this kind and key."""
        row = {"kind": kind, "key": key, "term": 1, "begun": not self.waits, "failures": 0, "done": False}
        row |= {"payload": {}, "created_at": self._now, **values}
        inserted = insert_new(connection, jobs).values(row).returning(jobs.c.created_at)
        created_at: float | None = connection.scalar(inserted)
        return created_at

    def _row(self, work: Work) -> dict[str, Any]:
        """Return the payload of work, and the columns by which its job is found."""
        message = getattr(work, "message", work)
        place = {name: getattr(message, name, None) or "" for name in _PLACE}
        place |= {"expert": getattr(work, "expert", "")}
        reply_ts = getattr(work, "reply_ts", None)
        return {"payload": work, "reply_ts": reply_ts, **place}

    def _work(self, payload: Any) -> Work:
        """Return the work of a payload."""
        work: Work = as_record(self.work, payload)
        return work

    def _found(self, row: Any) -> Work:
        """Return the work of a row, with what people said of it since."""
        work = self._work(row.payload)
        return replace(work, stopped=True) if row.stopped else work  # type: ignore[type-var]

    def _find(self, *conditions: ColumnElement[bool], latest: int | None = None) -> list[Any]:
        """Return the rows of this kind that meet conditions, the latest first."""
        order = jobs.c.created_at.desc(), jobs.c.key
        query = select(jobs).where(jobs.c.kind == self.kind, *conditions).order_by(*order)
        with self._reading() as connection:
            return list(connection.execute(query.limit(latest)))

    def work_of(self, key: str) -> Work | None:
        """Return the work of a job of this kind; None if there is none."""
        found = self._find(jobs.c.key == key)
        return self._work(found[0].payload) if found else None

    @contextmanager
    def _fenced(self, lease: Lease, **changes: Any) -> Iterator[Connection]:
        """Begin a transaction that renews a lease and changes columns of its job. Raises LeaseLost."""
        with self._writing() as connection:
            if not self._renew(connection, lease, **changes):
                raise LeaseLost(f"the job, of the kind {lease.kind!r}, is another process's now")
            yield connection

    def _renew(self, connection: Connection, lease: Lease, **changes: Any) -> bool:
        """Renew a lease and change columns of its job; False if the lease is lost."""
        held = and_(
            is_job(lease.kind, lease.key),
            jobs.c.holder == lease.holder.name,
            jobs.c.term == lease.term,
            jobs.c.expires_at > self._now,
            jobs.c.done.is_(False),
        )
        values = {"expires_at": self._now + lease.holder.lease_seconds, **changes}
        return connection.execute(update(jobs).where(held).values(**values)).rowcount == 1


def is_job(kind: str, key: str) -> ColumnElement[bool]:
    """Return the condition that a row is the job of a kind and a key."""
    return (jobs.c.kind == kind) & (jobs.c.key == key)


def _is_done(connection: Connection, lease: Lease) -> bool:
    """Whether the job was done under this very lease."""
    own = is_job(lease.kind, lease.key) & (jobs.c.term == lease.term)
    return bool(connection.scalar(select(jobs.c.done).where(own)))
