"""What the bot keeps of people, workspaces and calendars, in tables of their own: rows, and no jobs.

All processes that open the same URL share them. All methods block, and raise StoreError. A notice about a row is stored
in the transaction that records why it is due, so that neither is without the other. At the end is the deletion of what
is kept of a person or of a workspace, also in jobs.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    delete,
    func,
    or_,
    select,
    true,
    update,
)

from store.audiences import Audience, team_of
from store.engines import (
    READER_SECONDS,
    connected,
    empty_log,
    insert_new,
    insert_or_replace,
    storage_errors,
    write_transaction,
)
from store.errors import StoreBusy
from store.jobs.kinds import Notice, NoticeStore
from store.jobs.leases import Rows, Store, has_ended
from store.kept import AccessKey, Installation, Purpose, Reminder, Subscription
from store.records import EVERYBODY
from store.schema import (
    access_keys,
    as_row,
    calendar_events,
    installations,
    jobs,
    languages,
    metadata,
    reminders,
    subscriptions,
)

Revised = TypeVar("Revised", bound=Reminder | Subscription)


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

    def all(self, *conditions: ColumnElement[bool], **same: Any) -> list[Revised]:
        """Return rows of the workspace, in their order."""
        return super().all(self._is_own(self.table.c.team), *conditions, **same)

    def _send(self, connection: Connection, key: str, notice: Notice | None) -> None:
        if notice is not None:
            NoticeStore.beside(self).put_within(connection, key, notice)


class ReminderStore(_RevisedRows[Reminder]):
    """The reminders, by day, and the notices about them; those without a day come last."""

    table, record = reminders, Reminder
    order = (reminders.c.day.nulls_last(), reminders.c.title, reminders.c.days)

    def add(self, reminder: Reminder) -> Reminder:
        """Add a reminder and return it, or the one that its user already has for the same event and days."""
        same = {name: getattr(reminder, name) for name in ("team", "user", "chain", "days")}
        while True:
            with self._writing() as connection:
                connection.execute(insert_new(connection, reminders).values(as_row(reminders, reminder)))
            # On a server, the existing one may have been deleted in between.
            if found := self.find(**same):
                return found

    def cancel(self, id: str, user: str) -> Reminder | None:
        """Delete a user's reminder, and return it; None if there is none."""
        found = self.find(id=id, user=user)
        return found if found is not None and self.delete(id=id, user=user) else None


class SubscriptionStore(_RevisedRows[Subscription]):
    """The subscriptions, by topic, and the notices about them."""

    table, record, order = subscriptions, Subscription, (subscriptions.c.topic,)

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

    def of_person(self, team: str, user: str) -> list[Subscription]:
        """Return a person's own subscriptions."""
        return [subscription for subscription in self.all(team=team, user=user) if subscription.personal]


# A key is 256 random bits. Its SHA-256 is stored, from which nobody can make the key; a slow hash would add nothing.
_KEY_BYTES = 32


class AccessKeyStore(Rows[AccessKey]):
    """The keys, the oldest first."""

    table, record, order = access_keys, AccessKey, (access_keys.c.made_at,)

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
        found = self.with_text(purpose, key)
        return (found, key) if found is not None else None

    def replace(self, made: AccessKey) -> str | None:
        """Return a new text for a key, whose former one gives nothing any more; None if it has been revoked."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        return key if self._update({"hash": _hashed(key)}, id=made.id) else None

    def with_text(self, purpose: Purpose, key: str) -> AccessKey | None:
        """Return the key of a text; None for one that is refused, was revoked or never made."""
        return self.find(hash=_hashed(key), purpose=purpose, refused=False)

    def refuse(self, key: AccessKey, refused: bool) -> None:
        """Record whether a key is refused, at once and for every process."""
        self._update({"refused": refused}, id=key.id)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class InstallationStore(Rows[Installation]):
    """The installations, by the ids of their workspaces."""

    table, record, order = installations, Installation, (installations.c.team,)

    def save(self, installation: Installation) -> None:
        """Add an installation, or replace that of the same workspace."""
        with self._writing() as connection:
            row = insert_or_replace(connection, installations, ["team"])
            connection.execute(row.values(as_row(installations, installation, renewed_until=0.0)))

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

    def forget(self, team: str, *, unless_installed: bool = False) -> None:
        """Delete the token of a workspace and everything that its people asked, sent and subscribed to.

        `unless_installed`: nothing is deleted if the app has been installed again.
        """
        forget_workspace(self.engine, team, unless_installed=unless_installed)


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


# The names of the columns that have a person's id in Slack.
_PERSON = ("user", "expert")


def person_columns() -> list[Column[str]]:
    """Return every column of the database that has a person's id."""
    return [column for table in metadata.sorted_tables for column in table.c if column.name in _PERSON]


