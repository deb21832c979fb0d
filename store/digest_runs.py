"""Which digests were posted: one row for a channel and a day, shared by all processes.

    (no row) ──claim──► claimed ──finish──► posted
                           │
                           └── owner silent: only a look into Slack can tell; then finish, or take over

The row is the right to post. A table beside those of `store.state`, in the same database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Float, MetaData, String, Table, Text, select, update

from store.engines import storage_errors
from store.state_database import NAME, StateTables

metadata = MetaData()

_runs = Table(
    "digest_runs",
    metadata,
    Column("channel", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("owner", String, nullable=False),
    # Seconds since 1970.
    Column("claimed_at", Float, nullable=False),
    Column("ts", String),
    # What the digest knew, as JSON, for the next one to be compared with.
    Column("knew", Text),
)


@dataclass(frozen=True, slots=True)
class DigestRun:
    """A claim that was not finished: somebody may have posted, or may not."""

    channel: str
    day: date
    owner: str
    claimed_at: float


class DigestRuns(StateTables):
    """The table of digests. Every method is one short transaction; all block, and raise StoreError."""

    tables = metadata

    def claim(self, channel: str, day: date, owner: str) -> bool:
        """Take the digest of a day for `owner`; False if anybody has taken it before."""
        row = _runs.insert().values(
            channel=channel, day=day.isoformat(), state="claimed", owner=owner, claimed_at=self._clock()
        )
        return self._inserted(row)

    def take_over(self, run: DigestRun, owner: str) -> bool:
        """Take an unfinished claim for `owner`; False if it is no longer as it was seen."""
        change = (
            update(_runs)
            .where(_runs.c.channel == run.channel, _runs.c.day == run.day.isoformat())
            .where(_runs.c.state == "claimed", _runs.c.owner == run.owner)
            .where(_runs.c.claimed_at == run.claimed_at)
            .values(owner=owner, claimed_at=self._clock())
        )
        return self._changed(change) == 1

    def holds(self, channel: str, day: date, owner: str, *, within: float) -> bool:
        """Say whether `owner` still has the claim, and took it less than `within` seconds ago."""
        query = select(_runs.c.claimed_at).where(
            _runs.c.channel == channel,
            _runs.c.day == day.isoformat(),
            _runs.c.owner == owner,
            _runs.c.state == "claimed",
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            claimed_at = connection.execute(query).scalar_one_or_none()
        return claimed_at is not None and self._clock() - claimed_at < within

    def finish(self, channel: str, day: date, *, ts: str, knew: str | None = None) -> None:
        """Write down that the digest is in the channel, as message `ts`, and what it knew."""
        values: dict[str, str] = {"state": "posted", "ts": ts}
        if knew is not None:
            values["knew"] = knew
        self._changed(
            update(_runs).where(_runs.c.channel == channel, _runs.c.day == day.isoformat()).values(**values)
        )

    def give_up(self, channel: str, day: date, owner: str) -> None:
        """Let go of a claim of which it is certain that nothing was posted."""
        change = _runs.delete().where(
            _runs.c.channel == channel,
            _runs.c.day == day.isoformat(),
            _runs.c.owner == owner,
            _runs.c.state == "claimed",
        )
        self._changed(change)

    def unfinished(self, channel: str, *, silent_for: float) -> list[DigestRun]:
        """Return the claims, oldest first, that were taken that many seconds ago and not finished."""
        query = (
            select(_runs)
            .where(_runs.c.channel == channel, _runs.c.state == "claimed")
            .where(_runs.c.claimed_at <= self._clock() - silent_for)
            .order_by(_runs.c.day)
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            rows = connection.execute(query).all()
        return [
            DigestRun(row.channel, date.fromisoformat(row.day), row.owner, row.claimed_at) for row in rows
        ]

    def last_day(self, channel: str) -> date | None:
        """Return the latest day whose digest was posted or claimed."""
        query = select(_runs.c.day).where(_runs.c.channel == channel).order_by(_runs.c.day.desc()).limit(1)
        with storage_errors(NAME), self._engine.begin() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return date.fromisoformat(found) if found else None

    def knew(self, channel: str, before: date) -> str | None:
        """Return what the last posted digest before a day knew."""
        query = (
            select(_runs.c.knew)
            .where(_runs.c.channel == channel, _runs.c.day < before.isoformat(), _runs.c.knew.is_not(None))
            .order_by(_runs.c.day.desc())
            .limit(1)
        )
        with storage_errors(NAME), self._engine.begin() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
        return found
