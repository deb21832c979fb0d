"""The register of dates: every event of the documents, with its status as of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from store.records import Bound, Kind, Precision

Status = Literal["scheduled", "postponed", "cancelled", "past", "unknown"]


@dataclass(frozen=True, slots=True)
class EntryMention:
    """One place that speaks of the entry's event; `quote` is its sentence, verbatim."""

    source: str
    section: str
    text: str
    start: date | None
    end: date | None
    quote: str


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One dating of one event, as of a day. `start` and `end` are inclusive.

    Datings of the same event share a `chain_id`; a superseded one names its successor in
    `rescheduled_to`. `likely_past`: an approximate end that has passed, though not by much.
    """

    id: str
    chain_id: str
    title: str
    kind: Kind
    start: date | None
    end: date | None
    time: str | None
    timezone: str | None
    bound: Bound
    precision: Precision
    approximate: bool
    year_inferred: bool
    recurrence: str | None
    status: Status
    likely_past: bool
    rescheduled_to: str | None
    location: str | None
    source: str
    document: str
    section: str
    quote: str
    mentions: tuple[EntryMention, ...] = ()
