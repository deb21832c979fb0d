"""Messages that nobody asked for just now, such as reminders, as jobs: each is posted once.

A notice is stored in the transaction that records why it is due, so that neither is without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Delete, RowMapping, Update, insert

from store.jobs.leases import JobStore
from store.jobs.schema import notices


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
        with self._begin() as connection:
            self._put(connection, key, notice)

    def _put(self, connection: Connection, key: str, notice: Notice) -> None:
        """Add a notice, once for each key."""
        # The first process that adopts it gets the term 1.
        if self._insert_job(connection, self.kind, key, expires_at=self._now, done=False, term=0) is None:
            return
        connection.execute(insert(notices).values(key=key, **asdict(notice)))

    def _settle(self, changes: Iterable[Update | Delete], key: str, notice: Notice | None) -> bool:
        """Change or delete one row by each of `changes`, and add a notice about them, if there is one.

        Return False and do nothing if another process has changed or deleted one of the rows since it was read.
        """
        try:
            with self._begin() as connection:
                for change in changes:
                    if connection.execute(change).rowcount != 1:
                        raise _Settled
                if notice is not None:
                    self._put(connection, key, notice)
        except _Settled:
            return False
        return True

    def _work(self, row: RowMapping) -> Notice:
        return Notice(row["team"], row["channel"], row["text"], row["blocks"], row["user"])


class _Settled(Exception):
    """Another process has changed or deleted a row."""
