"""Correcting an entry of the register: found by its id, corrected or taken back, kept in the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.errors import CorrectionError, UnknownEntry
from bot.register import Corrected, RegisterEntry, build_register
from bot.register.corrections import Change, corrected, datings, matched, merged
from store.catalog.corrections import changing, put, remove
from store.catalog.reading import Catalog, Snapshot
from store.records import Correction, Dating, Event, Section

# Fewer characters of an id are too easily another entry's.
SHORTEST = 6
_NAMED = 3


def correct(catalog: Catalog, beginning: str, change: Change, by: str, today: date) -> RegisterEntry:
    """Correct the entry whose id begins so, and return it as it is now; one made no event, as it last was.

    Raises UnknownEntry, CorrectionError, StoreError.
    """
    if not change:
        raise CorrectionError(
            "say what to correct: a title, a kind, a start, an end, a status, or that it is no event"
        )
    with changing(catalog) as view:
        known = _read(view, today)
        entry = known.entry(beginning)
        dating, before = known.dating(entry)
        kept = put(view, merged(entry, dating, before, change, by, datetime.now(UTC)))
        if kept.no_event:
            return replace(entry, corrected=Corrected.of([kept]))
        after = _read(view, today).corrected(dating)
        if after is None:
            raise UnknownEntry(f"the entry {entry.id[:8]} was taken out of the register")
        _refuse_without_effect(change, after)
    return after


def undo(catalog: Catalog, beginning: str, today: date, revision: int | None = None) -> RegisterEntry:
    """Take back what was corrected in the entry whose id begins so; return it as the documents have it.

    With a `revision`, only that correction, if it is still the last. Raises UnknownEntry, CorrectionError, StoreError.
    """
    with changing(catalog) as view:
        known = _read(view, today)
        own = {event.id: correction for event, _, correction in known.corrections}
        chosen = _one(beginning, [*own, *known.entries])
        entry = known.entries.get(chosen) or known.corrected(own[chosen].dating)
        said = entry.corrected if entry else Corrected.of([own[chosen]])
        if said is None:
            raise UnknownEntry(f"the entry {chosen[:8]} was not corrected; there is nothing to undo")
        if revision is not None and revision != said.revision:
            raise CorrectionError(
                "it was corrected again since then; its details show by whom, and undo that"
            )
        remove(view, said.datings)
        now = _read(view, today)
        entry = now.entries.get(chosen) or now.holding(chosen)
    if entry is None:
        raise UnknownEntry(f"the correction of {chosen[:8]} is taken back; its document dates it no more")
    return entry


def _refuse_without_effect(change: Change, entry: RegisterEntry) -> None:
    """Raise CorrectionError where the entry is not scheduled though it was to be: only a day makes it so."""
    if change.status != "scheduled" or entry.status == "scheduled":
        return
    if entry.rescheduled_to is not None:
        why = f"a later date of it is known; correct the entry {entry.rescheduled_to[:8]}"
    elif entry.start is None:
        why = "it has no date; give its day too"
    else:
        why = "its days are over; give the new ones too"
    raise CorrectionError(f"this entry cannot be scheduled: {why}", "status")


@dataclass(frozen=True, slots=True)
class _Known:
    """The register as of today, with what it was made from."""

    events: list[Event]
    sections: dict[str, Section]
    corrections: list[tuple[Event, int, Correction]]
    entries: dict[str, RegisterEntry]

    def entry(self, beginning: str) -> RegisterEntry:
        gone = [event.id for event, _, correction in self.corrections if correction.no_event]
        chosen = _one(beginning, [*self.entries, *gone])
        if chosen not in self.entries:
            way = f"`itubot correct {chosen[:8]} --undo` brings it back"
            raise UnknownEntry(f"the entry {chosen[:8]} was taken out of the register", way)
        return self.entries[chosen]

    def dating(self, entry: RegisterEntry) -> tuple[Dating, Correction | None]:
        """Return what names the dating of an entry, and how it was corrected so far."""
        before = next((c for event, _, c in self.corrections if event.id == entry.id), None)
        if before is not None:
            return before.dating, before
        for event, names in zip(self.events, datings(self.events, self.sections), strict=True):
            named = next((name for name in names if name is not None), None)
            if event.id == entry.id and named is not None:
                return named, None
        raise UnknownEntry(
            f"the entry {entry.id[:8]} is gone meanwhile", "`itubot deadlines --all` shows what is there"
        )

    def corrected(self, dating: Dating) -> RegisterEntry | None:
        """Return the entry whose corrections include that of a dating."""
        entries = self.entries.values()
        return next((e for e in entries if e.corrected and dating in e.corrected.datings), None)

    def holding(self, event_id: str) -> RegisterEntry | None:
        """Return the entry that an event which does not lead it is part of."""
        event = next(event for event in self.events if event.id == event_id)
        own = {(mention.section_id, mention.text) for mention in event.mentions}
        return next(
            (e for e in self.entries.values() if own & {(m.section_id, m.text) for m in e.mentions}), None
        )


def _read(view: Snapshot, today: date) -> _Known:
    events, corrections = view.events(), view.corrections()
    sections = view.sections([mention.section_id for event in events for mention in event.mentions])
    register = build_register(view.documents(), sections, corrected(events, sections, corrections), today)
    return _Known(
        events, sections, matched(events, sections, corrections), {entry.id: entry for entry in register}
    )


def _one(beginning: str, ids: Iterable[str]) -> str:
    """Return the one id that begins so. Raises UnknownEntry."""
    if len(beginning) < SHORTEST:
        raise UnknownEntry(f"{beginning!r} is too short for an id; give at least {SHORTEST} characters of it")
    found = sorted({one for one in ids if one.startswith(beginning.lower())})
    if not found:
        raise UnknownEntry(
            f"no entry of the register has an id that begins with {beginning!r}",
            "`itubot deadlines --all` shows the ids",
        )
    if len(found) > 1 and beginning.lower() not in found:
        some = ", ".join(found[:_NAMED]) + (" and others" if len(found) > _NAMED else "")
        raise UnknownEntry(
            f"several entries have an id that begins with {beginning!r}: {some}; give more of it"
        )
    return beginning.lower() if beginning.lower() in found else found[0]
