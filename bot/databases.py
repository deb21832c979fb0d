"""The database of documents and work, opened from the settings."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.engines import DATABASE, sqlite_url
from store.migrations import Migration, migrate, prepare

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Databases:
    """The database at an SQLAlchemy URL, or a file in the data folder if that is empty. Raises StoreError."""

    def __init__(self, url: str, folder: Path) -> None:
        self.catalog = Catalog(url or sqlite_url(folder / DATABASE))
        self._folder = folder

    @cached_property
    def state(self) -> Engine:
        """The engine, of a database with the tables of this version. Raises StoreError."""
        prepare(self.catalog.engine)
        return self.catalog.engine

    def migrate(self) -> Migration:
        """Migrate the database of an earlier version of the program to this one. Raises StoreError."""
        return migrate(self.catalog.engine, self._folder)

    def close(self) -> None:
        """Close the connections; a later use opens new ones."""
        self.catalog.close()
