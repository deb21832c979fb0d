"""Rows of the catalog's tables as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import RowMapping

from store.records import Correction, Dating, Document, Event, Mention, Section

_DOCUMENT = tuple(each.name for each in fields(Document))
_SECTION = tuple(each.name for each in fields(Section) if each.name != "part_of")
_EVENT = tuple(each.name for each in fields(Event) if each.name != "correction")


def to_document(row: RowMapping) -> Document:
    """Return the document of a row of `documents`."""
    values = {name: row[name] for name in _DOCUMENT}
    values |= {"ingested_at": _aware(row["ingested_at"]), "found": row["found"] or {}}
    return Document(**{**values, "notes": tuple(row["notes"] or ())})


def to_section(row: RowMapping) -> Section:
    """Return the section of a row of `sections`."""
    offsets = tuple((int(a), int(b)) for a, b in row["offsets"])
    return Section(**{**{name: row[name] for name in _SECTION}, "offsets": offsets})


def to_event(row: RowMapping) -> Event:
    """Return the event of a row of `events`."""
    mentions = tuple(_to_mention(values) for values in row["mentions"])
    return Event(**{**{name: row[name] for name in _EVENT}, "mentions": mentions})


def to_correction(row: RowMapping) -> Correction:
    """Return the correction of a row of `corrections`."""
    values = dict(row)
    dating = Dating(*(values.pop(name) for name in ("document_id", "sentence", "text", "ordinal")))
    return Correction(dating, **{**values, "at": _aware(values["at"])})


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; what is written is UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _to_mention(values: Mapping[str, Any]) -> Mention:
    dates = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("start", "end")}
    return Mention(**{**values, **dates})
