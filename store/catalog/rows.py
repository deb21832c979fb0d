"""Rows of the catalog's tables as records. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import RowMapping

from store.records import Correction, Dating, Document, Event, Mention, Section


def to_document(row: RowMapping) -> Document:
    return Document(
        id=row["id"],
        source=row["source"],
        title=row["title"],
        symbol=row["symbol"],
        date=row["date"],
        date_inferred=row["date_inferred"],
        language=row["language"],
        version=row["version"],
        content_hash=row["content_hash"],
        ingested_at=_aware(row["ingested_at"]),
        found=row["found"] or {},
        notes=tuple(row["notes"] or ()),
        audience=row["audience"],
    )


def to_section(row: RowMapping) -> Section:
    return Section(
        document_id=row["document_id"],
        number=row["number"],
        ordinal=row["ordinal"],
        position=row["position"],
        heading=row["heading"],
        text=row["text"],
        raw=row["raw"],
        offsets=tuple((int(a), int(b)) for a, b in row["offsets"]),
        page=row["page"],
    )


def to_event(row: RowMapping) -> Event:
    return Event(
        id=row["id"],
        document_id=row["document_id"],
        title=row["title"],
        kind=row["kind"],
        mentions=tuple(_to_mention(m) for m in row["mentions"]),
        location=row["location"],
        chain_id=row["chain_id"],
    )


def to_correction(row: RowMapping) -> Correction:
    values = dict(row)
    dating = Dating(*(values.pop(name) for name in ("document_id", "sentence", "text", "ordinal")))
    return Correction(dating, **{**values, "at": _aware(values["at"])})


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; what is written is UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _to_mention(values: Mapping[str, Any]) -> Mention:
    dates = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("start", "end")}
    return Mention(**{**values, **dates})
