"""The events of an ingest: of documents read anew, and of those that other rules or another labeller read before.

These are made from the sections that are kept: no file is read, and the documents stay the versions that they are.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.errors import fault
from ingest.events import EVENTS_VERSION, dated_sections, extract_events
from ingest.events.chains import assign_chains, match_chain
from ingest.events.labels.labels import DatedSection, Labeller
from ingest.labelling import Said, ask, remembered
from ingest.report import Labelling, Listener
from store import upkeep
from store.audiences import Audience
from store.catalog.event_rows import Origin, Remade, origins
from store.catalog.publication import JoinedChain
from store.catalog.reading import Catalog
from store.errors import NoStore
from store.records import EVERYBODY, Document, Event, Section

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """A document and its sections; `former` are the events of its last version, `before` by what those were made.

    `live`: it is not read anew, and only its events may be out of date.
    """

    document: Document
    sections: Sequence[Section]
    former: Sequence[Event] = ()
    before: Origin | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """The events by the documents' ids, and by what they were made; `remade` are those of documents not read anew.

    `broken` says why a fresh document has none: rules failed at it. `joined` are chains of private documents that a
    document for everybody dates now too.
    """

    events: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    remade: Sequence[Remade] = ()
    labelling: Labelling | None = None
    notes: Sequence[str] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    joined: Sequence[JoinedChain] = ()


def make_events(
    catalog: Catalog,
    fresh: Sequence[tuple[Document, Sequence[Section]]],
    removed: Collection[str],
    labeller: Labeller | None,
    tell: Listener,
) -> Made:
    """Return the events of `fresh` documents, and of the live ones that are out of date and not in `removed`."""
    skipped = {*removed, *(document.id for document, _ in fresh)}
    read, everything = _to_read(catalog, fresh, skipped, labeller)
    audiences = upkeep.document_audiences(catalog) | {one.document.id: one.document.audience for one in read}
    before = len(everything)
    # Oldest first: a later document's date for an event is chained to the earlier one's.
    read.sort(key=lambda one: str(one.document.date or ""))
    live = {one.document.id: _name(one.document) for one in read if one.live}
    broken: dict[str, str] = {}
    shown: dict[str, Sequence[tuple[str, DatedSection]]] = {}
    for one in read:
        with _kept_apart(one.document, broken):
            shown[one.document.id] = dated_sections(one.document, one.sections)
    read = [one for one in read if one.document.id in shown]
    said, labelling = _labels(catalog, read, shown, labeller, tell)
    events: dict[str, Sequence[Event]] = {}
    made_by: dict[str, Origin] = {}
    for one in read:
        own = said[one.document.id]
        with _kept_apart(one.document, broken):
            extracted = extract_events(one.document, one.sections, own.labels)
            # What it is chained to is seen by all who see it.
            seen = {EVERYBODY, one.document.audience}
            existing = [event for event in everything if audiences[event.document_id] in seen]
            events[one.document.id] = assign_chains(extracted, one.former, existing, lambda: uuid.uuid4().hex)
            everything += events[one.document.id]
            name = labeller.name if labeller else one.before.labeller if one.before else None
            made_by[one.document.id] = Origin(EVENTS_VERSION, name, len(own.to_rules))
    remade = [
        Remade(one.document.id, events[one.document.id], now)
        for one in read
        if one.live and (now := made_by.get(one.document.id)) and _is_better(one, now)
    ]
    notes = _notes(len(remade), labelling)
    notes += [
        f"the register of {live[key]} is left as it is: {why}" for key, why in broken.items() if key in live
    ]
    fresh_broken = {key: why for key, why in broken.items() if key not in live}
    joined = _joined(everything, before, audiences)
    return Made(events, made_by, remade, labelling, notes, fresh_broken, joined)


def _name(document: Document) -> str:
    """Return the name of a document for messages of an ingest; the names of a channel's documents stay secret."""
    return document.source if document.audience == EVERYBODY else "a document of a Slack channel"


@contextmanager
def _kept_apart(document: Document, broken: dict[str, str]) -> Iterator[None]:
    """Let a fault of the rules cost this document, and not all the others."""
    try:
        yield
    except Exception as error:
        _log.warning("the dates of %s cannot be read", document.source, exc_info=True)
        broken[document.id] = fault(error)


