"""Reads the register from the catalog; makes, undoes and lists its corrections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.errors import CorrectionError, UnknownEntry
from bot.register import LastCorrection, RegisterEntry, build_register
from bot.register.corrections import (
    EntryEdit,
    apply_corrections,
    datings,
    match_corrections,
    merged_correction,
)
from store.catalog import Catalog, Snapshot, correction_transaction, delete_corrections, save_correction
from store.records import Correction, Dating, Event, Section

# Shorter prefixes of an id too easily match another entry.
SHORTEST_PREFIX = 6
# Ids that the error for an ambiguous prefix lists.
_LISTED_IDS = 3


@dataclass(frozen=True, slots=True)
class ListedCorrection:
    """A correction in force, with the id, title and source of its entry as in the document."""

    id: str
    title: str
    source: str
    correction: Correction


def load_register(snapshot: Snapshot, as_of: date) -> list[RegisterEntry]:
    """Return the corrected register as of a day."""
    events = snapshot.events()
    return _build(snapshot, events, _sections(snapshot, events), snapshot.corrections(), as_of)


def list_corrections(catalog: Catalog) -> list[ListedCorrection]:
    """Return the corrections of live documents, the latest first. Raises StoreError."""
    with catalog.snapshot() as snapshot:
        events = snapshot.events()
        matched = match_corrections(events, _sections(snapshot, events), snapshot.corrections())
        sources = {document.id: document.source for document in snapshot.documents()}
    found: dict[Dating, ListedCorrection] = {}
    for event, _, correction in matched:
        listed = ListedCorrection(event.id, event.title, sources[event.document_id], correction)
        found.setdefault(correction.dating, listed)
    return sorted(found.values(), key=lambda listed: listed.correction.revision, reverse=True)


def correct(catalog: Catalog, prefix: str, edit: EntryEdit, by: str, today: date) -> RegisterEntry:
    """Correct the entry whose id has this prefix, and return it corrected; a removed one as it last was.

    Raises UnknownEntry, CorrectionError, StoreError.
    """
    if not edit:
        raise CorrectionError(
            "say what to correct: a title, a kind, a start, an end, a status, or that it is no event"
        )
    with correction_transaction(catalog) as snapshot:
        register = _read(snapshot, today)
        entry = register.entry(prefix)
        dating, before = register.dating(entry)
        correction = save_correction(
            snapshot, merged_correction(entry, dating, before, edit, by, datetime.now(UTC))
        )
        if correction.no_event:
            return replace(entry, corrected=LastCorrection.of([correction]))
        after = _read(snapshot, today).corrected_entry(dating)
        if after is None:
            raise UnknownEntry(f"the entry {entry.id[:8]} was taken out of the register")
        _refuse_without_effect(edit, after)
    return after


def undo(catalog: Catalog, prefix: str, today: date, revision: int | None = None) -> RegisterEntry:
    """Undo the corrections of the entry whose id has this prefix; return it as the documents have it.

    With a `revision`, only where that is still its last correction; what is undone already stays as it is. Raises
    UnknownEntry, CorrectionError, StoreError.
    """
    with correction_transaction(catalog) as snapshot:
        register = _read(snapshot, today)
        chosen = _only_id(prefix, (event.id for event in register.events))
        last = register.last_correction(chosen)
        if last is None and revision is None:
            raise UnknownEntry(f"the entry {chosen[:8]} was not corrected; there is nothing to undo")
        if last is not None:
            if revision not in (None, last.revision):
                raise CorrectionError(
                    "it was corrected again since then; its details show by whom, and undo that"
                )
            delete_corrections(snapshot, last.datings)
            register = _read(snapshot, today)
        entry = register.entries.get(chosen)
    if entry is None:
        raise UnknownEntry(
            f"the correction of {chosen[:8]} is undone; its document has no date for it any more"
        )
    return entry


def _refuse_without_effect(edit: EntryEdit, entry: RegisterEntry) -> None:
    """Raise CorrectionError if the status "scheduled" has no effect without another date."""
    if edit.status != "scheduled" or entry.status == "scheduled":
        return
    if entry.rescheduled_to is not None:
        why = f"a later date of it is known; correct the entry {entry.rescheduled_to[:8]}"
    elif entry.start is None:
        why = "it has no date; give its day too"
    else:
        why = "its days are over; give the new ones too"
    raise CorrectionError(f"this entry cannot be scheduled: {why}", "status")


@dataclass(frozen=True, slots=True)
class _ReadRegister:
    """The register as of today, each entry under all of its ids, and the events, sections and corrections behind it."""

    events: list[Event]
    sections: dict[str, Section]
    corrections: list[tuple[Event, int, Correction]]
    entries: dict[str, RegisterEntry]

    def entry(self, prefix: str) -> RegisterEntry:
        """Return the only entry whose id has this prefix. Raises UnknownEntry."""
        removed = [event.id for event, _, correction in self.corrections if correction.no_event]
        chosen = _only_id(prefix, [*self.entries, *removed])
        if chosen not in self.entries:
            hint = f"`itubot correct {chosen[:8]} --undo` brings it back"
            raise UnknownEntry(f"the entry {chosen[:8]} was taken out of the register", hint)
        return self.entries[chosen]

    def dating(self, entry: RegisterEntry) -> tuple[Dating, Correction | None]:
        """Return the dating of an entry, and its present correction. Raises UnknownEntry."""
        before = next((c for event, _, c in self.corrections if event.id == entry.id), None)
        if before is not None:
            return before.dating, before
        for event, event_datings in zip(self.events, datings(self.events, self.sections), strict=True):
            first = next((dating for dating in event_datings if dating is not None), None)
            if event.id == entry.id and first is not None:
                return first, None
        raise UnknownEntry(
            f"the entry {entry.id[:8]} is gone meanwhile", "`itubot deadlines --all` shows what is there"
        )

    def last_correction(self, event_id: str) -> LastCorrection | None:
        """Return the last correction of the entry of an event, None where it has none."""
        own = next((correction for event, _, correction in self.corrections if event.id == event_id), None)
        entry = self.entries.get(event_id) or (self.corrected_entry(own.dating) if own else None)
        if entry is None and own is not None:
            return LastCorrection.of([own])
        return entry.corrected if entry else None

    def corrected_entry(self, dating: Dating) -> RegisterEntry | None:
        """Return the entry whose corrections include that of a dating."""
        entries = self.entries.values()
        return next((e for e in entries if e.corrected and dating in e.corrected.datings), None)


def _read(snapshot: Snapshot, today: date) -> _ReadRegister:
    events, corrections = snapshot.events(), snapshot.corrections()
    sections = _sections(snapshot, events)
    built = _build(snapshot, events, sections, corrections, today)
    entries = {one: entry for entry in built for one in entry.ids}
    return _ReadRegister(events, sections, match_corrections(events, sections, corrections), entries)


def _build(
    snapshot: Snapshot,
    events: Sequence[Event],
    sections: Mapping[str, Section],
    corrections: Sequence[Correction],
    as_of: date,
) -> list[RegisterEntry]:
    corrected = apply_corrections(events, sections, corrections)
    return build_register(snapshot.documents(), sections, corrected, as_of, snapshot.generation)


def _sections(snapshot: Snapshot, events: Iterable[Event]) -> dict[str, Section]:
    return snapshot.sections([mention.section_id for event in events for mention in event.mentions])


def _only_id(prefix: str, ids: Iterable[str]) -> str:
    """Return the only id with this prefix. Raises UnknownEntry."""
    if len(prefix) < SHORTEST_PREFIX:
        raise UnknownEntry(
            f"{prefix!r} is too short for an id; give at least {SHORTEST_PREFIX} characters of it"
        )
    found = sorted({one for one in ids if one.startswith(prefix.lower())})
    if not found:
        raise UnknownEntry(
            f"no entry of the register has an id that begins with {prefix!r}",
            "`itubot deadlines --all` shows the ids",
        )
    if prefix.lower() in found:
        return prefix.lower()
    if len(found) > 1:
        some = ", ".join(found[:_LISTED_IDS]) + (" and others" if len(found) > _LISTED_IDS else "")
        raise UnknownEntry(f"several entries have an id that begins with {prefix!r}: {some}; give more of it")
    return found[0]
