"""When each event of a calendar changed last, by which the programs that subscribe to it know what is newer.

Each audience has its own: what one may see must not be told by the numbers of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from store.audiences import Audience, team_of
from store.engines import insert_or_replace, storage_errors, write_transaction
from store.jobs.database import NAME, StateStore
from store.jobs.schema import calendar_events


@dataclass(frozen=True, slots=True)
class Revision:
    """The last change of an event: `sequence` is greater after each; `changed_at` is in seconds since 1970."""

    sequence: int
    changed_at: float


class CalendarEventStore(StateStore):
    """The events that calendars have shown, shared by all processes that open the same database."""

    def revisions(
        self, audience: Audience, facts: Mapping[str, str], generation: int
    ) -> Mapping[str, Revision]:
        """Return the last change of each event; `facts` is UID -> a checksum of what the documents say now.

        An event that is new or has changed gets the `generation` of the store as its sequence, or the next number after
        its last one. Raises StoreError.
        """
        with storage_errors(NAME):
            with self._engine.connect() as connection:
                known = self._read(connection, audience)
            if all(uid in known and known[uid].facts == stated for uid, stated in facts.items()):
                return _revisions(known)
            with write_transaction(self._engine) as connection:
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
