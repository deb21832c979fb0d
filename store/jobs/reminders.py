"""Reminders of events: what people want to be reminded of, and what they know of its date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Delete, Update, and_, delete, select, update

from store.engines import insert_new
from store.jobs.notices import Notice, NoticeStore
from store.jobs.schema import reminders


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder in the direct message `channel`, `days` before `day`; None while the event has no day.

    `chain` is the event's `chain_id` in the register. `dates` are its dates in words, as the user knows them.
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


class ReminderStore(NoticeStore):
    """The reminders, and the notices about them; shared by all processes that open the same URL.

    All methods block, and raise StoreError.
    """

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
            with self._begin() as connection:
                connection.execute(insert_new(connection, reminders).values(**asdict(reminder)))
                row = connection.execute(select(reminders).where(same)).mappings().one_or_none()
            # On a server, the existing one may have been deleted in between.
            if row is not None:
                return Reminder(**row)

    def cancel(self, id: str, user: str) -> Reminder | None:
        """Delete a user's reminder, and return it; None if there is none."""
        mine = (reminders.c.id == id) & (reminders.c.user == user)
        with self._begin() as connection:
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

    def settle(self, changes: Sequence[tuple[Reminder, Reminder | None]], notice: Notice) -> bool:
        """Send one notice about reminders, and replace each by the second of its pair, or delete it if that is None.

        Return False and do nothing if another process has changed or deleted one since it was read.
        """
        first, _ = changes[0]
        key = f"reminder/{first.id}/{first.revision}"
        return self._settle((_change(known, after) for known, after in changes), key, notice)

    def _read(self, query: Any) -> list[Reminder]:
        with self._begin() as connection:
            found = [Reminder(**row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda reminder: (reminder.day or date.max, reminder.title, reminder.days))


def _change(known: Reminder, after: Reminder | None) -> Update | Delete:
    same = (reminders.c.id == known.id) & (reminders.c.revision == known.revision)
    if after is None:
        return delete(reminders).where(same)
    return update(reminders).where(same).values(**asdict(after) | {"revision": known.revision + 1})
