"""What the bot keeps of people, workspaces and calendars, in tables of their own: rows, and no jobs.

All processes that open the same URL share them. All methods block, and raise StoreError. A notice about a row is stored
in the transaction that records why it is due, so that neither is without the other.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, select, update

from store.audiences import Audience, team_of
from store.engines import insert_new, insert_or_replace
from store.jobs.forgetting import forget_workspace
from store.jobs.kinds import Notice, NoticeStore
from store.jobs.leases import Rows, Store, has_ended
from store.kept import AccessKey, Installation, Purpose, Reminder, Subscription
from store.records import EVERYBODY
from store.schema import (
    access_keys,
    as_row,
    calendar_events,
    installations,
    languages,
    reminders,
    subscriptions,
)

Revised = TypeVar("Revised", Reminder, Subscription)


class _RevisedRows(Rows[Revised]):
    """Rows that notices are about. Of several processes that read the same revision of a row, one changes it."""

    def settle(self, changes: Sequence[tuple[Revised, Revised | None]], notice: Notice | None) -> bool:
        """Replace each row by the second of its pair, or delete it if that is None, and send one notice, if any.

        Return False and do nothing if another process has changed or deleted one since it was read.
        """
        first, _ = changes[0]
        with self._writing() as connection:
            for known, after in changes:
                same = self._is(id=known.id, revision=known.revision)
                change = (
                    delete(self.table).where(same)
                    if after is None
                    else update(self.table)
                    .where(same)
                    .values(as_row(self.table, after, revision=known.revision + 1))
                )
                if connection.execute(change).rowcount != 1:
                    connection.rollback()
                    return False
            occasion = "reminder" if self.table is reminders else "alert"
            self._send(connection, f"{occasion}/{first.id}/{first.revision}", notice)
        return True

    def all(self) -> list[Revised]:
        """Return all rows of the workspace, in their order."""
        return self._read(self._is_own(self.table.c.team))

    def _send(self, connection: Connection, key: str, notice: Notice | None) -> None:
        if notice is not None:
            NoticeStore.beside(self)._put(connection, key, notice)


class ReminderStore(_RevisedRows[Reminder]):
    """The reminders, and the notices about them."""

    table, record = reminders, Reminder

    def add(self, reminder: Reminder) -> Reminder:
        """Add a reminder and return it, or the one that its user already has for the same event and days."""
        same = {name: getattr(reminder, name) for name in ("team", "user", "chain", "days")}
        while True:
            with self._writing() as connection:
                connection.execute(insert_new(connection, reminders).values(as_row(reminders, reminder)))
            # On a server, the existing one may have been deleted in between.
            if found := self._first(**same):
                return found

    def cancel(self, id: str, user: str) -> Reminder | None:
        """Delete a user's reminder, and return it; None if there is none."""
        found = self._first(id=id, user=user)
        return found if found is not None and self._delete(id=id, user=user) else None

    def of_user(self, team: str, user: str) -> list[Reminder]:
        """Return a user's reminders, by day; those without a day come last."""
        return self._read(team=team, user=user)

    def _read(self, *conditions: Any, **same: Any) -> list[Reminder]:
        found = super()._read(*conditions, **same)
        return sorted(found, key=lambda reminder: (reminder.day or date.max, reminder.title, reminder.days))


class SubscriptionStore(_RevisedRows[Subscription]):
    """The subscriptions, by topic, and the notices about them."""

    table, record, order = subscriptions, Subscription, "topic"

    def add(self, subscription: Subscription, notice: Notice | None) -> None:
        """Add a subscription, or replace the one of the same channel and topic, and send a notice about it."""
        with self._writing() as connection:
            row = insert_or_replace(connection, subscriptions, ["team", "channel", "topic"])
            connection.execute(row.values(as_row(subscriptions, subscription)))
            self._send(connection, f"subscription/{subscription.id}/begun", notice)

    def end(self, subscription: Subscription, notice: Notice | None) -> bool:
        """Delete a subscription, and send a notice about it; False if it was deleted before."""
        with self._writing() as connection:
            ended = (
                connection.execute(delete(subscriptions).where(self._is(id=subscription.id))).rowcount == 1
            )
            self._send(connection, f"subscription/{subscription.id}/ended", notice if ended else None)
        return ended

    def of_channel(self, team: str, channel: str) -> list[Subscription]:
        """Return the subscriptions of a channel or a direct message."""
        return self._read(team=team, channel=channel)

    def of_person(self, team: str, user: str) -> list[Subscription]:
        """Return a person's own subscriptions."""
        return [subscription for subscription in self._read(team=team, user=user) if subscription.personal]

    def find(self, id: str) -> Subscription | None:
        """Return the subscription of an id, None if there is none."""
        return self._first(id=id)


# A key is 256 random bits. Its SHA-256 is stored, from which nobody can make the key; a slow hash would add nothing.
_KEY_BYTES = 32


