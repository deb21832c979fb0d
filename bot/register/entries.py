"""The entries of the register: one for each dating of each event, with its status as of a day. Pure.

The status is computed here and never stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from store.records import Correction, Dating, Document, Event, Kind, Mention, Precision, Section, StatedDate

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
    language: str = "en"
    """Code of the document's language."""


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
        datings = tuple(correction.dating for correction in corrections)
        return cls(last.by, last.at, revision=last.revision, datings=datings)


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
    """Whether the end of the entry is approximate and has passed, though not long ago."""
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
    quoted: bool = False
    """Its title is a quotation of the document, which people see in quotation marks."""
    other_titles: tuple[tuple[str, str], ...] = ()
    """(code of a language, title) of the documents that state the date in another language than `title`."""

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
        """Whether the entry must not be shown as upcoming.

        `as_of` may be later than the day for which the register was built, so the status alone is not enough.
        """
        last = self.last_day
        return self.status == "past" or self.likely_past or (last is not None and last < as_of)


# From the most precise to the least, with the days for which an approximate end ("early 2022") is only likely past.
_LIKELY_PAST_DAYS: Mapping[Precision, int] = {
    "day": 7, "month": 14, "quarter": 31, "season": 45, "half": 45, "year": 60, "none": 0,
}  # fmt: skip
_PRECISIONS = tuple(_LIKELY_PAST_DAYS)


@dataclass
class _Dating:
    """One dating of a chain: the events that agree on it, oldest document first."""

    events: list[Event]
    called_off: Literal["postponed", "cancelled"] | None = None
    successor: _Dating | None = field(default=None, repr=False)

    @property
    def leading_event(self) -> Event:
        """The event whose date counts: the last with a corrected date, else the most precise; of equals, the latest."""

        def rank(event: Event) -> tuple[int, int]:
            # A corrected title does not hide the day that a later document states.
            correction = event.correction
            revision = correction.revision if correction and correction.start else 0
            return -revision, _PRECISIONS.index(event.mentions[0].precision)

        return min(reversed(self.events), key=rank)

    @property
    def corrections(self) -> list[Correction]:
        """Its corrections, the last first."""
        corrections = [event.correction for event in self.events if event.correction is not None]
        return sorted(corrections, key=lambda correction: -correction.revision)


def build_register(
    documents: Sequence[Document],
    sections_by_id: Mapping[str, Section],
    events: Sequence[Event],
    as_of: date,
    generation: int = 0,
) -> list[RegisterEntry]:
    """Return one entry for each dating of each event, by date; entries without a date come last.

    Datings of one chain are ordered by the dates of their documents. If a later document gives another date, or the
    same document moves it, the earlier entry names the later one in `rescheduled_to`. `as_of` moves the clock only:
    later documents count. Mentions of unknown sections are left out. `events` have their corrections applied
    (`apply_corrections`), except for the corrected status, which is applied here.
    """
    known = {document.id: document for document in documents}
    chains: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.document_id in known and event.mentions:
            chains[event.chain_id or event.id].append(event)
    entries: list[RegisterEntry] = []
    for chain_id, chain in chains.items():
        # Undated documents count as the oldest: they never supersede a dated one. The English version of a document
        # counts as the last, since the register is shown in English. Of one document, the old date comes first.
        chain.sort(
            key=lambda event: (
                known[event.document_id].date or date.min, known[event.document_id].language == "en",
                _called_off(event) is None,
            )
        )  # fmt: skip
        for dating in _datings(chain, known):
            entry = _entry(dating, chain_id, known, sections_by_id, as_of)
            if entry is not None:
                entries.append(replace(entry, generation=generation))
    return sorted(entries, key=lambda e: (e.start or date.max, e.end or date.max, e.title, e.id))


def select(
    entries: Sequence[RegisterEntry],
    as_of: date,
    start: date | None = None,
    end: date | None = None,
    kind: Kind | None = None,
    include_past: bool = False,
) -> list[RegisterEntry]:
    """Return the entries of the period from `start` (by default `as_of`) to `end`, in order.

    First entries that overlap the period, by date, also those known only to a month or a year. Then those postponed or
    cancelled without a new date, whatever the period; then, in a period without an end, those without a date. Past and
    superseded entries only with `include_past`, which also opens the period backwards if `start` is not given.
    """
    first = start if start is not None else (date.min if include_past else as_of)
    last = end if end is not None else date.max
    dated, called_off, undated = [], [], []
    for entry in entries:
        if kind is not None and entry.kind != kind:
            continue
        if not include_past and (entry.status == "past" or entry.rescheduled_to is not None):
            continue
        if entry.status in ("postponed", "cancelled") and entry.rescheduled_to is None:
            called_off.append(entry)
        elif entry.start is None or entry.end is None:
            undated.append(entry)
        elif entry.start <= last and (entry.end >= first or entry.bound == "from"):
            dated.append(entry)
    return dated + called_off + (undated if end is None else [])