def _joined(everything: Sequence[Event], before: int, audiences: Mapping[str, Audience]) -> list[JoinedChain]:
    """Return which chains of private documents are those of new events for everybody, which begin at `before`.

    A document for everybody is never chained to what only some may see. So where the private one came first, it is the
    private one's chain that becomes the other.
    """
    public = [event for event in everything[before:] if audiences[event.document_id] == EVERYBODY]
    private = [event for event in everything[:before] if audiences[event.document_id] != EVERYBODY]
    if not public or not private:
        return []
    shared = {event.chain_id for event in everything if audiences[event.document_id] == EVERYBODY}
    joined: dict[tuple[Audience, str], str] = {}
    for event in private:
        own = audiences[event.document_id], event.chain_id
        if event.chain_id not in shared and own not in joined and (chain := match_chain(event, public)):
            joined[own] = chain
    return [JoinedChain(audience, former, chain) for (audience, former), chain in joined.items()]


def is_stale(before: Origin | None, labeller: Labeller | None) -> bool:
    """Whether events that were made so are to be made anew.

    Events that rules made alone stay so until their document is read anew: to label what is in the store is a cost that
    nobody asked for. Without a labeller those that a labeller read stay too.
    """
    if before is None or before.rules != EVENTS_VERSION:
        return True
    if labeller is None or before.labeller is None:
        return False
    return before.labeller != labeller.name or before.to_rules > 0


def is_outdated(catalog: Catalog) -> bool:
    """Whether rules that are no more made the events of a live document."""
    before = origins(catalog)
    try:
        return any(is_stale(before.get(document.id), None) for document in catalog.unfiltered().documents())
    except NoStore:
        return False


def _is_better(one: Read, now: Origin) -> bool:
    """Whether there is anything new: what was left to the rules may be left to them once more."""
    before = one.before
    same = before is not None and (before.rules, before.labeller) == (now.rules, now.labeller)
    return not (before is not None and same and now.to_rules >= before.to_rules)


def _to_read(
    catalog: Catalog,
    fresh: Sequence[tuple[Document, Sequence[Section]]],
    skipped: Collection[str],
    labeller: Labeller | None,
) -> tuple[list[Read], list[Event]]:
    """Return the fresh documents and the live ones that are out of date; and the events of all versions of all."""
    before = origins(catalog)
    try:
        with catalog.unfiltered().snapshot() as view:
            stale = [
                document
                for document in view.documents()
                if document.id not in skipped and is_stale(before.get(document.id), labeller)
            ]
            if not fresh and not stale:
                return [], []
            former: dict[str, list[Event]] = {}
            for event in view.events():
                former.setdefault(event.document_id, []).append(event)
            for document, _ in fresh:
                if document.id not in former and (versions := view.versions(document.id)):
                    # It was removed, and comes back.
                    former[document.id] = view.events_of(document.id, versions[-1].version)
            read = [Read(document, sections, former.get(document.id, ())) for document, sections in fresh]
            for document in stale:
                own, by = former.get(document.id, ()), before.get(document.id)
                read.append(Read(document, view.sections_of(document.id), own, by, live=True))
            return read, view.events(all_versions=True)
    except NoStore:
        return [Read(document, sections) for document, sections in fresh], []


def _labels(
    catalog: Catalog,
    read: Sequence[Read],
    shown: Mapping[str, Sequence[tuple[str, DatedSection]]],
    labeller: Labeller | None,
    tell: Listener,
) -> tuple[dict[str, Said], Labelling | None]:
    """Return what is said of the dates of each document, by its id."""
    if labeller is None:
        return {one.document.id: _said_before(catalog, one, shown[one.document.id]) for one in read}, None
    said, labelling = ask(catalog, labeller, [part for parts in shown.values() for part in parts], tell)
    own = {key: {section_id for section_id, _ in parts} for key, parts in shown.items()}
    return {key: Said(said.labels, said.to_rules & ids) for key, ids in own.items()}, labelling


def _said_before(catalog: Catalog, one: Read, shown: Sequence[tuple[str, DatedSection]]) -> Said:
    """Return what a labeller said that is not asked now; nothing for a document that is read anew without it."""
    if one.before is None or one.before.labeller is None:
        return Said()
    return remembered(catalog, one.before.labeller, shown)


def _notes(remade: int, labelling: Labelling | None) -> list[str]:
    notes = []
    if remade:
        documents = "1 document" if remade == 1 else f"{remade} documents"
        notes.append(f"the register was made anew for {documents}, from the paragraphs that are kept")
    if labelling is not None and labelling.to_rules:
        count = "1 section" if labelling.to_rules == 1 else f"{labelling.to_rules} sections"
        why = "; ".join(labelling.why)
        notes.append(f"the dates of {count} were left to the rules ({why}); the next ingest asks again")
    return notes
