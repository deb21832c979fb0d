"""Digests as jobs, one for each subscription and day. The lease is the right to post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, select

from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.schema import digests, jobs


@dataclass(frozen=True, slots=True)
class DailyDigest:
    """The digest of one day for one subscription, by its id."""

    subscription: str
    day: date

    @property
    def key(self) -> str:
        """Key of the job."""
        return f"{self.subscription}/{self.day.isoformat()}"


class DigestStore(JobStore[DailyDigest]):
    """The jobs that post digests, shared by all processes that open the same URL."""

    kind = "digest"
    details = digests

    def claim(self, subscription: str, day: date, holder: Holder) -> Job[DailyDigest] | None:
        """Claim the digest of a day for `holder`; None if it was claimed before."""
        run = DailyDigest(subscription, day)
        return self._claim(run.key, run, holder, channel=subscription, day=day.isoformat(), team=self._team)

    def finish(self, lease: Lease, *, ts: str | None, state: str | None = None) -> None:
        """Record that the digest was posted as message `ts`, with the JSON of its state. Raises LeaseLost.

        `ts` is None where nothing was worth a message.
        """
        self._update(lease, {"ts": ts, "knew": state}, holder=None, done=True)

    def is_posted(self, subscription: str, day: date) -> bool:
        """Return whether the digest of a day is known to be posted."""
        query = select(jobs.c.done).where(
            jobs.c.kind == self.kind, jobs.c.key == DailyDigest(subscription, day).key
        )
        return bool(self._scalar(query))

    def last_day(self, subscription: str) -> date | None:
        """Return the latest day whose digest was posted or claimed; None if there is none."""
        day = digests.c.day
        found = self._scalar(
            select(day).where(digests.c.channel == subscription).order_by(day.desc()).limit(1)
        )
        return date.fromisoformat(found) if found else None

    def last_state(self, subscription: str, before: date) -> str | None:
        """Return the state, as JSON, of the last digest posted before a day."""
        column = digests.c
        query = select(column.knew).where(column.channel == subscription, column.day < before.isoformat())
        latest = query.where(column.knew.is_not(None)).order_by(column.day.desc()).limit(1)
        found: str | None = self._scalar(latest)
        return found

    def _scalar(self, query: Any) -> Any:
        with self._begin() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _work(self, row: RowMapping) -> DailyDigest:
        return DailyDigest(row["channel"], date.fromisoformat(row["day"]))
