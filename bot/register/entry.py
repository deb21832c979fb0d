"""One entry of the register, with its status as of a day. Pure data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from store.records import Bound, Correction, Dating, Kind, Precision

Status = Literal["scheduled", "postponed", "cancelled", "past", "unknown"]


@dataclass(frozen=True, slots=True)
class EntryMention:
    """One mention of the entry's event; `quote` is its sentence, verbatim.

    `heading`, `page` and `section_id` are the section's own.
    """

    source: str
    section: str
    text: str
    start: date | None
    end: date | None
    quote: str
    heading: str = ""
    page: int | None = None
    section_id: str = ""


@dataclass(frozen=True, slots=True)
class LastCorrection:
    """The last correction of an entry: `by` is a login name, or "@" and a person's id in Slack.

    `datings` are all corrected datings of the entry.
    """

    by: str
    at: datetime
    revision: int = 0
    datings: tuple[Dating, ...] = ()

    @classmethod
    def of(cls, corrections: Sequence[Correction]) -> LastCorrection | None:
        """Return the last of one entry's corrections, latest first; None without any."""
        if not corrections:
            return None
        last = corrections[0]
        return cls(last.by, last.at, last.revision, tuple(one.dating for one in corrections))


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One dating of one event, as of a day. `start` and `end` are inclusive; the first mention dates it.

    Datings of the same event share a `chain_id`; a superseded one names its successor in
    `rescheduled_to`. `likely_past`: an approximate end that has passed, though not by much.
    `tentative`: a document only proposes this dating, and none states it without reserve. `generation` is
    the state of the store that it comes from.
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
    tentative: bool = False
    corrected: LastCorrection | None = None
    generation: int = 0

    @property
    def first_day(self) -> date | None:
        """The day to be ready for: the last one of "by", else the first."""
        return self.end or self.start if self.bound == "by" else self.start or self.end

    @property
    def last_day(self) -> date | None:
        """The last day on which the entry is not over."""
        return self.end or self.start

    @property
    def is_off(self) -> bool:
        """Whether its dates no longer hold: moved, postponed or cancelled."""
        return self.rescheduled_to is not None or self.status in {"postponed", "cancelled"}

    def is_over(self, as_of: date) -> bool:
        """Return whether the entry must not be shown as upcoming.

        `as_of` may be later than the day for which the register was built, so the status alone is not enough.
        """
        last = self.last_day
        return self.status == "past" or self.likely_past or (last is not None and last < as_of)
