"""A store as other processes find it, or write it, once something was done to its files."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from store.errors import StoreError
from tests.small_store import SmallStore, open_store

ROOT = Path(__file__).parents[2]
TEXT = "1.1\tThe stone lies at the gate.\n1.2\tThe river runs to the sea.\n"

# Runs an ingest under a limit and says how it went; a fault that is no StoreError shows as a traceback.
_INGEST = """
import os, resource, sys
from pathlib import Path
import chromadb
from store.errors import StoreError
from tests.small_store import open_store

folder, paper, limit, user = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if user:
    os.seteuid(user)
try:
    open_store(folder).ingest(paper)
except StoreError as error:
    print("StoreError:", error)
"""


def reopened(store: SmallStore, tmp_path: Path) -> SmallStore:
    """The store as a process finds it that starts now: Chroma keeps what it has opened, by its folder."""
    folder = tmp_path / "reopened"
    store.catalog.engine.dispose()
    shutil.move(store.folder, folder)
    return open_store(folder)


def damage_page(file: Path, number: int) -> None:
    """Fill a page of an SQLite file, which nobody has open, with zeros; the first one has number 1."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as opened:
        opened.seek((number - 1) * size)
        opened.write(bytes(size))


def damage_table(folder: Path, table: str) -> None:
    """Fill the first page of a table of the catalog in a data folder, which nobody has open, with zeros."""
    file = folder / "itubot.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = connection.execute(query, (table,)).fetchone()
    damage_page(file, page)


def line(error: pytest.ExceptionInfo[StoreError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def ingest_elsewhere(folder: Path, paper: Path, *, limit: int = 0, user: int = 0) -> str:
    run = subprocess.run(
        [sys.executable, "-c", _INGEST, folder, paper, str(limit), str(user)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
