"""The events of one document after the other: read from its sections, and joined to those of other documents."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ingest.errors import NotReadable
from ingest.events import Dating, EventReader, Reading, events_version
from ingest.events.model import EventModel, ModelReader
from ingest.events.plain import PlainReader
from ingest.events.same_event import Chains, assign_chains, chains_of_version, merge
from ingest.limits import DocumentLimits
from ingest.report import IngestProgress, Labelling, ProgressListener
from store.audiences import Audience
from store.catalog import Catalog
from store.errors import NoStore
from store.publication import JoinedChain, document_audiences, event_readers
from store.records import EVERYBODY, Document, Event, Section

# What is added to a reader's name where a model did not read all sections.
_PARTLY = " partly"
# Titles of known events that a request repeats.
_MOST_KNOWN = 12


@dataclass(frozen=True, slots=True)
class DocumentEvents:
    """The events of a document, what read them, and the private chains that are those of its events now."""

    events: Sequence[Event]
    reader: str
    joined: Sequence[JoinedChain] = ()


class EventBuilder:
    """Builds the events of documents, one after the other, with the chains of all that the catalog has."""

    def __init__(
        self, catalog: Catalog, model: EventModel | None, limits: DocumentLimits, notify: ProgressListener
    ) -> None:
        self._catalog = catalog
        self._model = model
        self._reader: EventReader = ModelReader(model) if model is not None else PlainReader()
        self._limits = limits
        self._notify = notify
        self._readers = event_readers(catalog)
        self._audiences = document_audiences(catalog)
        self._stored: list[Event] | None = None
        self._visible: dict[Audience, Chains] = {}
        self._readings: list[Reading] = []
        self._kept = 0

    def build(self, document: Document, sections: Sequence[Section]) -> DocumentEvents:
        """Return the events of a document. Sections that it had already keep theirs. Raises NotReadable at a limit."""
        former, unchanged = self._former(document)
        fresh = [section for section in sections if section.id not in unchanged]
        self._audiences[document.id] = document.audience
        chains = self._chains(document.audience)

        # Read what is new, and keep what was read before.
        reading = self._read(document, fresh, chains)
        datings = _datings_of(former, unchanged) | dict(reading.datings)
        events = merge(document, [dating for section in sections for dating in datings.get(section.id, ())])

        # The same event has one chain in all documents.
        official, versions = self._official(document, sections, events)
        events = assign_chains(events, former, chains, lambda: uuid.uuid4().hex, official, versions)
        joined = self._joined(document, events)
        for audience, known in self._visible.items():
            if document.audience in {EVERYBODY, audience}:
                known.update(events)
        return DocumentEvents(events, self._reader.name + (_PARTLY if reading.plain else ""), joined)

    def outdated(self, skipped: Collection[str]) -> Iterator[tuple[Document, list[Section]]]:
        """Yield the live documents whose events are to be read again from their sections."""
        try:
            with self._catalog.unfiltered().snapshot() as snapshot:
                stale = [
                    (document, snapshot.sections_of(document.id))
                    for document in snapshot.documents()
                    if document.id not in skipped and self._is_stale(self._readers.get(document.id, ""))
                ]
        except NoStore:
            return
        yield from stale

    def labelling(self) -> Labelling | None:
        """Return the figures of what a model read; None without one."""
        if self._model is None:
            return None
        return Labelling(
            self._model.name.split(" ")[0],
            asked=sum(reading.asked for reading in self._readings),
            kept=self._kept,
            to_rules=sum(reading.plain for reading in self._readings),
            why=tuple(dict.fromkeys(why for reading in self._readings for why in reading.why)),
            read=sum(reading.read for reading in self._readings),
            wrote=sum(reading.wrote for reading in self._readings),
        )

    def _read(self, document: Document, sections: Sequence[Section], chains: Chains) -> Reading:
        check = self._limits.clock()
        phase = "label" if self._model is not None else "events"
        done = 0

        def step() -> None:
            nonlocal done
            check()
            done += 1
            self._notify(IngestProgress(phase, done, len(sections)))  # type: ignore[arg-type]

        self._notify(IngestProgress(phase, 0, len(sections)))  # type: ignore[arg-type]
        names = {word for section in sections for word in section.text.split() if word[:1].isupper()}
        reading = self._reader.read(document, sections, chains.titles_like(names, _MOST_KNOWN), step)
        if sum(map(len, reading.datings.values())) > self._limits.dates:
            raise NotReadable(f"it has more than the {self._limits.dates:,} dates of one document: split it")
        self._readings.append(reading)
        return reading

    def _former(self, document: Document) -> tuple[list[Event], set[str]]:
        """Return the events that a document had, and the ids of its sections that need not be read again."""
        try:
            with self._catalog.unfiltered().snapshot() as snapshot:
                # Also those of a document that was removed and is added again.
                versions = snapshot.versions(document.id)
                if not versions:
                    return [], set()
                events = snapshot.events_of(document.id, versions[-1].version)
                same = (
                    self._readers.get(document.id) == self._reader.name and versions[-1].date == document.date
                )
                sections = snapshot.sections_of(document.id) if same else []
        except NoStore:
            return [], set()
        self._kept += len(sections)
        return events, {section.id for section in sections}

    def _chains(self, audience: Audience) -> Chains:
        """Return the chains of all that the readers of a document may see; indexed once."""
        if audience not in self._visible:
            self._visible[audience] = Chains(
                event
                for event in self._all()
                if self._audiences.get(event.document_id) in {EVERYBODY, audience}
            )
        return self._visible[audience]

    def _all(self) -> list[Event]:
        if self._stored is None:
            try:
                with self._catalog.unfiltered().snapshot() as snapshot:
                    self._stored = snapshot.events(all_versions=True)
            except NoStore:
                self._stored = []
        return self._stored

    def _official(
        self, document: Document, sections: Sequence[Section], events: Sequence[Event]
    ) -> tuple[dict[int, str], set[str]]:
        """Return the chains of the events in a version of the document in another language, and the versions' ids."""
        if document.neutral_symbol is None:
            return {}, set()
        of = (document.neutral_symbol, document.audience)
        chains: dict[int, str] = {}
        try:
            with self._catalog.unfiltered().snapshot() as snapshot:
                others = [
                    other
                    for other in snapshot.documents()
                    if (other.neutral_symbol, other.audience) == of and other.id != document.id
                ]
                for other in others:
                    theirs = snapshot.events_of(other.id, other.version)
                    chains = chains or chains_of_version(
                        sections, events, snapshot.sections_of(other.id), theirs
                    )
        except NoStore:
            return {}, set()
        return chains, {other.id for other in others}

    def _joined(self, document: Document, events: Sequence[Event]) -> list[JoinedChain]:
        """Return the chains of private documents that become chains of a new document for everybody.

        A document for everybody is never chained to a private one. Where the private one came first, its chain changes.
        """
        if document.audience != EVERYBODY:
            return []
        private: dict[Audience, list[Event]] = {}
        shared = {event.chain_id for event in events}
        for event in self._all():
            audience = self._audiences.get(event.document_id, EVERYBODY)
            if audience == EVERYBODY:
                shared.add(event.chain_id)
            else:
                private.setdefault(audience, []).append(event)
        joined: dict[tuple[Audience, str], str] = {}
        known = Chains(events) if private else None
        for audience, own in private.items():
            for event in own:
                chain = (
                    known.match(event, set()) if known is not None and event.chain_id not in shared else None
                )
                if chain is not None:
                    joined.setdefault((audience, event.chain_id), chain)
        return [JoinedChain(audience, former, chain) for (audience, former), chain in joined.items()]

    def _is_stale(self, reader: str) -> bool:
        """Whether events that this reader read are to be read again.

        What the present rules alone read stays until the document changes, also if there is a model now: nobody asked
        for the cost of reading the whole store. Without a model, what any model read stays.
        """
        by_rules = reader.startswith("rules") or not reader
        if by_rules:
            return reader != PlainReader().name
        return self._model is not None and reader != self._reader.name


def is_outdated(catalog: Catalog) -> bool:
    """Whether former rules read the events of any live document."""
    try:
        documents = catalog.unfiltered().documents()
    except NoStore:
        return False
    readers = event_readers(catalog)
    return any(events_version() not in readers.get(document.id, "") for document in documents)


def _datings_of(events: Sequence[Event], sections: Collection[str]) -> dict[str, list[Dating]]:
    """Return the datings of sections as they were read before."""
    found: dict[str, list[Dating]] = {section: [] for section in sections}
    moved = [event.chain_id for event in events if any(m.cue == "postponed" for m in event.mentions)]
    for event in events:
        for mention in event.mentions:
            if mention.section_id in found:
                group = event.chain_id if event.chain_id in moved else ""
                found[mention.section_id].append(
                    Dating(event.title, event.kind, mention, event.location, event.quoted, group)
                )
    return found
