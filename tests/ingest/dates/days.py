"""The days found in a text, in a short form."""

from __future__ import annotations

from datetime import date

from ingest.dates import find_dates


def days_in(text: str, reference: date) -> list[str]:
    """Return the days found in `text`, "first" or "first/last"."""
    return [
        str(e.start) if e.start == e.end else f"{e.start}/{e.end}"
        for e in find_dates(text, reference=reference)
        if e.kind == "date"
    ]
