"""The database of what the bot itself does, beside the documents: one for all the tables kept there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

from sqlalchemy import Delete, Engine, Insert, MetaData, Update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from store.engines import open_engine, parse_url, storage_errors

NAME = "the state database"


def open_state(url: str, tables: MetaData) -> Engine:
    """Open the database of an SQLAlchemy URL, with these tables; an SQLite file is created. Raises StoreError."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    # IF NOT EXISTS, and no look beforehand: two processes may start at the same moment.
    with storage_errors(NAME), engine.begin() as connection:
        for table in tables.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    return engine


class StateTables:
    """Some of the tables there; `tables` are those of a subclass, `clock` gives seconds since 1970."""

    tables: ClassVar[MetaData]

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    @classmethod
    def open(cls, url: str, clock: Callable[[], float] = time.time) -> Self:
        """Open the database of an SQLAlchemy URL, with these tables; an SQLite file is created. Raises StoreError."""
        return cls(open_state(url, cls.tables), clock)

    def close(self) -> None:
        self._engine.dispose()

    def _inserted(self, row: Insert) -> bool:
        """Insert a row; False if there is one of its key."""
        with storage_errors(NAME):
            try:
                with self._engine.begin() as connection:
                    connection.execute(row)
            except IntegrityError:
                return False
        return True

    def _changed(self, change: Update | Delete) -> int:
        """Carry out a change; return how many rows it met."""
        with storage_errors(NAME), self._engine.begin() as connection:
            return connection.execute(change).rowcount
