"""The register as read from the catalog, with its corrections; makes, undoes and lists these.

A correction refers to a dating: the words that date an event. It is in force as long as a live document has them, and
is applied to the events before the register is built.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.errors import CorrectionError, UnknownEntry
from bot.locales import _
from bot.register import LastCorrection, RegisterEntry, build_register
from bot.register.wording import day
from bot.safe_text import visible
from store.catalog import Catalog, Snapshot
from store.publication import correction_transaction, delete_corrections, save_correction
from store.records import CorrectedStatus, Correction, Cue, Dating, Event, Kind, Mention, Section, redacted

LONGEST_TITLE = 300
# A year outside of these is a typing error.
FIRST_YEAR, LAST_YEAR = 1900, 2200

_CUES: Mapping[CorrectedStatus, Cue | None] = {
    "scheduled": None,
    "postponed": "postponed",
    "cancelled": "cancelled",
    "past": "done",
}


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """New values of an entry; None leaves a value as it is."""

    title: str | None = None
    kind: Kind | None = None
    start: date | None = None
    end: date | None = None
    status: CorrectedStatus | None = None
    no_event: bool = False

    def __bool__(self) -> bool:
        return self != EntryEdit()


def datings(events: Sequence[Event], sections: Mapping[str, Section]) -> list[list[Dating | None]]:
    """Return the datings of each event's mentions, in order; None where the section is unknown."""
    # Mentions with the same words, as (position in the document, index of the event, index of the mention).
    alike: defaultdict[tuple[str, str, str], list[tuple[tuple[int, int, int], int, int]]] = defaultdict(list)
    found: list[list[Dating | None]] = [[None] * len(event.mentions) for event in events]
    for number, event in enumerate(events):
        for index, mention in enumerate(event.mentions):
            section = sections.get(mention.section_id)
            if section is not None:
                words = (event.document_id, _dated_words(mention, section), mention.text)
                position = (section.position, mention.sentence_start, mention.offset)
                alike[words].append((position, number, index))
    for (document_id, sentence, text), same in alike.items():
        # Numbered in reading order, not by event id: ids may differ when the document is read again.
        for ordinal, (_position, number, index) in enumerate(sorted(same)):
            found[number][index] = Dating(document_id, sentence, text, ordinal)
    return found


def match_corrections(
    events: Sequence[Event], sections: Mapping[str, Section], corrections: Iterable[Correction]
) -> list[tuple[Event, int, Correction]]:
    """Return (event, index of its corrected mention, latest correction) for each corrected event."""
    by_dating = {correction.dating: correction for correction in corrections}
    documents = {dating.document_id for dating in by_dating}
    candidates = [event for event in events if event.document_id in documents]
    found = []
    for event, event_datings in zip(candidates, datings(candidates, sections), strict=True):
        corrected = [
            (replace(correction, dating=dating), index)
            for index, dating in enumerate(event_datings)
            if dating and (correction := by_dating.get(dating) or by_dating.get(_redacted_dating(dating)))
        ]
        if corrected:
            correction, index = max(corrected, key=lambda pair: pair[0].revision)
            found.append((event, index, correction))
    return found


def apply_corrections(
    events: Sequence[Event], sections: Mapping[str, Section], corrections: Iterable[Correction]
) -> list[Event]:
    """Return the events with their corrections applied.

    Events of the same chain that repeat the corrected dating, or state it less precisely, are corrected too: otherwise
    their date would appear beside the corrected one or replace it. A more precise dating is new information and stays.
    """
    found = match_corrections(events, sections, corrections)
    if not found:
        return list(events)
    changed: dict[int, Event | None] = {}
    chains: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        chains[event.chain_id or event.id].append(event)
    own = {id(event) for event, _index, _correction in found}
    for event, index, correction in found:
        changed[id(event)] = _apply_correction(event, correction, index)
        for other in chains[event.chain_id or event.id]:
            if id(other) not in own and _repeats(other, event, correction):
                changed[id(other)] = _apply_correction(other, correction)
    return [current for event in events if (current := changed.get(id(event), event)) is not None]


def validated(edit: EntryEdit) -> EntryEdit:
    """Return the edit with its title normalized. Raises CorrectionError for values that no entry can have."""
    for field, value in (("start", edit.start), ("end", edit.end)):
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise CorrectionError(
                _(
                    "the year of a date lies between {first} and {last}, not {year}",
                    first=FIRST_YEAR,
                    last=LAST_YEAR,
                    year=value.year,
                ),
                field,
            )
    if edit.title is None:
        return edit
    title = " ".join(visible(edit.title).split())
    if not any(character.isalpha() for character in title):
        raise CorrectionError(_("a title has at least one letter"), "title")
    if len(title) > LONGEST_TITLE:
        raise CorrectionError(_("a title has at most {most} characters", most=LONGEST_TITLE), "title")
    return replace(edit, title=title)


