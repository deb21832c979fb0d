"""One entry of the register, with its status as of a day. Pure data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from store.records import Correction, Dating, Kind, StatedDate

Status = Literal["scheduled", "postponed", "cancelled", "past", "unknown"]


@dataclass(frozen=True, slots=True)
class EntryMention:
    """One mention of an entry's event; `heading` and `page` are those of its section."""

    source: str
    section: str
    """Number of the paragraph: "2.3"."""
    text: str
    """The date expression, verbatim."""
    start: date | None
    end: date | None
    quote: str
    """The sentence, verbatim."""
    heading: str = ""
    page: int | None = None
    section_id: str = ""


@dataclass(frozen=True, slots=True)
class LastCorrection:
    """The last correction of an entry."""

    by: str
    """A login name, or "@" and a user id of Slack."""
    at: datetime
    revision: int = 0
    datings: tuple[Dating, ...] = ()
    """All corrected datings of the entry."""

    @classmethod
    def of(cls, corrections: Sequence[Correction]) -> LastCorrection | None:
        """Return the first of an entry's corrections, which are ordered latest first; None if it has none."""
        if not corrections:
            return None
        last = corrections[0]
        return cls(last.by, last.at, last.revision, tuple(one.dating for one in corrections))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry(StatedDate):
    """One dating of one event, with its status as of a day."""

    id: str
    chain_id: str
    """Shared by all datings of the event."""
    title: str
    kind: Kind
    status: Status
    likely_past: bool
    """Its end is approximate and has passed, though not long ago."""
    rescheduled_to: str | None
    """Id of the entry that supersedes it."""
    location: str | None
    document: str
    """Title of the document that dates it."""
    mentions: tuple[EntryMention, ...]
    """The first one dates the entry; there is at least one."""
    tentative: bool = False
    """A document proposes this dating, and none states it without reserve."""
    corrected: LastCorrection | None = None
    generation: int = 0
    """Generation of the store that it was read from."""
    former_ids: tuple[str, ...] = ()
    """Ids of its other events. One of them was `id` before a later document stated the date too."""

    @property
    def source(self) -> str:
        """The file name of the document that dates it."""
        return self.mentions[0].source

    @property
    def section(self) -> str:
        """The number of the paragraph that dates it."""
        return self.mentions[0].section

    @property
    def quote(self) -> str:
        """The sentence that dates it."""
        return self.mentions[0].quote

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id under which it may be known, the present one first."""
        return (self.id, *self.former_ids)

    @property
    def sources(self) -> frozenset[str]:
        """The file names of all documents that mention its event."""
        return frozenset(mention.source for mention in self.mentions)

    @property
    def first_day(self) -> date | None:
        """The day to be ready for: for a deadline ("by") its last day, else the first one."""
        return self.end or self.start if self.bound == "by" else self.start or self.end

    @property
    def last_day(self) -> date | None:
        """The last day, after which the entry is over."""
        return self.end or self.start

    @property
    def is_off(self) -> bool:
        """Whether its dates are no longer valid: moved, postponed or cancelled."""
        return self.rescheduled_to is not None or self.status in {"postponed", "cancelled"}

    def is_over(self, as_of: date) -> bool:
        """Return whether the entry must not be shown as upcoming.

        `as_of` may be later than the day for which the register was built, so the status alone is not enough.
        """
        last = self.last_day
        return self.status == "past" or self.likely_past or (last is not None and last < as_of)
