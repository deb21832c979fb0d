"""The tables of an archive as those of this version, also if an earlier version wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import MetaData, delete

from store.backup.archive import Archive
from store.backup.rows import dump, load
from store.backup.whole import FIXED, REVISIONS, SCHEMAS, TABLES
from store.engines import open_engine, schema_transaction, sqlite_url
from store.schema_revisions import Schema, migrate


def present_tables(archive: Archive) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the name and the rows of each table, in an order in which they can be inserted.

    The tables of an earlier version are migrated in temporary SQLite files.
    """
    if archive.manifest.revisions == REVISIONS:
        yield from archive.tables()
        return
    for schema in SCHEMAS:
        with TemporaryDirectory(prefix="itubot-") as folder:
            yield from _migrated(archive, schema, sqlite_url(Path(folder, "database")))


def _migrated(archive: Archive, schema: Schema, url: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    # Alembic takes a third of a second to import.
    from store.migrations import upgrade

    engine = open_engine(url)
    try:
        with schema_transaction(engine) as connection:
            upgrade(connection, schema, archive.manifest.revisions[schema.name])
            former = MetaData()
            former.reflect(connection)
            for name, lines in archive.tables():
                if name in former.tables:
                    connection.execute(delete(former.tables[name]))
                    load(connection, former.tables[name], lines, FIXED.get(name, {}))
        migrate(engine, schema)
        with engine.connect() as connection:
            for table in schema.metadata.sorted_tables:
                if table.name in TABLES:
                    yield table.name, dump(connection, table)
    finally:
        engine.dispose()
