"""Records the store of a commit as SQL text in `tests/data/stores`: two SQLite files, and a PostgreSQL database.

python -m tests.store.released.record COMMIT
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.servers import both_servers, catalog_url, on_servers

ROOT = Path(__file__).parents[3]
STORES = ROOT / "tests" / "data" / "stores"
FILL = Path(__file__).with_name("fill.py")


def record(commit: str) -> None:
    """Check out the code of a commit, let it fill stores of both kinds, and write their content."""
    with tempfile.TemporaryDirectory() as code:
        tar = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", code], input=tar, check=True)
        data = _fill(code)
        for name in ("catalog", "state"):
            with closing(sqlite3.connect(data / f"{name}.sqlite")) as connection:
                _write(STORES / f"{name}.sql", "\n".join(_dump(connection)))
        with both_servers():
            url = catalog_url(_fill(code)).replace("+psycopg", "")
            dump = ["pg_dump", "--inserts", "--no-owner", url]
            _write(
                STORES / "postgres.sql",
                subprocess.run(dump, check=True, capture_output=True, text=True).stdout,
            )


def _fill(code: str) -> Path:
    # Documents keep the path of their files: the same each time.
    data = Path(tempfile.gettempdir()) / f"itubot-{'servers' if on_servers() else 'files'}"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    command = [sys.executable, FILL, data]
    subprocess.run(command, cwd=code, env=os.environ | {"PYTHONPATH": code}, check=True)
    return data


def _dump(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield an SQLite file as SQL; `iterdump` writes no full text that can be read."""
    objects = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL").fetchall()
    virtual = {name for _, name, sql in objects if sql.startswith("CREATE VIRTUAL TABLE")}
    for kind, name, sql in objects:
        if name not in virtual and name.startswith(tuple(f"{table}_" for table in virtual)):
            continue  # SQLite makes it with the virtual table
        yield f"{sql};"
        if kind == "table" and "fts5vocab" not in sql:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            names = ", ".join(
                f'"{column}"' for column in (["rowid", *columns] if name in virtual else columns)
            )
            values = " || ', ' || ".join(f"quote({column})" for column in names.split(", "))
            for (row,) in connection.execute(f"SELECT {values} FROM {name}"):  # noqa: S608
                yield f"INSERT INTO {name} ({names}) VALUES ({row});"  # noqa: S608


def _write(path: Path, dump: str) -> None:
    # Commands of psql, which begin with a backslash, are not SQL.
    lines = [line for line in dump.splitlines() if line and not line.startswith(("--", "\\"))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
