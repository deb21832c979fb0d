"""The register for other programs: JSON as the contract has it, and CSV for spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.register import RegisterEntry

CSV_COLUMNS = (
    "title",
    "kind",
    "start",
    "end",
    "time",
    "timezone",
    "bound",
    "precision",
    "approximate",
    "year_inferred",
    "recurrence",
    "status",
    "tentative",
    "likely_past",
    "rescheduled_to",
    "location",
    "source",
    "document",
    "section",
    "quote",
    "id",
    "chain_id",
    "corrected_by",
    "corrected_at",
)

# A cell that opens with one of these is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _corrected(entry: RegisterEntry) -> dict[str, str] | None:
    said = entry.corrected
    return {"by": said.by, "at": said.at.isoformat(timespec="seconds")} if said else None


def entry_json(entry: RegisterEntry) -> dict[str, Any]:
    """Return one row of `itubot deadlines --json`. Dates are ISO 8601 strings or None."""
    return {
        "id": entry.id,
        "chain_id": entry.chain_id,
        "title": entry.title,
        "kind": entry.kind,
        "start": _iso(entry.start),
        "end": _iso(entry.end),
        "time": entry.time,
        "timezone": entry.timezone,
        "bound": entry.bound,
        "precision": entry.precision,
        "approximate": entry.approximate,
        "year_inferred": entry.year_inferred,
        "recurrence": entry.recurrence,
        "status": entry.status,
        "tentative": entry.tentative,
        "corrected": _corrected(entry),
        "likely_past": entry.likely_past,
        "rescheduled_to": entry.rescheduled_to,
        "location": entry.location,
        "source": entry.source,
        "document": entry.document,
        "section": entry.section,
        "quote": entry.quote,
        "mentions": [
            {
                "source": mention.source,
                "section": mention.section,
                "text": mention.text,
                "start": _iso(mention.start),
                "end": _iso(mention.end),
                "quote": mention.quote,
            }
            for mention in entry.mentions
        ],
    }


def to_json(entries: Iterable[RegisterEntry]) -> str:
    """Return the register as one JSON array, a row a line, in the order given."""
    # Indenting would take the slow encoder: five times as long for ten thousand rows.
    rows = [json.dumps(entry_json(entry), ensure_ascii=False) for entry in entries]
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def to_csv(entries: Iterable[RegisterEntry]) -> str:
    """Return the register as CSV (RFC 4180, with a header), in the order given."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for entry in entries:
        row = entry_json(entry)
        said = row["corrected"] or {}
        row |= {"corrected_by": said.get("by"), "corrected_at": said.get("at")}
        writer.writerow([_cell(row[column]) for column in CSV_COLUMNS])
    return out.getvalue()
