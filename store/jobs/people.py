"""What the bot keeps of people, workspaces and calendars, in tables of their own: rows, and no jobs.

A notice about a row is stored in the transaction that records why it is due, so that neither is without the other.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, Literal, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Row,
    Table,
    Update,
    and_,
    delete,
    select,
    true,
    update,
)

from store.audiences import Audience, team_of
from store.engines import insert_new, insert_or_replace
from store.jobs.forgetting import forget_workspace
from store.jobs.kinds import Notice, NoticeStore
from store.jobs.leases import Store, has_ended
from store.records import EVERYBODY
from store.schema import access_keys, calendar_events, installations, languages, reminders, subscriptions

Often = Literal["daily", "weekly"]

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
        with self._writing() as connection:
            for known, after in changes:
                if connection.execute(self._settled(known, after)).rowcount != 1:
                    connection.rollback()
                    return False
            if notice is not None:
                self._put(connection, f"{self.occasion}/{first.id}/{first.revision}", notice)
        return True

    def _settled(self, known: Revised, after: Revised | None) -> Update | Delete:
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
            with self._writing() as connection:
                connection.execute(insert_new(connection, reminders).values(**asdict(reminder)))
                row = connection.execute(select(reminders).where(same)).mappings().one_or_none()
            # On a server, the existing one may have been deleted in between.
            if row is not None:
                return Reminder(**row)

    def cancel(self, id: str, user: str) -> Reminder | None:
        """Delete a user's reminder, and return it; None if there is none."""
        mine = (reminders.c.id == id) & (reminders.c.user == user)
        with self._writing() as connection:
            deleted = connection.execute(delete(reminders).where(mine).returning(reminders))
            row = deleted.mappings().one_or_none()
        return None if row is None else Reminder(**row)

    def of_user(self, team: str, user: str) -> list[Reminder]:
        """Return a user's reminders, by day; those without a day come last."""
        return self._read(reminders.c.team == team, reminders.c.user == user)

    def all(self) -> list[Reminder]:
        """Return all reminders, by day."""
        return self._read(self._is_own(reminders.c.team))

    def _read(self, *conditions: ColumnElement[bool]) -> list[Reminder]:
        found = self._rows(reminders, Reminder, *conditions)
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
        with self._writing() as connection:
            row = insert_or_replace(connection, subscriptions, ["team", "channel", "topic"])
            connection.execute(row.values(**asdict(subscription)))
            if notice is not None:
                self._put(connection, f"subscription/{subscription.id}/begun", notice)

    def end(self, subscription: Subscription, notice: Notice | None) -> bool:
        """Delete a subscription, and send a notice about it; False if it was deleted before."""
        with self._writing() as connection:
            query = delete(subscriptions).where(subscriptions.c.id == subscription.id)
            ended = connection.execute(query).rowcount == 1
            if ended and notice is not None:
                self._put(connection, f"subscription/{subscription.id}/ended", notice)
        return ended

    def of_channel(self, team: str, channel: str) -> list[Subscription]:
        """Return the subscriptions of a channel or a direct message, by topic."""
        return self._read(subscriptions.c.team == team, subscriptions.c.channel == channel)

    def of_person(self, team: str, user: str) -> list[Subscription]:
        """Return a person's own subscriptions, by topic."""
        found = self._read(subscriptions.c.team == team, subscriptions.c.user == user)
        return [subscription for subscription in found if subscription.personal]

    def all(self) -> list[Subscription]:
        """Return all subscriptions."""
        return self._read(self._is_own(subscriptions.c.team))

    def find(self, id: str) -> Subscription | None:
        """Return the subscription of an id, None if there is none."""
        return next(iter(self._read(subscriptions.c.id == id)), None)

    def _read(self, *conditions: ColumnElement[bool]) -> list[Subscription]:
        return self._rows(subscriptions, Subscription, *conditions, order=(subscriptions.c.topic,))


