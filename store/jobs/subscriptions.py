"""Subscriptions of channels and people: what they want to read, how often, and which dates they know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy import Update, delete, select, update

from store.engines import insert_or_replace
from store.jobs.notices import Notice, NoticeStore
from store.jobs.schema import subscriptions

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
