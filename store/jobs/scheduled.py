"""What the bot sends by the clock: reminders, subscriptions with their digests, and the notices about them.

A notice is stored in the transaction that records why it is due, so that neither is without the other. Notices and
digests are jobs: each is posted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, Literal, TypeVar

from sqlalchemy import Connection, Delete, RowMapping, Table, Update, and_, delete, insert, select, update

from store.engines import insert_new, insert_or_replace
from store.jobs.leases import Holder, Job, JobStore, Lease
from store.jobs.schema import digests, jobs, notices, reminders, subscriptions

Often = Literal["daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for a channel or a direct message, by its id; `blocks` are those of Slack.

    `user` is the person whom it is for or whom it names, "" for none.
    """

    team: str
    channel: str
    text: str
    blocks: Sequence[dict[str, Any]]
    user: str


class NoticeStore(JobStore[Notice]):
    """The notices, shared by all processes that open the same URL; each is free to be adopted."""

    kind = "notice"
    details = notices

    def put(self, key: str, notice: Notice) -> None:
        """Send a notice, once for each key until it is forgotten."""
        with self._transaction() as connection:
            self._put(connection, key, notice)

    def _put(self, connection: Connection, key: str, notice: Notice) -> None:
        """Add a notice, once for each key."""
        # The first process that adopts it gets the term 1.
        if self._insert_job(connection, self.kind, key, expires_at=self._now, done=False, term=0) is None:
            return
        connection.execute(insert(notices).values(key=key, **asdict(notice)))

    def _work(self, row: RowMapping) -> Notice:
        return Notice(row["team"], row["channel"], row["text"], row["blocks"], row["user"])


Revised = TypeVar("Revised", "Reminder", "Subscription")


class _RevisedStore(NoticeStore, Generic[Revised]):
    """Rows that notices are about. Of several processes that read the same revision of a row, one changes it."""

    rows: ClassVar[Table]
    # The beginning of the keys of the notices.
    occasion: ClassVar[str]

    def settle(self, changes: Sequence[tuple[Revised, Revised | None]], notice: Notice | None) -> bool:
        """Replace each row by the second of its pair, or delete it if that is None, and send one notice, if any.

        Return False and do nothing if another process has changed or deleted one since it was read.
        """
        first, _ = changes[0]
        with self._transaction() as connection:
            for known, after in changes:
                if connection.execute(self._change(known, after)).rowcount != 1:
                    connection.rollback()
                    return False
            if notice is not None:
                self._put(connection, f"{self.occasion}/{first.id}/{first.revision}", notice)
        return True

    def _change(self, known: Revised, after: Revised | None) -> Update | Delete:
        same = (self.rows.c.id == known.id) & (self.rows.c.revision == known.revision)
        if after is None:
            return delete(self.rows).where(same)
        return update(self.rows).where(same).values(**asdict(after) | {"revision": known.revision + 1})


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder in the direct message `channel`, `days` before `day`; None while the event has no day.

    `chain` is the event's `chain_id` in the register. `dates` are its dates as the user knows them,
    as `KnownDates` has them.
    """

    id: str
    team: str
    user: str
    channel: str
    chain: str
    days: int
    title: str
    day: date | None
    dates: str
    revision: int = 0


class ReminderStore(_RevisedStore[Reminder]):
    """The reminders, and the notices about them; shared by all processes that open the same URL.

    All methods block, and raise StoreError.
    """

    rows = reminders
    occasion = "reminder"

    def add(self, reminder: Reminder) -> Reminder:
        """Add a reminder and return it, or the one that its user already has for the same event and days."""
        columns = reminders.c
        same = and_(
            columns.team == reminder.team,
            columns.user == reminder.user,
            columns.chain == reminder.chain,
            columns.days == reminder.days,
        )
        while True:
            with self._transaction() as connection:
                connection.execute(insert_new(connection, reminders).values(**asdict(reminder)))
                row = connection.execute(select(reminders).where(same)).mappings().one_or_none()
            # On a server, the existing one may have been deleted in between.
            if row is not None:
                return Reminder(**row)

    def cancel(self, id: str, user: str) -> Reminder | None:
        """Delete a user's reminder, and return it; None if there is none."""
        mine = (reminders.c.id == id) & (reminders.c.user == user)
        with self._transaction() as connection:
            deleted = connection.execute(delete(reminders).where(mine).returning(reminders))
            row = deleted.mappings().one_or_none()
        return None if row is None else Reminder(**row)

    def of_user(self, team: str, user: str) -> list[Reminder]:
        """Return a user's reminders, by day; those without a day come last."""
        mine = (reminders.c.team == team) & (reminders.c.user == user)
        return self._read(select(reminders).where(mine))

    def all(self) -> list[Reminder]:
        """Return all reminders, by day."""
        return self._read(select(reminders).where(self._is_own(reminders)))

    def _read(self, query: Any) -> list[Reminder]:
        with self._transaction() as connection:
            found = [Reminder(**row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda reminder: (reminder.day or date.max, reminder.title, reminder.days))


@dataclass(frozen=True, slots=True)
class KnownDates:
    """What readers know of an event: its title, its dates (`bot.register.wording.stored_dating`) and its last day.

    `last_day` is in ISO 8601, and None if it is not known, as for a postponed event.
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


class SubscriptionStore(_RevisedStore[Subscription]):
    """The subscriptions, and the notices about them; shared by all processes that open the same URL.

    All methods block, and raise StoreError.
    """

    rows = subscriptions
    occasion = "alert"

    def add(self, subscription: Subscription, notice: Notice | None) -> None:
        """Add a subscription, or replace the one of the same channel and topic, and send a notice about it."""
        with self._transaction() as connection:
            row = insert_or_replace(connection, subscriptions, ["team", "channel", "topic"])
            connection.execute(row.values(**asdict(subscription)))
            if notice is not None:
                self._put(connection, f"subscription/{subscription.id}/begun", notice)

    def end(self, subscription: Subscription, notice: Notice | None) -> bool:
        """Delete a subscription, and send a notice about it; False if it was deleted before."""
        with self._transaction() as connection:
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
        found = self._read(select(subscriptions).where(mine))
        return [subscription for subscription in found if subscription.personal]

    def all(self) -> list[Subscription]:
        """Return all subscriptions."""
        return self._read(select(subscriptions).where(self._is_own(subscriptions)))

    def find(self, id: str) -> Subscription | None:
        """Return the subscription of an id, None if there is none."""
        return next(iter(self._read(select(subscriptions).where(subscriptions.c.id == id))), None)

    def _read(self, query: Any) -> list[Subscription]:
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(subscriptions.c.topic)).mappings().all()
        return [
            Subscription(
                **{**row, "knew": {chain: KnownDates(**dates) for chain, dates in row["knew"].items()}}
            )
            for row in rows
        ]


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
        """Whether the digest of a day is known to be posted."""
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
        with self._transaction() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _work(self, row: RowMapping) -> DailyDigest:
        return DailyDigest(row["channel"], date.fromisoformat(row["day"]))