def merged_correction(
    entry: RegisterEntry, dating: Dating, before: Correction | None, edit: EntryEdit, by: str, at: datetime
) -> Correction:
    """Return the correction that applies `edit` to the entry, on top of the correction `before`.

    Raises CorrectionError.
    """
    edit = validated(edit)
    start, end = _edited_days(entry, edit)
    base = before if before is not None else Correction(dating, by, at)
    return replace(
        base,
        by=by,
        at=at,
        title=edit.title or base.title,
        kind=edit.kind or base.kind,
        start=start or base.start,
        end=end or base.end,
        status=edit.status or base.status,
        no_event=edit.no_event,
    )


def _edited_days(entry: RegisterEntry, edit: EntryEdit) -> tuple[date | None, date | None]:
    """Return the first and the last day of an edit; a missing one comes from the entry."""
    if edit.start is None and edit.end is None:
        return None, None
    exact = entry.precision == "day"
    start, end = edit.start, edit.end
    if start is None:
        start = entry.start if exact and entry.start else end
    if end is None and start is not None:
        several = exact and entry.start != entry.end and entry.end is not None
        end = entry.end if several and entry.end and entry.end > start else start
    if start and end and end < start:
        raise CorrectionError(
            _("the end, {end}, lies before the start, {start}", end=day(end), start=day(start)), "end"
        )
    return start, end


def _redacted_dating(dating: Dating) -> Dating:
    """Return a dating as it is stored after its document was removed."""
    return replace(dating, sentence=redacted(dating.sentence), text=redacted(dating.text))


def _dated_words(mention: Mention, section: Section) -> str:
    # A date in a heading has no sentence.
    words = section.text[mention.sentence_start : mention.sentence_end] or section.heading
    return " ".join(words.split())


def _apply_correction(event: Event, correction: Correction, index: int | None = None) -> Event | None:
    """Return the event with a correction applied, None if the correction says that it is no event.

    `index` is that of the corrected mention; None if the correction is of another event, which this one repeats.
    """
    if correction.no_event:
        return None
    mentions = list(event.mentions)
    if correction.start is not None:
        mentions.insert(0, _with_days(mentions.pop(index or 0), correction))
    if correction.status is not None:
        mentions = [replace(mention, cue=None) for mention in mentions]
        mentions[0] = replace(mentions[0], cue=_CUES[correction.status], tentative=False)
    corrected = replace(event, mentions=tuple(mentions))
    if index is None:
        return corrected
    title = correction.title or event.title
    kind = correction.kind or event.kind
    return replace(corrected, title=title, kind=kind, correction=correction)


def _repeats(other: Event, event: Event, correction: Correction) -> bool:
    """Whether another event of the chain has the corrected date, or for a change of it a vaguer one."""
    ours, theirs = event.mentions[0], other.mentions[0]
    if other is event or ours.start is None or ours.end is None or theirs.start is None or theirs.end is None:
        return False
    if correction.no_event:
        return (theirs.start, theirs.end) == (ours.start, ours.end)
    return theirs.start <= ours.start and ours.end <= theirs.end


def _with_days(mention: Mention, correction: Correction) -> Mention:
    end = correction.end or correction.start
    return replace(
        mention,
        start=correction.start,
        end=end,
        precision="day",
        # A new start leaves the end open; with an end, both days are known.
        bound="from" if mention.bound == "from" and end == correction.start else "on",
        approximate=False,
        year_inferred=False,
        tentative=False,
    )


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
    return _build_corrected(snapshot, events, _sections(snapshot, events), snapshot.corrections(), as_of)


def list_corrections(catalog: Catalog) -> list[ListedCorrection]:
    """Return the corrections of live documents, the latest first. Raises StoreError."""
    with catalog.snapshot() as snapshot:
        events = snapshot.events()
        matched = match_corrections(events, _sections(snapshot, events), snapshot.corrections())
        sources = {document.id: document.source for document in snapshot.documents()}
    found: dict[Dating, ListedCorrection] = {}
    for event, _index, correction in matched:
        source = sources[event.document_id]
        listed = ListedCorrection(event.id, event.title, source=source, correction=correction)
        found.setdefault(correction.dating, listed)
    return sorted(found.values(), key=lambda listed: listed.correction.revision, reverse=True)


def correct(catalog: Catalog, prefix: str, edit: EntryEdit, by: str, today: date) -> RegisterEntry:
    """Correct the entry whose id has this prefix, and return it corrected; a removed one as it last was.

    Raises UnknownEntry, CorrectionError, StoreError.
    """
    if not edit:
        raise CorrectionError(
            _("say what to correct: a title, a kind, a start, an end, a status, or that it is no event")
        )
    with correction_transaction(catalog) as snapshot:
        register = _read_register(snapshot, today)
        entry = register.entry(prefix)
        dating, before = register.dating(entry)
        correction = save_correction(
            snapshot, merged_correction(entry, dating, before, edit, by, datetime.now(UTC))
        )
        if correction.no_event:
            return replace(entry, corrected=LastCorrection.of([correction]))
        after = _read_register(snapshot, today).corrected_entry(dating)
        if after is None:
            raise UnknownEntry(_taken_out(entry.id))
        _refuse_without_effect(edit, after)
    return after


