"""Writes a backup of one moment, while others write to the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from store.backup.archive import ArchiveWriter, new_archive
from store.backup.rows import dump
from store.backup.scope import TABLES, BackupReport, Both, WholeStore, report
from store.errors import FileGone


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