def forget_person(engine: Engine, user: str) -> dict[str, int]:
    """Delete every row with the person's id; on SQLite, no file has their words afterwards.

    Jobs of others that are about the person's questions are deleted too: somebody else may have passed one on. Return
    what `kept_of_person` does. Raises StoreBusy if the rows are deleted, but another process reads the state before, so
    that SQLite's log keeps their words; a later call then removes these. Raises other StoreErrors.
    """
    kept = kept_of_person(engine, user)
    with write_transaction(engine) as connection:
        for table, condition in _about(user).items():
            connection.execute(delete(table).where(condition))
    # SQLite overwrites deleted rows with zeros. What they were is still in its log.
    with storage_errors():
        if not empty_log(engine, READER_SECONDS):
            raise StoreBusy(
                f"the rows of {user} are deleted, but another program, such as `itubot backup`, still reads the state "
                "before, which its files keep until then; when it has ended, run `itubot forget` again"
            )
    return kept


def kept_of_person(engine: Engine, user: str) -> dict[str, int]:
    """Return what -> how many rows `forget_person` deletes: a table, or of jobs their kind, as in "expert_questions".

    Raises StoreError.
    """
    found: Counter[str] = Counter()
    with connected(engine) as connection:
        for table, condition in _about(user).items():
            if table is jobs:
                kinds = select(jobs.c.kind, func.count()).where(condition).group_by(jobs.c.kind)
                found.update({f"{kind.replace(' ', '_')}s": n for kind, n in connection.execute(kinds)})
            else:
                found[table.name] = (
                    connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
                )
    return dict(+found)


def forget_workspace(engine: Engine, team: str, *, unless_installed: bool) -> None:
    """Delete every row of a workspace, its jobs, and its token. Raises StoreError.

    `unless_installed`: nothing is deleted if there is a token.
    """
    is_installed = select(installations.c.team).where(installations.c.team == team).exists()
    may_go = ~is_installed if unless_installed else true()
    # The keys of recorded events contain the workspace.
    is_seen = jobs.c.key.contains(f"/{team}/", autoescape=True) & (jobs.c.team == "")
    with write_transaction(engine) as connection:
        # The token last: the condition of the others asks for it.
        for table in sorted(metadata.sorted_tables, key=lambda table: table is installations):
            if "team" in table.c:
                own = or_(table.c.team == team, is_seen) if table is jobs else table.c.team == team
                connection.execute(delete(table).where(own & may_go))


def _about(user: str) -> dict[Table, ColumnElement[bool]]:
    """Return table -> the condition that a row is about a person, the tables first that refer to others."""
    columns = person_columns()
    own = {
        table: or_(*(column == user for column in columns if column.table is table))
        for table in reversed(metadata.sorted_tables)
        if any(column.table is table for column in columns)
    }
    # With a question, the database deletes the votes on it, and what experts say of it has the same key.
    asked = select(jobs.c.key).where(jobs.c.kind == "question", jobs.c.user == user)
    return {
        table: or_(condition, jobs.c.key.in_(asked)) if table is jobs else condition
        for table, condition in own.items()
    }
