"""The last step of a restore into two SQLite files, which no transaction of SQLite changes together.

    1. The new state database is written to a file beside the present one, and gets a number.
    2. The catalog's transaction is committed, with this number in it.
    3. The rows of that file replace those of the state database.
    4. That file is deleted.

A restore may be killed anywhere. So whoever takes the writer's lock, or begins a transaction of the state database,
first does what is left: 3 and 4 if the catalog has the number, else only 4.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

from store.engines import storage_errors
from store.filesystem import sync

CATALOG = "catalog.sqlite"
STATE = "state.sqlite"
_RESTORED = f"{STATE}.restored"
# Key of the number in the catalog's meta table.
NUMBER = "restore"
# The bytes of an SQLite file that have its user version.
_USER_VERSION = slice(60, 64)


def is_unfinished(folder: Path) -> bool:
    """Whether a restore into the files of this folder is in its last step, or was killed there."""
    return (folder / _RESTORED).exists()


def announce(folder: Path, state: Path) -> str:
    """Take step 1 with a new state database, a file that nobody has open, and return its number."""
    number = secrets.randbelow(2**31 - 1) + 1
    with closing(sqlite3.connect(state)) as connection:
        # A log would be another file.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA user_version = {number}")
    copyfile(state, folder / _RESTORED)
    sync(folder / _RESTORED)
    sync(folder)
    return str(number)


def finish(folder: Path) -> None:
    """Do what is left of a restore. The caller holds the writer's lock. Raises StoreError, OSError."""
    restored = folder / _RESTORED
    if not restored.exists():
        return
    with storage_errors("the store"):
        if (folder / CATALOG).exists():
            with closing(_open(folder / CATALOG)) as catalog:
                # 0 where it is not complete.
                number = int.from_bytes(restored.read_bytes()[_USER_VERSION])
                row = catalog.execute("SELECT value FROM meta WHERE key = ?", (NUMBER,)).fetchone()
                if row == (str(number),):
                    sync(folder / f"{CATALOG}-wal")
                    _replace(folder / STATE, restored, number)
                else:
                    # If the disk refused to sync the commit, SQLite has taken it back, but would find it in the log
                    # after a crash. This one takes its place there.
                    values = (NUMBER, secrets.token_hex(8))
                    catalog.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", values)
        restored.unlink()


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=20.0, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _replace(state: Path, restored: Path, number: int) -> None:
    """Replace all rows by those of another file, once for each number: bots may have written since."""
    with closing(_open(state)) as connection:
        connection.execute("ATTACH DATABASE ? AS restored", (str(restored),))
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA main.user_version").fetchone() == (number,):
            return
        tables = connection.execute(
            "SELECT name FROM restored.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        for (table,) in tables.fetchall():
            names = connection.execute("SELECT name FROM pragma_table_info(?, 'restored')", (table,))
            columns = ", ".join(f'"{name}"' for (name,) in names)
            connection.execute(f'DELETE FROM main."{table}"')  # noqa: S608
            connection.execute(
                f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM restored."{table}"'  # noqa: S608
            )
        connection.execute(f"PRAGMA main.user_version = {number}")
        connection.execute("COMMIT")
