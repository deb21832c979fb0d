"""What a backup contains: both databases and the stored files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select

from store.catalog import Catalog
from store.catalog import schema as catalog_schema
from store.catalog.meta import get_meta
from store.catalog.schema import documents
from store.engines import read_transaction, storage_errors
from store.errors import StoreBusy
from store.files import FileStorage
from store.jobs import schema as state_schema
from store.jobs.schema import jobs
from store.restoring import NUMBER
from store.vectors import Index

# The state database is read first. If a job publishes its document between the two reads, the backup has the document
# and the unfinished job, which finds it unchanged after a restore. The other order would lose the document.
SCHEMAS = (state_schema.SCHEMA, catalog_schema.SCHEMA)
REVISIONS = {schema.name: schema.revision for schema in SCHEMAS}
TABLES: Mapping[str, Table] = {
    table.name: table
    for schema in SCHEMAS
    for table in schema.metadata.sorted_tables
    # The segments are those of the index, which is not in a backup.
    if table is not catalog_schema.segments
}
# Table -> columns and the values that they get in a restore.
FIXED: Mapping[str, Mapping[str, Any]] = {
    catalog_schema.vectors.name: {"segment": None},
    # When a job without a holder is adopted, no failure is counted.
    jobs.name: {"holder": None},
}


@dataclass(frozen=True, slots=True)
class Both:
    """A transaction of the catalog and one of the state database: the same one, unless these are two SQLite files."""

    catalog: Connection
    state: Connection

    def of(self, table: Table) -> Connection:
        """Return the one that has a table."""
        return self.state if table.metadata is state_schema.metadata else self.catalog


@dataclass(frozen=True, slots=True)
class WholeStore:
    """Everything that is stored; `folder` has the writer's lock."""

    catalog: Catalog
    state: Engine
    storage: FileStorage
    index: Index
    folder: Path

    @property
    def is_one_database(self) -> bool:
        """True unless catalog and state database are two SQLite files."""
        return self.catalog.engine.url == self.state.url

    @contextmanager
    def reading(self) -> Iterator[Both]:
        """Read both databases as of one moment. Raises StoreBusy if a restore replaced them in that moment."""
        with storage_errors("the store"), read_transaction(self.state) as state:
            if self.is_one_database:
                yield Both(state, state)
                return
            with self.catalog.reading() as connection:
                before = get_meta(connection, NUMBER)
            state.execute(select(jobs).limit(1))
            with read_transaction(self.catalog.engine) as catalog:
                if get_meta(catalog, NUMBER) != before:
                    raise StoreBusy("another process has restored a backup in the meantime; try again")
                yield Both(catalog, state)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The numbers of documents, unfinished jobs and stored files in an archive."""

    documents: int
    open_jobs: int
    files: int


def report(both: Both, files: int) -> BackupReport:
    """Return the numbers of what both databases have now."""

    def count(connection: Connection, condition: ColumnElement[bool]) -> int:
        return int(connection.scalar(select(func.count()).where(condition)) or 0)

    return BackupReport(
        count(both.catalog, documents.c.live), count(both.state, jobs.c.done.is_(False)), files
    )