class AccessKeyStore(Rows[AccessKey]):
    """The keys, the oldest first."""

    table, record, order = access_keys, AccessKey, "made_at"

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
        with self._writing() as connection:
            row = insert_new(connection, access_keys)
            connection.execute(row.values(as_row(access_keys, made, hash=_hashed(key), made_at=self._now)))
        found = self.find(purpose, key)
        return (found, key) if found is not None else None

    def replace(self, made: AccessKey) -> str | None:
        """Return a new text for a key, whose former one gives nothing any more; None if it has been revoked."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        return key if self._update({"hash": _hashed(key)}, id=made.id) else None

    def find(self, purpose: Purpose, key: str) -> AccessKey | None:
        """Return the key of a text; None for one that is refused, was revoked or never made."""
        return self._first(hash=_hashed(key), purpose=purpose, refused=False)

    def all(self, purpose: Purpose) -> list[AccessKey]:
        """Return the keys of a purpose."""
        return self._read(purpose=purpose)

    def of_person(self, purpose: Purpose, team: str, user: str) -> list[AccessKey]:
        """Return a person's keys of a purpose."""
        return self._read(purpose=purpose, team=team, user=user)

    def revoke(self, key: AccessKey) -> bool:
        """Delete a key, at once and for every process; return False if it is deleted already."""
        return self._delete(id=key.id)

    def refuse(self, key: AccessKey, refused: bool) -> None:
        """Record whether a key is refused, at once and for every process."""
        self._update({"refused": refused}, id=key.id)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class InstallationStore(Rows[Installation]):
    """The installations, by the ids of their workspaces."""

    table, record, order = installations, Installation, "team"

    def save(self, installation: Installation) -> None:
        """Add an installation, or replace that of the same workspace."""
        with self._writing() as connection:
            row = insert_or_replace(connection, installations, ["team"])
            connection.execute(row.values(as_row(installations, installation, renewed_until=0.0)))

    def all(self) -> list[Installation]:
        """Return all installations."""
        return self._read()

    def find(self, team: str) -> Installation | None:
        """Return the installation of a workspace; None if there is none."""
        return self._first(team=team)

    def begin_renewal(self, installation: Installation, seconds: float) -> bool:
        """Claim the right to renew a token for so many seconds; False if another process has it, or has renewed it.

        A refresh token is valid once, so two processes must not use the same one.
        """
        is_free = has_ended(installations.c.renewed_until, self._now, seconds)
        present = {"team": installation.team, "token": installation.token}
        return self._update({"renewed_until": self._now + seconds}, is_free, **present)

    def renew(self, former: Installation, present: Installation) -> None:
        """Replace the token of an installation, unless the workspace has removed it or installed the app again."""
        self._update(as_row(installations, present, renewed_until=0.0), team=former.team, token=former.token)

    def remove(self, team: str) -> None:
        """Delete the token of a workspace; what it asked and subscribed to stays for the next installation."""
        self._delete(team=team)

    def forget(self, team: str, *, unless_installed: bool = False) -> None:
        """Delete the token of a workspace and everything that its people asked, sent and subscribed to.

        `unless_installed`: nothing is deleted if the app has been installed again.
        """
        forget_workspace(self._engine, team, unless_installed=unless_installed)


class LanguageStore(Store):
    """The languages that people have chosen."""

    def of_team(self, team: str) -> dict[str, str]:
        """Return the id of each person of a workspace who has chosen -> the code of the language."""
        query = select(languages.c.user, languages.c.language).where(languages.c.team == team)
        with self._reading() as connection:
            return {row.user: row.language for row in connection.execute(query)}

    def choose(self, team: str, user: str, language: str) -> None:
        """Store the code of the language of a person; "" takes the choice back."""
        with self._writing() as connection:
            row = insert_or_replace(connection, languages, ["team", "user"])
            connection.execute(row.values(team=team, user=user, language=language))
            connection.execute(delete(languages).where(languages.c.language == ""))


@dataclass(frozen=True, slots=True)
class Revision:
    """The last change of an event: `sequence` is greater after each; `changed_at` is in seconds since 1970.

    `facts` is the checksum of what the documents said then.
    """

    sequence: int
    changed_at: float
    facts: str = field(default="", compare=False)


class CalendarEventStore(Store):
    """The events that calendars have shown."""

    def revisions(
        self, audience: Audience, facts: Mapping[str, str], generation: int
    ) -> Mapping[str, Revision]:
        """Return the last change of each event; `facts` is UID -> a checksum of what the documents say now.

        An event that is new or has changed gets the `generation` of the store as its sequence, or the next number after
        its last one.
        """

        def changed(known: Mapping[str, Revision]) -> list[dict[str, Any]]:
            return [
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

        with self._reading() as connection:
            known = self._known(connection, audience)
        if not changed(known):
            return known
        with self._writing() as connection:
            # Another process may have stored the same change meanwhile.
            if rows := changed(self._known(connection, audience)):
                at = connection.scalar(select(self._now))
                row = insert_or_replace(connection, calendar_events, ["audience", "uid"])
                connection.execute(row, [values | {"changed_at": at} for values in rows])
            return self._known(connection, audience)

    def _known(self, connection: Connection, audience: Audience) -> dict[str, Revision]:
        rows = connection.execute(select(calendar_events).where(calendar_events.c.audience == audience))
        return {row.uid: Revision(row.sequence, row.changed_at, row.facts) for row in rows}
