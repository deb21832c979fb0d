"""Rows of a table as lines of JSON that are the same for every kind of database, and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Date, DateTime, LargeBinary, Table, func, insert, select, text

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
        rows = [dict(zip(names, map(_without_nul, json.loads(line)), strict=True)) | own for line in batch]
        for name, reader in readers.items():
            for row in rows:
                if row[name] is not None:
                    row[name] = reader(row[name])
        connection.execute(insert(table), rows)
    _set_sequence(connection, table)


def _without_nul(value: Any) -> Any:
    """Replace NUL by a space: older SQLite files may have it, PostgreSQL refuses it, and positions must stay valid."""
    return value.replace("\0", " ") if isinstance(value, str) else value


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
