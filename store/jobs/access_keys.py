"""Keys that give access from outside Slack: secret addresses of calendars, and tokens of other assistants.

A key is 256 random bits. Its SHA-256 is stored, from which nobody can make the key; a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, select, update

from store.audiences import Audience
from store.engines import insert_new
from store.jobs.database import StateStore
from store.jobs.schema import access_keys
from store.records import EVERYBODY

Purpose = Literal["calendar", "assistant"]
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


class AccessKeyStore(StateStore):
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
        values = {
            "id": secrets.token_hex(4),
            "hash": _hashed(key),
            "purpose": purpose,
            "name": name,
            "audience": audience,
            "team": team,
            "user": user,
            "language": language,
            "made_at": self._now,
        }
        with self._transaction() as connection:
            connection.execute(insert_new(connection, access_keys).values(values))
            # psycopg counts no rows of such an INSERT.
            made = self._read(connection, access_keys.c.hash == _hashed(key))
            return (made[0], key) if made else None

    def replace(self, made: AccessKey) -> str | None:
        """Return a new text for a key, whose former one gives nothing any more; None if it has been revoked."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        with self._transaction() as connection:
            changed = update(access_keys).where(access_keys.c.id == made.id).values(hash=_hashed(key))
            return key if connection.execute(changed).rowcount else None

    def find(self, purpose: Purpose, key: str) -> AccessKey | None:
        """Return the key of a text; None for one that is refused, was revoked or never made."""
        column = access_keys.c
        is_it = (column.hash == _hashed(key)) & (column.purpose == purpose) & ~column.refused
        with self._transaction() as connection:
            return next(iter(self._read(connection, is_it)), None)

    def all(self, purpose: Purpose) -> list[AccessKey]:
        """Return the keys of a purpose, the oldest first."""
        with self._transaction() as connection:
            return self._read(connection, access_keys.c.purpose == purpose)

    def of_person(self, purpose: Purpose, team: str, user: str) -> list[AccessKey]:
        """Return a person's keys of a purpose, the oldest first."""
        column = access_keys.c
        of_person = (column.purpose == purpose) & (column.team == team) & (column.user == user)
        with self._transaction() as connection:
            return self._read(connection, of_person)

    def revoke(self, key: AccessKey) -> bool:
        """Delete a key, at once and for every process; return False if it is deleted already."""
        with self._transaction() as connection:
            return bool(connection.execute(delete(access_keys).where(access_keys.c.id == key.id)).rowcount)

    def refuse(self, key: AccessKey, refused: bool) -> None:
        """Record whether a key is refused, at once and for every process."""
        with self._transaction() as connection:
            changed = update(access_keys).where(access_keys.c.id == key.id)
            connection.execute(changed.values(refused=refused))

    def _read(self, connection: Connection, condition: ColumnElement[bool]) -> list[AccessKey]:
        columns = (access_keys.c[name] for name in AccessKey.__dataclass_fields__)
        rows = connection.execute(select(*columns).where(condition).order_by(access_keys.c.made_at))
        return [AccessKey(*row) for row in rows]


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
