"""Checksums of the files of published segments.

Chroma does not check its files: half a file silently gives wrong neighbours, and zeros in the wrong place crash the
process. So checksums are recorded when a segment is written, and compared before Chroma opens it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

DATABASE = "chroma.sqlite3"
# Chroma writes it last. Without it the vectors are in its database, and each reader rebuilds the other files.
_COMPLETE = "index_metadata.pickle"
_CHUNK_BYTES = 1 << 20


def record(index: Path, name: str, collection_id: str) -> None:
    """Record the checksums of the files of segment `name`. Raises OSError, sqlite3.Error."""
    folder = _folder(index, collection_id)
    files = _sums(folder) if folder is not None else {}
    _note(index, name).write_text(json.dumps(files))


def is_intact(index: Path, name: str, collection_id: str) -> bool:
    """Return whether the files match their record; True if there is none. Raises OSError, sqlite3.Error."""
    try:
        recorded = json.loads(_note(index, name).read_text())
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    folder = _folder(index, collection_id)
    return bool(recorded == (_sums(folder) if folder is not None else {}))


def damaged(index: Path, names: Sequence[str]) -> list[str]:
    """Return those of the segments that are missing or damaged, without loading Chroma."""
    if not is_sound_database(index):
        return list(names)
    with closing(sqlite3.connect(index / DATABASE)) as connection:
        ids = {str(row[0]): str(row[1]) for row in connection.execute("SELECT name, id FROM collections")}
    return [name for name in names if name not in ids or not is_intact(index, name, ids[name])]


def forget(index: Path, name: str) -> None:
    """Delete the record of a segment."""
    _note(index, name).unlink(missing_ok=True)


def owned_folders(index: Path) -> set[str]:
    """Return the names of the folders that Chroma knows of. Raises sqlite3.Error."""
    with closing(sqlite3.connect(index / DATABASE)) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM segments")}


def is_sound_database(index: Path) -> bool:
    """Return whether Chroma's database is intact. Reads all of it."""
    try:
        with closing(sqlite3.connect(f"file:{index / DATABASE}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def _note(index: Path, name: str) -> Path:
    return index / f"{name}.files.json"


def _folder(index: Path, collection_id: str) -> Path | None:
    with closing(sqlite3.connect(index / DATABASE)) as connection:
        query = "SELECT id FROM segments WHERE collection = ? AND scope = 'VECTOR'"
        row = connection.execute(query, (collection_id,)).fetchone()
    folder = index / str(row[0]) if row else None
    return folder if folder is not None and (folder / _COMPLETE).exists() else None


def _sums(folder: Path) -> dict[str, list[int]]:
    """Return file name -> [bytes, CRC-32]: enough to detect accidents, at 2 GB/s."""
    return {path.name: _sum(path) for path in sorted(folder.iterdir()) if path.is_file()}


def _sum(path: Path) -> list[int]:
    size = sum_ = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            size, sum_ = size + len(chunk), zlib.crc32(chunk, sum_)
    return [size, sum_]
