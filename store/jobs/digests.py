"""The daily digests as jobs: one for a channel and a day. The lease is the right to post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.schema import digests, jobs


@dataclass(frozen=True, slots=True)
class DigestRun:
    """The digest of a day in a channel."""

    channel: str
    day: date

    @property
    def key(self) -> str:
        return f"{self.channel}/{self.day.isoformat()}"


class DigestRuns(JobStore[DigestRun]):
    """The digests, shared by all processes that are given the same URL."""

    kind = "digest"
    details = digests

    def claim(self, channel: str, day: date, holder: Holder) -> Job[DigestRun] | None:
        """Take the digest of a day for `holder`; None if anybody has taken it before."""
        run = DigestRun(channel, day)
        return self._claim(run.key, run, holder, channel=channel, day=day.isoformat())

    def finish(self, lease: Lease, *, ts: str, knew: str | None = None) -> None:
        """Write down that the digest is in the channel, as message `ts`, and what it knew. Raises LeaseLost."""
        with self._fenced(lease, holder=None, done=True) as connection:
            connection.execute(update(digests).where(digests.c.key == lease.key).values(ts=ts, knew=knew))

    def withdraw(self, lease: Lease) -> None:
        """Undo a claim of which it is certain that nothing was posted. Raises LeaseLost."""
        with self._fenced(lease) as connection:
            connection.execute(delete(digests).where(digests.c.key == lease.key))
            connection.execute(delete(jobs).where(jobs.c.kind == lease.kind, jobs.c.key == lease.key))

    def is_posted(self, channel: str, day: date) -> bool:
        """Whether it is known that the digest of a day is in the channel."""
        query = select(jobs.c.done).where(jobs.c.kind == self.kind, jobs.c.key == DigestRun(channel, day).key)
        return bool(self._scalar(query))

    def last_day(self, channel: str) -> date | None:
        """Return the latest day whose digest was posted or claimed."""
        day = digests.c.day
        found = self._scalar(select(day).where(digests.c.channel == channel).order_by(day.desc()).limit(1))
        return date.fromisoformat(found) if found else None

    def knew(self, channel: str, before: date) -> str | None:
        """Return what the last posted digest before a day knew."""
        column = digests.c
        query = select(column.knew).where(column.channel == channel, column.day < before.isoformat())
        latest = query.where(column.knew.is_not(None)).order_by(column.day.desc()).limit(1)
        found: str | None = self._scalar(latest)
        return found

    def _scalar(self, query: Any) -> Any:
        with self._begin() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _work(self, row: RowMapping) -> DigestRun:
        return DigestRun(row["channel"], date.fromisoformat(row["day"]))
