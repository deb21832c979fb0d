"""Correcting an entry of the register: found by its id, corrected or taken back, kept in the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.errors import CorrectionError, UnknownEntry
from bot.register import Corrected, RegisterEntry, build_register
from bot.register_corrections import Change, corrected, datings, matched, merged, taken_back
from store.catalog import Catalog
from store.corrections import save
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
    known = _read(catalog, today)
    entry = known.entry(beginning)
    dating = known.dating(entry)

    def make(before: Correction | None) -> Correction:
        return merged(entry, dating, before, change, by, datetime.now(UTC))

    kept = save(catalog, dating, make)
    after = None if kept.no_event else _read(catalog, today).entries.get(entry.id)
    return after or replace(entry, corrected=Corrected(kept.by, kept.at), revision=kept.revision)


def undo(catalog: Catalog, beginning: str, by: str, today: date) -> RegisterEntry:
    """Take back what was corrected in the entry whose id begins so; return it as the documents have it.

    Raises UnknownEntry, StoreError.
    """
    known = _read(catalog, today)
    changed = {event.id: correction for event, _, correction in known.corrections if not correction.empty}
    chosen = _one(beginning, [*changed, *known.entries])
    if chosen not in changed:
        raise UnknownEntry(f"the entry {chosen[:8]} was not corrected; there is nothing to undo")
    undone = taken_back(changed[chosen], by, datetime.now(UTC))
    save(catalog, undone.dating, lambda _: undone)
    now = _read(catalog, today)
    entry = now.entries.get(chosen) or now.holding(chosen)
    if entry is None:
        raise UnknownEntry(f"the correction of {chosen[:8]} is taken back; its document dates it no more")
    return entry


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

    def dating(self, entry: RegisterEntry) -> Dating:
        """Return what names the dating of an entry: that which was corrected so far, if one was."""
        before = next((c for event, _, c in self.corrections if event.id == entry.id), None)
        if before is not None:
            return before.dating
        for event, names in zip(self.events, datings(self.events, self.sections), strict=True):
            named = next((name for name in names if name is not None), None)
            if event.id == entry.id and named is not None:
                return named
        raise UnknownEntry(
            f"the entry {entry.id[:8]} is gone meanwhile", "`itubot deadlines --all` shows what is there"
        )

    def holding(self, event_id: str) -> RegisterEntry | None:
        """Return the entry that an event which does not lead it is part of."""
        event = next(event for event in self.events if event.id == event_id)
        own = {(mention.section_id, mention.text) for mention in event.mentions}
        return next(
            (e for e in self.entries.values() if own & {(m.section_id, m.text) for m in e.mentions}), None
        )


def _read(catalog: Catalog, today: date) -> _Known:
    with catalog.snapshot() as view:
        events = view.events()
        sections = view.sections([m.section_id for event in events for m in event.mentions])
        corrections = view.corrections()
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
