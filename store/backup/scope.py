"""What a backup contains: both databases and the stored files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select

from store.catalog import Catalog
from store.catalog import schema as catalog_schema
from store.catalog.schema import documents
from store.files import FileStorage
from store.jobs import schema as state_schema
from store.jobs.schema import jobs
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
class WholeStore:
    """Everything that is stored; `folder` has the writer's lock."""

    catalog: Catalog
    state: Engine
    storage: FileStorage
    index: Index
    folder: Path


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The numbers of documents, unfinished jobs and stored files in an archive."""

    documents: int
    open_jobs: int
    files: int


def report(connection: Connection, files: int) -> BackupReport:
    """Return the numbers of what both databases have now."""

    def count(*conditions: object) -> int:
        return int(connection.scalar(select(func.count()).where(*conditions)) or 0)  # type: ignore[arg-type]

    return BackupReport(count(documents.c.live), count(jobs.c.done.is_(False)), files)
