"""Fields of records as JSON. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any


def json_fields(record: object, names: str) -> dict[str, Any]:
    """Return the fields of a record that `names` lists, in that order; dates are ISO 8601, tuples are lists."""
    return {name: _plain(getattr(record, name)) for name in names.split()}


def iso_time(seconds: float) -> str:
    """Return a time in seconds since 1970 as "2024-05-01T08:00:00+00:00"."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
