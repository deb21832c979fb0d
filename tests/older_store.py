"""Gives a store in a folder the tables of an earlier version of the program."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from store.catalog.schema import SCHEMA
from store.engines import open_engine, schema_transaction, sqlite_url
from store.migrations import upgrade


def make_older(folder: Path, revision: str) -> None:
    """Replace the catalog of a folder by one of an earlier revision, which has what that could hold.

    Its processes have closed it.
    """
    current, older = folder / "catalog.sqlite", folder / "older.sqlite"
    engine = open_engine(sqlite_url(older))
    with schema_transaction(engine) as connection:
        upgrade(connection, SCHEMA, revision)
    engine.dispose()
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("ATTACH ? AS current", [str(current)])
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        ).fetchall():
            columns = ", ".join(
                f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})")
            )
            copied = f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM current.{table}"  # noqa: S608
            connection.execute(copied)
        virtual = "SELECT name, sql FROM current.sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
        for name, statement in connection.execute(virtual).fetchall():
            connection.execute(statement)
            if "fts5(" in statement:
                copied = f"INSERT INTO main.{name} (rowid, body) SELECT rowid, body FROM current.{name}"  # noqa: S608
                connection.execute(copied)
        # Earlier versions recorded theirs here.
        connection.execute("DROP TABLE main.catalog_revision")
        connection.execute("UPDATE main.meta SET value = ? WHERE key = 'schema'", [revision])
    with closing(sqlite3.connect(current)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in (older, current):
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    older.replace(current)
