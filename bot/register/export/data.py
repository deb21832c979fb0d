"""The register as CSV for spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

from bot.register import RegisterEntry
from bot.results import Event
from bot.safe_text import visible

CSV_COLUMNS = (
    "title quoted kind start end time timezone bound precision approximate year_inferred recurrence status tentative "
    "likely_past rescheduled_to location source document section quote id chain_id corrected_by corrected_at"
).split()

# A cell that opens with one of these may be a formula to a spreadsheet (OWASP, "CSV Injection"), also in its full width
# or after what cannot be seen.
_FORMULA = ("=", "+", "-", "@")


def to_csv(entries: Iterable[RegisterEntry]) -> str:
    """Return the register as CSV (RFC 4180, with a header), in the order given."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for entry in entries:
        row = Event.model_validate(entry).model_dump(mode="json")
        corrected = row["corrected"] or {}
        row |= {f"corrected_{name}": value for name, value in corrected.items()}
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    opening = unicodedata.normalize("NFKC", visible(text).lstrip()[:1])
    return "'" + text if opening.startswith(_FORMULA) or text[:1] in ("\t", "\r", "\n") else text
