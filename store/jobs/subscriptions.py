"""Subscriptions: what channels and people want to read, how often, which dates they know; and their digests as jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import RowMapping, Update, delete, select, update

from store.engines import insert_or_replace
from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.notices import Notice, NoticeStore
from store.jobs.schema import digests, jobs, subscriptions

Often = Literal["daily", "weekly"]


@dataclass(frozen=True, slots=True)
class KnownDates:
    """What readers know of an event: its title, its dates in words, and its last day in ISO 8601.

    `last_day` is None if it is not known, as for a postponed event.
    """

    title: str
    dates: str
    last_day: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a channel, or a person in their direct message, reads; `user` is who subscribed.

    `topic`: words of a topic, or the name of a document; "" for everything. `zone`: a time zone, "" for that of the
    person or of the settings. `made_at`: seconds since 1970. `seen`: the generation of the store whose dates are in
    `knew`, by chain.
    """

    id: str
    team: str
    channel: str
    user: str
    often: Often
    topic: str
    zone: str
    made_at: float
    seen: int
    knew: Mapping[str, KnownDates] = field(repr=False)
    revision: int = 0

    @property
    def personal(self) -> bool:
        """Whether it is a person's, in a direct message."""
        return self.channel.startswith("D")


class SubscriptionStore(NoticeStore):
    """The subscriptions, and the notices about them; shared by all processes that open the same URL.

    All methods block, and raise StoreError.
    """

    def add(self, subscription: Subscription, notice: Notice | None) -> None:
        """Add a subscription, or replace the one of the same channel and topic, and send a notice about it."""
        with self._begin() as connection:
            row = insert_or_replace(connection, subscriptions, ["team", "channel", "topic"])
            connection.execute(row.values(**asdict(subscription)))
            if notice is not None:
                self._put(connection, f"subscription/{subscription.id}/begun", notice)

    def end(self, subscription: Subscription, notice: Notice | None) -> bool:
        """Delete a subscription, and send a notice about it; False if it was deleted before."""
        with self._begin() as connection:
            query = delete(subscriptions).where(subscriptions.c.id == subscription.id)
            ended = connection.execute(query).rowcount == 1
            if ended and notice is not None:
                self._put(connection, f"subscription/{subscription.id}/ended", notice)
        return ended

    def of_channel(self, team: str, channel: str) -> list[Subscription]:
        """Return the subscriptions of a channel or a direct message, by topic."""
        here = (subscriptions.c.team == team) & (subscriptions.c.channel == channel)
        return self._read(select(subscriptions).where(here))

    def of_person(self, team: str, user: str) -> list[Subscription]:
        """Return a person's own subscriptions, by topic."""
        mine = (subscriptions.c.team == team) & (subscriptions.c.user == user)
        return [one for one in self._read(select(subscriptions).where(mine)) if one.personal]

    def all(self) -> list[Subscription]:
        """Return all subscriptions."""
        return self._read(select(subscriptions).where(self._is_own(subscriptions)))

    def find(self, id: str) -> Subscription | None:
        """Return the subscription of an id, None if there is none."""
        return next(iter(self._read(select(subscriptions).where(subscriptions.c.id == id))), None)

    def know(self, changes: Sequence[tuple[Subscription, Subscription]], alert: Notice | None) -> bool:
        """Record what subscriptions know now, the second of each pair, and send one alert about what changed, if any.

        Return False and do nothing if another process has changed or ended one since they were read.
        """
        first, _ = changes[0]
        key = f"alert/{first.id}/{first.revision}"
        return self._settle((_change(known, after) for known, after in changes), key, alert)

    def _read(self, query: Any) -> list[Subscription]:
        with self._begin() as connection:
            rows = connection.execute(query.order_by(subscriptions.c.topic)).mappings()
            return [Subscription(**{**row, "knew": _knew(row["knew"])}) for row in rows]


def _change(known: Subscription, after: Subscription) -> Update:
    same = (subscriptions.c.id == known.id) & (subscriptions.c.revision == known.revision)
    return update(subscriptions).where(same).values(**asdict(after) | {"revision": known.revision + 1})


def _knew(stored: Mapping[str, Any]) -> dict[str, KnownDates]:
    return {chain: KnownDates(**known) for chain, known in stored.items()}


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
