"""A database whose disk is full: SQLite itself refuses to write."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import event

from store.jobs.leases import JobStore

P = ParamSpec("P")
Result = TypeVar("Result")

_UNLIMITED = 4_294_967_294


class Disk:
    """The disk of a store's database: it `refuses` every write, or `has_no_new_page` for what needs more room."""

    def __init__(self, store: JobStore[Any]) -> None:
        self.refuses = self.has_no_new_page = False
        event.listen(store.engine, "before_cursor_execute", self._limit)

    def refusing_once(self, method: Callable[P, Result]) -> Callable[P, Result]:
        """Return a method of the store during whose first call the disk is full; after it there is room."""
        calls = count()

        def refused(*arguments: P.args, **named: P.kwargs) -> Result:
            self.refuses = next(calls) == 0
            try:
                return method(*arguments, **named)
            finally:
                self.refuses = False

        return refused

    def _limit(self, _connection: object, cursor: Any, statement: str, *_: object) -> None:
        # Within a transaction the second one reads, and a transaction that has read waits for no other one to write.
        if not statement.startswith("BEGIN"):
            return
        cursor.execute(f"PRAGMA query_only = {int(self.refuses)}")
        # A database does not become smaller than it is.
        cursor.execute(f"PRAGMA max_page_count = {1 if self.has_no_new_page else _UNLIMITED}")