def _datings(chain: Sequence[Event], documents: Mapping[str, Document]) -> list[_Dating]:
    """Return the datings of a chain; `chain` is its events, oldest document first."""
    datings: list[_Dating] = []
    for event in chain:
        called_off = _called_off(event)
        # An event without a date belongs to the valid dating.
        if event.mentions[0].start is None and datings:
            current = next((dating for dating in reversed(datings) if dating.successor is None), datings[-1])
            current.events.append(event)
            current.called_off = called_off or current.called_off
            continue
        agreeing = next((d for d in datings if d.successor is None and _agree(d, event)), None)
        if agreeing is not None:
            agreeing.events.append(event)
            # The later document decides: it may call off the event, or plan it again.
            agreeing.called_off = called_off
            continue
        # Another date: it supersedes the datings of older documents, and those called off.
        new = _Dating([event], called_off)
        for earlier in datings:
            if earlier.successor is None and _supersedes(new, earlier, documents):
                earlier.successor = new
        datings.append(new)
    return datings


def _called_off(event: Event) -> Literal["postponed", "cancelled"] | None:
    cues = {mention.cue for mention in event.mentions}
    if "cancelled" in cues:
        return "cancelled"
    return "postponed" if "postponed" in cues else None


def _agree(dating: _Dating, event: Event) -> bool:
    """Whether the dates of one contain those of the other, so that both may be true."""
    ours, theirs = dating.leading_event.mentions[0], event.mentions[0]
    if ours.start is None or ours.end is None:
        return theirs.start is None or dating.called_off is None
    if theirs.start is None or theirs.end is None:
        return False
    inner = theirs.start >= ours.start and theirs.end <= ours.end
    outer = theirs.start <= ours.start and theirs.end >= ours.end
    # A postponed meeting that a later document dates to the year has a new date, not its old one.
    if dating.called_off is not None and _called_off(event) is None:
        return inner and outer
    return inner or outer


def _supersedes(new: _Dating, earlier: _Dating, documents: Mapping[str, Document]) -> bool:
    if earlier.called_off is not None:
        return True
    before, after = (documents[dating.events[-1].document_id] for dating in (earlier, new))
    return (before.date or date.min) < (after.date or date.min)


def _entry(
    dating: _Dating,
    chain_id: str,
    documents: Mapping[str, Document],
    sections: Mapping[str, Section],
    as_of: date,
) -> RegisterEntry | None:
    """Return the entry of a dating, None if all its mentions are in unknown sections."""
    event = dating.leading_event
    mentions = [
        (mention, documents[stating.document_id], sections[mention.section_id])
        for stating in [event, *(e for e in dating.events if e is not event)]
        for mention in stating.mentions
        if mention.section_id in sections
    ]
    if not mentions:
        return None
    best = mentions[0][0]
    entry_mentions = tuple(
        EntryMention(
            source=d.source,
            section=s.number,
            text=m.text,
            start=m.start,
            end=m.end,
            quote=quote(m, s),
            heading=s.heading,
            page=s.page,
            section_id=m.section_id,
            language=d.language,
        )
        for m, d, s in mentions
    )
    corrections = dating.corrections
    corrected_title = next((c.title for c in corrections if c.title), None)
    titles = {documents[stating.document_id].language: stating.title for stating in dating.events}
    own_language = documents[event.document_id].language
    kind = next((c.kind for c in corrections if c.kind), event.kind)
    status = _status(dating, best, [(m, d) for m, d, _section in mentions], as_of)
    return RegisterEntry(
        id=event.id,
        chain_id=chain_id,
        title=corrected_title or event.title,
        quoted=event.quoted and corrected_title is None,
        kind=kind,
        **best.stated(bound="by" if kind == "deadline" and best.bound == "on" else best.bound),
        status=status,
        likely_past=status == "past"
        and best.approximate
        and best.end is not None
        and 0 < (as_of - best.end).days <= _LIKELY_PAST_DAYS[best.precision],
        rescheduled_to=dating.successor.leading_event.id if dating.successor else None,
        location=next((e.location for e in [event, *reversed(dating.events)] if e.location), None),
        document=documents[event.document_id].title,
        mentions=entry_mentions,
        tentative=best.tentative
        and all(
            m.tentative or (m.start, m.end) != (best.start, best.end) for m, _document, _section in mentions
        ),
        corrected=LastCorrection.of(corrections),
        former_ids=tuple(other.id for other in dating.events if other is not event),
        other_titles=()
        if corrected_title
        else tuple((language, title) for language, title in titles.items() if language != own_language),
    )


def _status(
    dating: _Dating, best: Mention, mentions: Sequence[tuple[Mention, Document]], as_of: date
) -> Status:
    """Return the status as of a day; `best` is the mention that dates the entry.

    In this order: a corrected status; called off; moved; without a date; over; stated as done.
    """
    corrected = next((c.status for c in dating.corrections if c.status), None)
    if corrected is not None and corrected != "scheduled":
        return corrected
    if dating.called_off is not None and corrected is None:
        return dating.called_off
    if dating.successor is not None:
        return "postponed"
    if best.start is None or best.end is None:
        return "unknown"
    if best.cue == "unclear":
        return "unknown"
    if best.end < as_of:
        return "past"
    done = any(
        mention.cue == "done" and document.date is not None and best.start <= document.date <= as_of
        for mention, document in mentions
    )
    return "past" if done else "scheduled"


def quote(mention: Mention, section: Section) -> str:
    """Return the sentence of `mention`, verbatim; for a date in the heading it is the heading."""
    return section.quote(mention.sentence_start, mention.sentence_end) or section.heading
