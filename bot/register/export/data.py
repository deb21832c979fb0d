"""The register as JSON, and as CSV for spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from bot.json_fields import json_fields
from bot.register import RegisterEntry
from bot.safe_text import visible

# In the order of the JSON object; "corrected" and "mentions" are objects of their own there.
_FIELDS = (
    "id chain_id title kind start end time timezone bound precision approximate year_inferred recurrence status "
    "tentative corrected likely_past rescheduled_to location source document section quote mentions"
)
CSV_COLUMNS = (
    *(name for name in _FIELDS.split()[2:] if name not in {"corrected", "mentions"}),
    "id",
    "chain_id",
    "corrected_by",
    "corrected_at",
)

# A cell that opens with one of these may be a formula to a spreadsheet (OWASP, "CSV Injection"), also in its full width
# or after what cannot be seen.
_FORMULA = ("=", "+", "-", "@")


def entry_json(entry: RegisterEntry) -> dict[str, Any]:
    """Return one row of `itubot deadlines --json`. Dates are ISO 8601 strings or None."""
    row = json_fields(entry, _FIELDS)
    last = entry.corrected
    row["corrected"] = {"by": last.by, "at": last.at.isoformat(timespec="seconds")} if last else None
    row["mentions"] = [
        json_fields(one, "source section text start end quote language") for one in entry.mentions
    ]
    return row


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
    opening = unicodedata.normalize("NFKC", visible(text).lstrip()[:1])
    return "'" + text if opening.startswith(_FORMULA) or text[:1] in ("\t", "\r", "\n") else text