Purpose = Literal["calendar", "assistant"]
# A key is 256 random bits. Its SHA-256 is stored, from which nobody can make the key; a slow hash would add nothing.
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What is known of a key. `name` is that of a token, or the topic of a calendar, "" for all dates.

    `team` and `user` are the person who asked for it in Slack, "" where somebody did at a terminal.
    """

    id: str
    purpose: Purpose
    name: str
    audience: Audience
    team: str
    user: str
    # The code of the language of what the key gives.
    language: str
    # Seconds since 1970.
    made_at: float
    # While the person may not use the bot, the key gives nothing.
    refused: bool


class AccessKeyStore(Store):
    """The keys, shared by all processes that open the same database. All methods raise StoreError."""

    def make(
        self,
        purpose: Purpose,
        name: str,
        *,
        audience: Audience = EVERYBODY,
        team: str = "",
        user: str = "",
        language: str = "",
    ) -> tuple[AccessKey, str] | None:
        """Return a new key and its text, which nobody can read again; None if there is one of this name.

        A person, or a terminal, has one key of a purpose, a name and an audience.
        """
        key = secrets.token_urlsafe(_KEY_BYTES)
        made = AccessKey(secrets.token_hex(4), purpose, name, audience, team, user, language, 0.0, False)
        values = asdict(made) | {"hash": _hashed(key), "made_at": self._now}
        with self._writing() as connection:
            connection.execute(insert_new(connection, access_keys).values(values))
        found = self.find(purpose, key)
        return (found, key) if found is not None else None

    def replace(self, made: AccessKey) -> str | None:
        """Return a new text for a key, whose former one gives nothing any more; None if it has been revoked."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        changed = update(access_keys).where(access_keys.c.id == made.id).values(hash=_hashed(key))
        return key if self._run(changed) else None

    def find(self, purpose: Purpose, key: str) -> AccessKey | None:
        """Return the key of a text; None for one that is refused, was revoked or never made."""
        column = access_keys.c
        is_it = column.hash == _hashed(key), column.purpose == purpose, ~column.refused
        return next(iter(self._read(*is_it)), None)

    def all(self, purpose: Purpose) -> list[AccessKey]:
        """Return the keys of a purpose, the oldest first."""
        return self._read(access_keys.c.purpose == purpose)

    def of_person(self, purpose: Purpose, team: str, user: str) -> list[AccessKey]:
        """Return a person's keys of a purpose, the oldest first."""
        column = access_keys.c
        return self._read(column.purpose == purpose, column.team == team, column.user == user)

    def revoke(self, key: AccessKey) -> bool:
        """Delete a key, at once and for every process; return False if it is deleted already."""
        return bool(self._run(delete(access_keys).where(access_keys.c.id == key.id)))

    def refuse(self, key: AccessKey, refused: bool) -> None:
        """Record whether a key is refused, at once and for every process."""
        self._run(update(access_keys).where(access_keys.c.id == key.id).values(refused=refused))

    def _read(self, *conditions: ColumnElement[bool]) -> list[AccessKey]:
        return self._rows(access_keys, AccessKey, *conditions, order=(access_keys.c.made_at,))


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation in the workspace `team`, or in all workspaces of the organization of that id.

    `expires_at`: seconds since 1970; None for a token that does not expire, which has no `refresh_token`.
    """

    team: str
    name: str
    # Kept out of logs: whoever has one is the bot.
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float | None = None


class InstallationStore(Store):
    """The installations, shared by all processes that open the same database. All methods raise StoreError."""

    def save(self, installation: Installation) -> None:
        """Add an installation, or replace that of the same workspace."""
        with self._writing() as connection:
            row = insert_or_replace(connection, installations, ["team"])
            connection.execute(row.values(**asdict(installation), renewed_until=0.0))

    def all(self) -> list[Installation]:
        """Return all installations, by the ids of their workspaces."""
        return self._read(true())

    def find(self, team: str) -> Installation | None:
        """Return the installation of a workspace; None if there is none."""
        return next(iter(self._read(installations.c.team == team)), None)

    def begin_renewal(self, installation: Installation, seconds: float) -> bool:
        """Claim the right to renew a token for so many seconds; False if another process has it, or has renewed it.

        A refresh token is valid once, so two processes must not use the same one.
        """
        column = installations.c
        present = (column.team == installation.team) & (column.token == installation.token)
        claim = update(installations).where(present, has_ended(column.renewed_until, self._now, seconds))
        return self._run(claim.values(renewed_until=self._now + seconds)) == 1

    def renew(self, former: Installation, present: Installation) -> None:
        """Replace the token of an installation, unless the workspace has removed it or installed the app again."""
        column = installations.c
        known = (column.team == former.team) & (column.token == former.token)
        self._run(update(installations).where(known).values(**asdict(present), renewed_until=0.0))

    def remove(self, team: str) -> None:
        """Delete the token of a workspace; what it asked and subscribed to stays for the next installation."""
        self._run(delete(installations).where(installations.c.team == team))

    def forget(self, team: str, *, unless_installed: bool = False) -> None:
        """Delete the token of a workspace and everything that its people asked, sent and subscribed to.

        `unless_installed`: nothing is deleted if the app has been installed again.
        """
        forget_workspace(self._engine, team, unless_installed=unless_installed)

    def _read(self, condition: ColumnElement[bool]) -> list[Installation]:
        return self._rows(installations, Installation, condition, order=(installations.c.team,))


class LanguageStore(Store):
    """The choices, shared by all processes that open the same database. All methods raise StoreError."""

    def of_team(self, team: str) -> dict[str, str]:
        """Return the id of each person of a workspace who has chosen -> the code of the language."""
        column = languages.c
        with self._reading() as connection:
            rows = connection.execute(select(column.user, column.language).where(column.team == team))
            return {row.user: row.language for row in rows}

    def choose(self, team: str, user: str, language: str) -> None:
        """Store the code of the language of a person; "" takes the choice back."""
        column = languages.c
        with self._writing() as connection:
            if language:
                row = insert_or_replace(connection, languages, ["team", "user"])
                connection.execute(row.values(team=team, user=user, language=language))
            else:
                connection.execute(delete(languages).where(column.team == team, column.user == user))


@dataclass(frozen=True, slots=True)
class Revision:
    """The last change of an event: `sequence` is greater after each; `changed_at` is in seconds since 1970."""

    sequence: int
    changed_at: float


class CalendarEventStore(Store):
    """The events that calendars have shown, shared by all processes that open the same database."""

    def revisions(
        self, audience: Audience, facts: Mapping[str, str], generation: int
    ) -> Mapping[str, Revision]:
        """Return the last change of each event; `facts` is UID -> a checksum of what the documents say now.

        An event that is new or has changed gets the `generation` of the store as its sequence, or the next number after
        its last one. Raises StoreError.
        """
        with self._reading() as connection:
            known = self._read(connection, audience)
        if all(uid in known and known[uid].facts == stated for uid, stated in facts.items()):
            return _revisions(known)
        with self._writing() as connection:
            # Another process may have stored the same change meanwhile.
            known = self._read(connection, audience)
            changed = [
                {
                    "audience": audience,
                    "uid": uid,
                    "team": team_of(audience),
                    "facts": stated,
                    "sequence": max(generation, known[uid].sequence + 1) if uid in known else generation,
                }
                for uid, stated in facts.items()
                if uid not in known or known[uid].facts != stated
            ]
            at = connection.scalar(select(self._now))
            row = insert_or_replace(connection, calendar_events, ["audience", "uid"])
            if changed:
                connection.execute(row, [values | {"changed_at": at} for values in changed])
            return _revisions(self._read(connection, audience))

    def _read(self, connection: Connection, audience: Audience) -> dict[str, Row[Any, Any, Any, Any]]:
        column = calendar_events.c
        columns = (column.uid, column.facts, column.sequence, column.changed_at)
        rows = connection.execute(select(*columns).where(column.audience == audience))
        return {row.uid: row for row in rows}


def _revisions(known: Mapping[str, Row[Any, Any, Any, Any]]) -> Mapping[str, Revision]:
    return {uid: Revision(row.sequence, row.changed_at) for uid, row in known.items()}
