"""What the catalog has in one generation, for some audiences: read once, and shared by all questions until the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from store.catalog import Snapshot
from store.records import Document, Event, Hit


@dataclass(frozen=True, slots=True)
class Contents:
    """The documents of a generation, and what a search needs of them.

    `names`: acronym or name -> its other forms, in folded words. `events`: document id -> section id -> events that the
    section dates, of the documents that a search has found.
    """

    generation: int
    documents: tuple[Document, ...]
    section_count: int
    segments: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    events: dict[str, Mapping[str, Sequence[Event]]] = field(default_factory=dict)

    @classmethod
    def of(cls, view: Snapshot) -> Contents:
        """Read the contents as of a view."""
        documents, segments = tuple(view.documents()), tuple(view.segments())
        return cls(view.generation, documents, view.section_count(), segments, view.names())

    def events_in(self, view: Snapshot, hits: Iterable[Hit]) -> tuple[Event, ...]:
        """Return the events that the sections of these hits date."""
        found: dict[Event, None] = {}
        for hit in hits:
            document = hit.document
            if document.id not in self.events:
                by_section: defaultdict[str, list[Event]] = defaultdict(list)
                for event in view.events_of(document.id, document.version):
                    for section_id in {mention.section_id for mention in event.mentions}:
                        by_section[section_id].append(event)
                self.events[document.id] = dict(by_section)
            found |= dict.fromkeys(self.events[document.id].get(hit.section.id, ()))
        return tuple(found)
