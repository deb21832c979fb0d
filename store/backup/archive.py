"""The archive of a backup: a compressed tar file.

tables/<table>.jsonl   the rows of a table: lines of JSON that are the same for every kind of database
files/<digest>         a stored file
manifest.json          the last member: versions, and the digest of each other member
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import secrets
import tarfile
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from glob import escape
from importlib.metadata import version
from io import BytesIO
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from sqlalchemy import Connection, Date, DateTime, LargeBinary, Table, func, insert, select, text

from store.catalog import schema as catalog_schema
from store.errors import BackupRefused
from store.filesystem import sync
from store.jobs import schema as state_schema
from store.jobs.schema import jobs

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

# Version of the archive's own structure.
_FORMAT = 1
_MANIFEST = "manifest.json"
# After so long without a write, an unfinished archive is that of a killed backup.
_ABANDONED_SECONDS = 86_400.0
# Vectors can hardly be compressed: a higher level takes minutes and saves little.
_COMPRESSION = 3


@dataclass(frozen=True, slots=True)
class Manifest:
    """Description of an archive: when and by which version it was made, and the digests of its members."""

    program: str
    created_at: str
    revisions: Mapping[str, str]
    members: Mapping[str, str]
    format: int = _FORMAT


class ArchiveWriter:
    """Adds members to a new archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: IO[bytes]) -> None:
        """Add a file as a member; it is read from its beginning."""
        content.seek(0)
        self.digests[name] = _digest(content)
        member = tarfile.TarInfo(name)
        member.size = content.seek(0, os.SEEK_END)
        content.seek(0)
        self._tar.addfile(member, content)


@contextmanager
def new_archive(target: Path) -> Iterator[ArchiveWriter]:
    """Write an archive, which replaces `target` when the context ends without an error. Raises OSError."""
    _delete_abandoned(target)
    # Of two backups to one target, the later one replaces the other.
    partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with tarfile.open(partial, "w:gz", compresslevel=_COMPRESSION) as tar:
            writer = ArchiveWriter(tar)
            yield writer
            now = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = Manifest(version("itubot"), now, REVISIONS, writer.digests)
            member = tarfile.TarInfo(_MANIFEST)
            data = json.dumps(asdict(manifest), indent=1).encode()
            member.size = len(data)
            tar.addfile(member, BytesIO(data))
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


class Archive:
    """An archive whose members are complete and undamaged."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self.manifest = manifest

    def tables(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield the name and the rows of each table; the rows are valid until the next one."""
        for name, content in self._members("tables"):
            yield name.removesuffix(".jsonl"), content

    def files(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield the digest and the content of each stored file; the content is valid until the next one."""
        return self._members("files")

    def _members(self, folder: str) -> Iterator[tuple[str, IO[bytes]]]:
        prefix = f"{folder}/"
        count = sum(name.startswith(prefix) for name in self.manifest.members)
        own = (member for member in _members(self._path) if member[0].startswith(prefix))
        # Stops after the last member of the folder: the rest would be decompressed for nothing.
        for name, content in islice(own, count):
            yield name.removeprefix(prefix), content


def open_archive(path: Path) -> Archive:
    """Return an archive, once all of it is checked. Raises BackupRefused if it is damaged or too new; OSError."""
    digests: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        for name, content in _members(path):
            if name == _MANIFEST:
                manifest = _to_manifest(path, content.read())
            else:
                digests[name] = _digest(content)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BackupRefused(f"{path} is damaged or no backup ({error}); restore another one") from error
    if manifest is None or digests != manifest.members:
        raise BackupRefused(
            f"{path} is damaged: its members are not those that were saved; restore another one"
        )
    if manifest.revisions != REVISIONS:
        raise BackupRefused(
            f"{path} was made by another version of the program, {manifest.program}; restore it with that version"
        )
    return Archive(path, manifest)


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(path, "r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, content


def _digest(content: IO[bytes]) -> str:
    # Content is always buffered, as file_digest requires; its type does not say so.
    return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]


def _to_manifest(path: Path, data: bytes) -> Manifest:
    """Return the manifest. Raises BackupRefused if it has a newer format, or cannot be read."""
    try:
        values = json.loads(data)
        if values["format"] > _FORMAT:
            raise BackupRefused(
                f"{path} was made by a newer version of the program, {values['program']}; restore it with that version"
            )
        return Manifest(**values)
    except (ValueError, TypeError, KeyError) as error:
        raise BackupRefused(f"{path} is damaged: its manifest cannot be read; restore another one") from error


# Rows that are read and written at once.
_BATCH = 1_000
# Values of these types are text in JSON. Moments are in UTC: SQLite keeps no time zone.
_WRITERS: Mapping[type, Callable[[Any], str]] = {
    bytes: lambda value: b64encode(value).decode("ascii"),
    datetime: lambda value: (
        value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    ).isoformat(),
    date: date.isoformat,
}
_READERS: Sequence[tuple[type, Callable[[str], Any]]] = (
    (LargeBinary, b64decode),
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
)


def dump(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table as lines: lists of values, the first of them the names of the columns."""
    names = [column.name for column in table.columns]
    yield _line(names)
    rows = connection.execute(select(table), execution_options={"yield_per": _BATCH})
    for row in rows:
        yield _line([write(value) if (write := _WRITERS.get(type(value))) else value for value in row])


def load(
    connection: Connection,
    table: Table,
    lines: Iterable[bytes],
    fixed: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Insert the rows that `dump` wrote; `fixed` replaces the values of columns that the table has."""
    rest = iter(lines)
    names = json.loads(next(rest))
    own = {name: value for name, value in fixed.items() if name in names}
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
