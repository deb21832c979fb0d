"""The catalog's contents in one generation, for some audiences. They are read once, and all questions use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from store.catalog import Snapshot
from store.records import Document, Event, Hit, redacted

# Number of terms whose frequencies are kept: a large vocabulary has as many.
_MOST_TERMS = 65_536


@dataclass(frozen=True, slots=True)
class Contents:
    """The documents of a generation, and what a search needs of them.

    `names`: acronym or name -> its other forms, in folded words. `events`: document id -> section id -> events that the
    section dates, of the documents that a search has found. `frequencies`: stemmed term -> number of live sections with
    it, of the terms that were asked for. `corrected`: the chains of events with a correction, once asked for.
    """

    generation: int
    documents: tuple[Document, ...]
    section_count: int
    segments: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    events: dict[str, Mapping[str, Sequence[Event]]] = field(default_factory=dict)
    frequencies: dict[str, int] = field(default_factory=dict)
    corrected: list[frozenset[str]] = field(default_factory=list)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Contents:
        """Read the contents as of a snapshot."""
        documents, segments = tuple(snapshot.documents()), tuple(snapshot.segments())
        return cls(snapshot.generation, documents, snapshot.section_count(), segments, snapshot.names())

    def events_in(self, snapshot: Snapshot, hits: Iterable[Hit]) -> tuple[Event, ...]:
        """Return the events that the sections of these hits date."""
        found: dict[Event, None] = {}
        for hit in hits:
            found |= dict.fromkeys(self._events_of(snapshot, hit.document).get(hit.section.id, ()))
        return tuple(found)

    def _events_of(self, snapshot: Snapshot, document: Document) -> Mapping[str, Sequence[Event]]:
        if document.id not in self.events:
            by_section: defaultdict[str, list[Event]] = defaultdict(list)
            for event in snapshot.events_of(document.id, document.version):
                for section_id in {mention.section_id for mention in event.mentions}:
                    by_section[section_id].append(event)
            self.events[document.id] = dict(by_section)
        return self.events[document.id]

    def corrected_chains(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the chains with an event that a correction may be of: it is of a date in the same words."""
        if not self.corrected:
            dated = {(c.dating.document_id, c.dating.text) for c in snapshot.corrections()}
            own = {document_id for document_id, _ in dated}
            chains = frozenset(
                event.chain_id or event.id
                for document in self.documents
                if document.id in own
                for events in self._events_of(snapshot, document).values()
                for event in events
                for mention in event.mentions
                if not dated.isdisjoint({(document.id, mention.text), (document.id, redacted(mention.text))})
            )
            self.corrected.append(chains)
        return self.corrected[0]

    def frequencies_of(self, snapshot: Snapshot, stems: Iterable[str]) -> dict[str, int]:
        """Return the number of live sections with each of the stemmed terms."""
        found = {term: self.frequencies.get(term, -1) for term in stems}
        if new := [term for term, count in found.items() if count < 0]:
            counted = snapshot.document_frequencies(new)
            found |= {term: counted.get(term, 0) for term in new}
            if len(self.frequencies) < _MOST_TERMS:
                self.frequencies.update(found)
        return found