def undo(catalog: Catalog, prefix: str, today: date, revision: int | None = None) -> RegisterEntry:
    """Undo the corrections of the entry whose id has this prefix; return it as the documents have it.

    With a `revision`, only where that is still its last correction; what is undone already stays as it is. Raises
    UnknownEntry, CorrectionError, StoreError.
    """
    with correction_transaction(catalog) as snapshot:
        register = _read_register(snapshot, today)
        chosen = _only_id(prefix, (event.id for event in register.events))
        last = register.last_correction(chosen)
        if last is None and revision is None:
            raise UnknownEntry(_("the entry {id} was not corrected; there is nothing to undo", id=chosen[:8]))
        if last is not None:
            if revision not in (None, last.revision):
                raise CorrectionError(
                    _("it was corrected again since then; its details show by whom, and undo that")
                )
            delete_corrections(snapshot, last.datings)
            register = _read_register(snapshot, today)
        entry = register.entries.get(chosen)
    if entry is None:
        raise UnknownEntry(
            _("the correction of {id} is undone; its document has no date for it any more", id=chosen[:8])
        )
    return entry


def _refuse_without_effect(edit: EntryEdit, entry: RegisterEntry) -> None:
    """Raise CorrectionError if the status "scheduled" has no effect without another date."""
    if edit.status != "scheduled" or entry.status == "scheduled":
        return
    if entry.rescheduled_to is not None:
        why = _("a later date of it is known; correct the entry {id}", id=entry.rescheduled_to[:8])
    elif entry.start is None:
        why = _("it has no date; give its day too")
    else:
        why = _("its date has passed; give the new date too")
    raise CorrectionError(_("this entry cannot be scheduled: {why}", why=why), "status")


def _taken_out(entry_id: str) -> str:
    return _("the entry {id} was taken out of the register", id=entry_id[:8])


@dataclass(frozen=True, slots=True)
class _ReadRegister:
    """The register as of today, each entry under all of its ids, and the events, sections and corrections behind it."""

    events: list[Event]
    sections: dict[str, Section]
    corrections: list[tuple[Event, int, Correction]]
    entries: dict[str, RegisterEntry]

    def entry(self, prefix: str) -> RegisterEntry:
        """Return the only entry whose id has this prefix. Raises UnknownEntry."""
        removed = [event.id for event, _index, correction in self.corrections if correction.no_event]
        chosen = _only_id(prefix, [*self.entries, *removed])
        if chosen not in self.entries:
            hint = f"`itubot correct {chosen[:8]} --undo` brings it back"
            raise UnknownEntry(_taken_out(chosen), hint)
        return self.entries[chosen]

    def dating(self, entry: RegisterEntry) -> tuple[Dating, Correction | None]:
        """Return the dating of an entry, and its present correction. Raises UnknownEntry."""
        before = next((c for event, _index, c in self.corrections if event.id == entry.id), None)
        if before is not None:
            return before.dating, before
        for event, event_datings in zip(self.events, datings(self.events, self.sections), strict=True):
            first = next((dating for dating in event_datings if dating is not None), None)
            if event.id == entry.id and first is not None:
                return first, None
        raise UnknownEntry(
            _("the entry {id} is gone meanwhile", id=entry.id[:8]),
            "`itubot deadlines --all` shows what is there",
        )

    def last_correction(self, event_id: str) -> LastCorrection | None:
        """Return the last correction of the entry of an event, None where it has none."""
        own = next(
            (correction for event, _index, correction in self.corrections if event.id == event_id), None
        )
        entry = self.entries.get(event_id) or (self.corrected_entry(own.dating) if own else None)
        if entry is None and own is not None:
            return LastCorrection.of([own])
        return entry.corrected if entry else None

    def corrected_entry(self, dating: Dating) -> RegisterEntry | None:
        """Return the entry whose corrections include that of a dating."""
        entries = self.entries.values()
        return next((e for e in entries if e.corrected and dating in e.corrected.datings), None)


def _read_register(snapshot: Snapshot, today: date) -> _ReadRegister:
    events, corrections = snapshot.events(), snapshot.corrections()
    sections = _sections(snapshot, events)
    built = _build_corrected(snapshot, events, sections, corrections, today)
    entries = {event_id: entry for entry in built for event_id in entry.ids}
    return _ReadRegister(events, sections, match_corrections(events, sections, corrections), entries)


def _build_corrected(
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
            _(
                "{id} is too short for an id; give at least {least} characters of it",
                id=repr(prefix),
                least=SHORTEST_PREFIX,
            )
        )
    found = sorted({event_id for event_id in ids if event_id.startswith(prefix.lower())})
    if not found:
        raise UnknownEntry(
            _("no entry of the register has an id that begins with {id}", id=repr(prefix)),
            "`itubot deadlines --all` shows the ids",
        )
    if len(found) > 1:
        some = ", ".join(found[:_LISTED_IDS])
        some = _("{ids} and others", ids=some) if len(found) > _LISTED_IDS else some
        raise UnknownEntry(
            _(
                "several entries have an id that begins with {id}: {some}; give more of it",
                id=repr(prefix),
                some=some,
            )
        )
    return found[0]
