"""Backup of the whole store into one archive, and its restore, also into another kind of database.

    tables/<table>.jsonl   the rows of a table: lines of JSON that are the same for every kind of database
    files/<digest>         a stored file
    manifest.json          the last member: which version of the program made it, and when

It is a zip file, which has a checksum of each member. All rows are of one moment. The full text is not in an archive,
nor is the index: a restore builds them from the rows. It needs an empty place, and is one transaction.
"""

from __future__ import annotations

import json
import os
import secrets
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from glob import escape
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)

from store import publication
from store.catalog import Catalog, next_term, set_index_damaged
from store.engines import read_transaction
from store.errors import BackupRefused, FileGone, StoreError
from store.files import FileStorage
from store.filesystem import sync
from store.fulltext import FullTextChange
from store.locks import WRITER_SECONDS, writer_lock
from store.migrations import REVISION
from store.schema import Moment, documents, jobs, metadata, passages, sections, segments, vectors
from store.vectors.index import Index
from store.writer import build_index

# The segments are those of the index.
_TABLES: Mapping[str, Table] = {t.name: t for t in metadata.sorted_tables if t is not segments}
# Table -> columns and the values that they get in a restore. When a job without a holder is adopted, no failure is
# counted.
_FIXED: Mapping[str, Mapping[str, Any]] = {vectors.name: {"segment": None}, jobs.name: {"holder": None}}
# Version of the archive's own structure.
_FORMAT = 2
_ROWS, _FILES, _MANIFEST = "tables/", "files/", "manifest.json"
# After so long without a write, an unfinished archive is that of a killed backup.
_ABANDONED_SECONDS = 86_400.0
# Vectors can hardly be compressed: a higher level takes minutes and saves little.
_COMPRESSION = 3
# Rows that are read and written at once.
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class WholeStore:
    """Everything that is stored; `folder` has the writer's lock."""

    catalog: Catalog
    storage: FileStorage
    index: Index
    folder: Path


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The numbers of documents, unfinished jobs and stored files in an archive."""

    documents: int
    open_jobs: int
    files: int


def write_backup(store: WholeStore, target: Path) -> BackupReport:
    """Write an archive of the store to `target`, which stays as it is after an error.

    All rows are read as of one moment, and no writer waits meanwhile. Raises NoStore, other StoreErrors, OSError.
    """
    with store.catalog.snapshot():
        pass  # Raises NoStore, and SchemaMismatch for the tables of another version.
    with new_archive(target) as archive:
        with read_transaction(store.catalog.engine) as connection:
            for table in _TABLES.values():
                with archive.open(f"{_ROWS}{table.name}.jsonl", "w", force_zip64=True) as member:
                    for line in dump(connection, table):
                        member.write(line)
            counts = _count(connection)
        # After the transaction: with a distant file storage this takes minutes.
        return BackupReport(*counts, files=_add_files(archive, store.storage))


def restore(store: WholeStore, archive: ZipFile) -> BackupReport:
    """Restore an archive into an empty store, all of it or nothing; return what the store has afterwards.

    It holds the writer's lock. The restored jobs have no holder, so that the bots adopt them. Raises BackupRefused for
    a store that is not empty, other StoreErrors, OSError.
    """
    catalog = store.catalog
    with writer_lock(catalog.engine, store.folder, WRITER_SECONDS):
        catalog.create()
        with catalog.reading() as connection:
            _refuse_unless_empty(connection)
        # As long as no document uses them, files do no harm.
        files = _restore_files(store.storage, archive)
        with catalog.writing() as connection:
            # A bot may have begun a job meanwhile.
            _refuse_unless_empty(connection)
            for table in (segments, *reversed([*_TABLES.values()])):
                connection.execute(delete(table))
            for name, table in _TABLES.items():
                with archive.open(f"{_ROWS}{name}.jsonl") as lines:
                    load(connection, table, lines)
            _build_full_text(connection)
            # An ingest that was running when the archive was made may still be running: its term ends.
            term = next_term(connection)
            # Until the index is built, which the next writer does if this process is killed now, full text answers.
            set_index_damaged(connection, True)
            counts = _count(connection)
        with suppress(StoreError):
            build_index(catalog, store.index, term)
        return BackupReport(*counts, files=files)


def _count(connection: Connection) -> tuple[int, int]:
    """Return the numbers of live documents and of unfinished jobs."""

    def count(condition: ColumnElement[bool]) -> int:
        return int(connection.scalar(select(func.count()).where(condition)) or 0)

    return count(documents.c.live), count(jobs.c.done.is_(False))


def _refuse_unless_empty(connection: Connection) -> None:
    for table in (documents, jobs):
        if connection.execute(select(table).limit(1)).first() is not None:
            raise BackupRefused(
                "there are documents or jobs already; restore into an empty data folder and database, or move these "
                "away first"
            )


def _add_files(archive: ZipFile, storage: FileStorage) -> int:
    """Add the stored files, also those of open jobs, and return their number. Raises FileGone for a damaged one."""
    count = 0
    with TemporaryDirectory(prefix="itubot-") as folder:
        copy = Path(folder, "file")
        for digest in sorted(storage.digests()):
            try:
                storage.get(digest, copy)
            except FileGone:
                if storage.has(digest):
                    raise
                continue  # A maintenance has deleted it since, because no document needed it any more.
            archive.write(copy, f"{_FILES}{digest}")
            count += 1
    return count


def _restore_files(storage: FileStorage, archive: ZipFile) -> int:
    """Store the files of an archive, and return their number."""
    names = [name for name in archive.namelist() if name.startswith(_FILES)]
    with TemporaryDirectory(prefix="itubot-") as folder:
        for name in names:
            path = Path(archive.extract(name, folder))
            storage.put(path)
            path.unlink()
    return len(names)


def _build_full_text(connection: Connection) -> None:
    """Write the full text of the live sections and of their windows."""
    text = FullTextChange(connection)
    live = select(sections.c.audience, sections.c.pk, sections.c.heading, sections.c.text).where(
        sections.c.live
    )
    windows = (
        select(sections.c.audience, passages.c.pk, sections.c.text, passages.c.start, passages.c.end)
        .join(passages, passages.c.section_id == sections.c.id)
        .where(sections.c.live, passages.c.kind == "window")
    )
    for audience in connection.scalars(select(documents.c.audience).distinct()).all():
        own = sections.c.audience == audience
        for rows in connection.execute(live.where(own), execution_options={"yield_per": _BATCH}).partitions():
            text.add(
                "section_text",
                audience,
                [(row.pk, publication.indexed_text(row.heading, row.text)) for row in rows],
            )
        for spans in connection.execute(
            windows.where(own), execution_options={"yield_per": _BATCH}
        ).partitions():
            text.add("window_text", audience, [(row.pk, row.text[row.start : row.end]) for row in spans])
    text.write()


@contextmanager
def new_archive(target: Path) -> Iterator[ZipFile]:
    """Write an archive, which replaces `target` when the context ends without an error. Raises OSError."""
    _delete_abandoned(target)
    # Of two backups to one target, the later one replaces the other.
    partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        # Only its user can read it.
        partial.touch(0o600)
        with ZipFile(partial, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
            yield archive
            made = {"program": version("itubot"), "at": datetime.now(UTC).isoformat(timespec="seconds")}
            archive.writestr(
                _MANIFEST, json.dumps(made | {"format": _FORMAT, "revision": REVISION}, indent=1)
            )
        sync(partial)
        os.replace(partial, target)
        sync(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _delete_abandoned(target: Path) -> None:
    """Delete what backups to this target have left that were killed."""
    for path in target.parent.glob(f".{escape(target.name)}.*.part"):
        # Another process may delete it too.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                path.unlink()


def open_archive(path: Path) -> ZipFile:
    """Return an archive, once all of it is checked.

    Raises BackupRefused if it is damaged or of another version of the program; OSError.
    """
    try:
        archive = ZipFile(path)
        damaged = archive.testzip()
        manifest = json.loads(archive.read(_MANIFEST))
    except (BadZipFile, EOFError, KeyError, ValueError, zlib.error, NotImplementedError) as error:
        raise BackupRefused(f"{path} is damaged or no backup ({error}); restore another one") from error
    if damaged is not None:
        raise BackupRefused(f"{path} is damaged, in {damaged}; restore another one")
    if (manifest["format"], manifest["revision"]) != (_FORMAT, REVISION):
        raise BackupRefused(
            f"{path} was made by another version of the program, {manifest['program']}; restore it with that version"
        )
    return archive


# Values of these types are text in JSON. Moments are in UTC: SQLite keeps no time zone.
_WRITERS: Mapping[type, Callable[[Any], str]] = {
    bytes: lambda value: b64encode(value).decode("ascii"),
    datetime: lambda value: value.astimezone(UTC).isoformat(),
    date: date.isoformat,
}
_READERS: Sequence[tuple[type, Callable[[str], Any]]] = (
    (LargeBinary, b64decode),
    (Moment, datetime.fromisoformat),
    (Date, date.fromisoformat),
)


def dump(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table as lines: lists of values, the first of them the names of the columns."""
    names = [column.name for column in table.columns]
    yield _line(names)
    rows = connection.execute(select(table), execution_options={"yield_per": _BATCH})
    for row in rows:
        yield _line([write(value) if (write := _WRITERS.get(type(value))) else value for value in row])


def load(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Insert the rows that `dump` wrote, with those values that a restore sets."""
    rest = iter(lines)
    names = json.loads(next(rest))
    own = dict(_FIXED.get(table.name, {}))
    readers = {
        column.name: reader
        for column in table.columns
        for kind, reader in _READERS
        if isinstance(column.type, kind)
    }
    while batch := list(islice(rest, _BATCH)):
        rows = [dict(zip(names, json.loads(line), strict=True)) | own for line in batch]
        for name, reader in readers.items():
            for row in rows:
                if row[name] is not None:
                    row[name] = reader(row[name])
        connection.execute(insert(table), rows)
    _set_sequence(connection, table)


def _set_sequence(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were inserted with their numbers."""
    key = table.autoincrement_column
    if key is None or connection.dialect.name != "postgresql":
        return
    last = connection.scalar(select(func.max(key)))
    if last is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, :key), :last)")
        connection.execute(sequence, {"table": table.name, "key": key.name, "last": last})


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
