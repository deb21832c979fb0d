"""The catalog and the state database, opened from the settings."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.engines import check_file, sqlite_url
from store.jobs import state_engine
from store.jobs.schema import SCHEMA
from store.restoring import CATALOG, STATE
from store.schema_revisions import Migration, prepare

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Databases:
    """The databases at an SQLAlchemy URL, or files in the data folder if that is empty. Raises StoreError.

    Both are on one engine on a server, so that a process has one pool of connections.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.catalog = Catalog(url or sqlite_url(folder / CATALOG))
        self._url = url
        self._folder = folder

    @cached_property
    def state(self) -> Engine:
        """The engine of the state database, whose tables are those of this version. Raises StoreError."""
        prepare(self._state, SCHEMA)
        return self._state

    @cached_property
    def _state(self) -> Engine:
        if self.catalog.engine.dialect.name == "postgresql":
            return self.catalog.engine
        return state_engine(self._url or sqlite_url(self._folder / STATE))

    def migrate(self) -> list[Migration]:
        """Migrate the databases of an earlier version of the program to this one. Raises StoreError."""
        # Imports Alembic.
        from store.migrations import migrate_databases

        return migrate_databases(self.catalog.engine, self._state, self._folder)

    def check_state(self) -> bool:
        """Read all of the state database's SQLite file; return False if there is none. Raises StoreDamaged."""
        return check_file(self._state, SCHEMA.title)

    def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        self.catalog.close()
        if "_state" in self.__dict__:
            self._state.dispose()
