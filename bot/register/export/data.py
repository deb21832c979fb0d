"""The register as JSON, and as CSV for spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.register import RegisterEntry

# In the order of the JSON object; "corrected" and "mentions" are objects of their own there.
_FIELDS = (
    "id chain_id title kind start end time timezone bound precision approximate year_inferred recurrence status "
    "tentative corrected likely_past rescheduled_to location source document section quote mentions"
).split()
_MENTION_FIELDS = ("source", "section", "text", "start", "end", "quote")
CSV_COLUMNS = (
    *(name for name in _FIELDS[2:] if name not in {"corrected", "mentions"}),
    "id",
    "chain_id",
    "corrected_by",
    "corrected_at",
)

# A cell that opens with one of these is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def entry_json(entry: RegisterEntry) -> dict[str, Any]:
    """Return one row of `itubot deadlines --json`. Dates are ISO 8601 strings or None."""
    row = {name: _plain(getattr(entry, name)) for name in _FIELDS}
    last = entry.corrected
    row["corrected"] = {"by": last.by, "at": last.at.isoformat(timespec="seconds")} if last else None
    row["mentions"] = [
        {name: _plain(getattr(mention, name)) for name in _MENTION_FIELDS} for mention in entry.mentions
    ]
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def to_json(entries: Iterable[RegisterEntry]) -> str:
    """Return the register as one JSON array, a row a line, in the order given."""
    # Indenting would take the slow encoder: five times as long for ten thousand rows.
    rows = [json.dumps(entry_json(entry), ensure_ascii=False) for entry in entries]
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def to_csv(entries: Iterable[RegisterEntry]) -> str:
    """Return the register as CSV (RFC 4180, with a header), in the order given."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for entry in entries:
        row = entry_json(entry)
        corrected = row["corrected"] or {}
        row |= {"corrected_by": corrected.get("by"), "corrected_at": corrected.get("at")}
        writer.writerow([_cell(row[column]) for column in CSV_COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text
