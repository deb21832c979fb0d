"""Writes a backup of one moment while others write to the store, and restores it: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory, TemporaryFile

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, insert, select, update

from store import restoring
from store.backup.archive import FIXED, TABLES, Archive, ArchiveWriter, dump, load, new_archive
from store.catalog import Catalog, tables
from store.catalog.fulltext import full_text
from store.catalog.meta import generation, get_meta, next_term, set_meta
from store.catalog.schema import documents, meta, passages, sections, segments
from store.catalog.tables import NewSegment, indexed_text
from store.engines import chunked, read_transaction, sqlite_url, storage_errors, write_transaction
from store.errors import BackupRefused, FileGone, StoreBusy, StoreError
from store.files import FileStorage
from store.jobs import open_database
from store.jobs import schema as state_schema
from store.jobs.schema import jobs
from store.locks import WRITER_SECONDS, writer_lock
from store.restoring import NUMBER
from store.vectors import Index


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


def write_backup(store: WholeStore, target: Path) -> BackupReport:
    """Write an archive of the store to `target`, which stays as it is after an error.

    All rows are read as of one moment, and no writer waits meanwhile. Raises NoStore, other StoreErrors, OSError.
    """
    with store.catalog.snapshot():
        pass  # Raises NoStore, and SchemaMismatch for the tables of another version.
    with new_archive(target) as archive:
        with store.reading() as both:
            _add_tables(archive, both, target.parent)
            rows = report(both, files=0)
        # After the transaction: with a distant file storage this takes minutes.
        return replace(rows, files=_add_files(archive, store))


def _add_tables(archive: ArchiveWriter, both: Both, folder: Path) -> None:
    for table in TABLES.values():
        # In the archive's folder: other places may have no room for it.
        with TemporaryFile(dir=folder) as content:
            content.writelines(dump(both.of(table), table))
            archive.add(f"tables/{table.name}.jsonl", content)


def _add_files(archive: ArchiveWriter, store: WholeStore) -> int:
    """Add the stored files, also those of open jobs, and return their number. Raises FileGone for a damaged one."""
    count = 0
    with TemporaryDirectory(prefix="itubot-") as folder:
        copy = Path(folder, "file")
        for digest in sorted(store.storage.digests()):
            try:
                store.storage.get(digest, copy)
            except FileGone:
                if store.storage.has(digest):
                    raise
                continue  # A maintenance has deleted it since, because no document needed it any more.
            with copy.open("rb") as content:
                archive.add(f"files/{digest}", content)
            count += 1
    return count


# Rows that are in memory at the same time.
_IN_PARTS = {"yield_per": 1_000}
# Values of the catalog that describe this database and not its content: a restore keeps them.
_KEPT_META = ("id",)


def restore(store: WholeStore, archive: Archive, *, replace: bool) -> BackupReport:
    """Replace the content of a store by that of an archive; return what the store has afterwards.

    It holds the writer's lock. Bots that use the store see the former state until both databases change in one step,
    after the index is built. The restored jobs have no holder, so that the bots adopt them.

    Raises BackupRefused for a store that is not empty, unless `replace`; other StoreErrors, OSError.
    """
    with writer_lock(store.catalog.engine, store.folder, WRITER_SECONDS):
        store.catalog.create()
        if not replace:
            _refuse_unless_empty(store)
        files = _restore_files(store, archive)
        written: list[str] = []
        try:
            with storage_errors("the store"), _writing(store) as both:
                _replace_rows(both, archive)
                _build_full_text(both.catalog)
                _build_index(both.catalog, store, written)
                restored = report(both, files)
        except BaseException:
            # What cannot be done now is done by the next writer.
            with suppress(StoreError, OSError):
                restoring.finish(store.folder)
                live = tables.live_segments(store.catalog)
                for name in (name for name in written if name not in live):
                    # It may not exist yet.
                    with suppress(StoreError):
                        store.index.drop([name])
            raise
        restoring.finish(store.folder)
        return restored


@contextmanager
def _writing(store: WholeStore) -> Iterator[Both]:
    """Write both databases. Of two SQLite files, the state database is a new one, which `restoring` puts in place."""
    if store.is_one_database:
        with write_transaction(store.state) as connection:
            yield Both(connection, connection)
        return
    with (
        TemporaryDirectory(prefix="itubot-") as folder,
        write_transaction(store.catalog.engine) as catalog,
    ):
        new = Path(folder, "database")
        engine = open_database(sqlite_url(new))
        try:
            with write_transaction(engine) as state:
                yield Both(catalog, state)
        finally:
            engine.dispose()
        set_meta(catalog, restoring.NUMBER, restoring.announce(store.folder, new))


def _restore_files(store: WholeStore, archive: Archive) -> int:
    """Store the files of an archive, and return their number. As long as no document uses them, they do no harm."""
    count = 0
    with TemporaryDirectory(prefix="itubot-") as folder:
        for _, content in archive.files():
            copy = Path(folder, "file")
            with copy.open("wb") as target:
                copyfileobj(content, target)
            store.storage.put(copy)
            count += 1
    return count


def _refuse_unless_empty(store: WholeStore) -> None:
    with store.reading() as both:
        for table in (documents, jobs):
            if both.of(table).execute(select(table).limit(1)).first() is not None:
                raise BackupRefused(
                    "there are documents or jobs already; restore into an empty data folder and database, or replace "
                    "everything with `itubot restore --replace FILE`"
                )


def _replace_rows(both: Both, archive: Archive) -> None:
    """Replace the rows of all tables. The present index segments are only retired: readers may still use them."""
    connection = both.catalog
    present = {row.key: row.value for row in connection.execute(select(meta))}
    tables.retire_segments(
        connection, connection.scalars(select(segments.c.name).where(segments.c.live)).all()
    )
    for table in reversed(list(TABLES.values())):
        both.of(table).execute(delete(table))
    for name, lines in archive.tables():
        load(both.of(TABLES[name]), TABLES[name], lines, FIXED.get(name, {}))
    _adapt_meta(connection, present)


def _adapt_meta(connection: Connection, present: Mapping[str, str]) -> None:
    """Keep the values that describe this database, and increase the generations, so that all processes read again."""
    connection.execute(delete(meta).where(meta.c.key.in_(_KEPT_META)))
    own = [{"key": key, "value": present[key]} for key in _KEPT_META if key in present]
    if own:
        connection.execute(insert(meta), own)
    before = generation(present, None)
    for row in connection.execute(select(meta).where(meta.c.key.startswith("generation"))).all():
        grown = update(meta).where(meta.c.key == row.key)
        connection.execute(grown.values(value=str(int(row.value) + before)))
    # An ingest that was running when the archive was made may still be running: its term ends.
    next_term(connection)


def _build_full_text(connection: Connection) -> None:
    """Write the full text of the live sections and of their windows."""
    text = full_text(connection)
    text.clear()
    live = select(sections.c.audience, sections.c.pk, sections.c.heading, sections.c.text).where(
        sections.c.live
    )
    windows = (
        select(sections.c.audience, passages.c.pk, sections.c.text, passages.c.start, passages.c.end)
        .join(passages, passages.c.section_id == sections.c.id)
        .where(sections.c.live, passages.c.kind == "window")
    )
    for audience in connection.scalars(select(documents.c.audience).distinct()).all():
        text.create(audience)
        own = sections.c.audience == audience
        for rows in connection.execute(live.where(own), execution_options=_IN_PARTS).partitions():
            text.add(
                "section_text", audience, [(row.pk, indexed_text(row.heading, row.text)) for row in rows]
            )
        for spans in connection.execute(windows.where(own), execution_options=_IN_PARTS).partitions():
            text.add("window_text", audience, [(row.pk, row.text[row.start : row.end]) for row in spans])


def _build_index(connection: Connection, store: WholeStore, written: list[str]) -> None:
    """Write the vectors of the live windows into new segments, whose names are added to `written`."""
    for audience, keys in tables.window_keys(connection).items():
        name = tables.announce_segment(connection)
        written.append(name)
        batches = (tables.load_vectors(connection, part) for part in chunked(keys))
        store.index.write_segment(name, batches)
        tables.publish_segment(connection, NewSegment(name, audience, keys))
