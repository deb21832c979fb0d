"""What people corrected in the register, as a list: what was taken out is found there too."""

from __future__ import annotations

from dataclasses import dataclass

from bot.register.corrections import matched
from store.catalog.reading import Catalog
from store.records import Correction, Dating


@dataclass(frozen=True, slots=True)
class ListedCorrection:
    """A correction that holds: of the entry with this id, whose title and source are those of its document."""

    id: str
    title: str
    source: str
    correction: Correction


def list_corrections(catalog: Catalog) -> list[ListedCorrection]:
    """Return the corrections of live documents, the latest first. Raises StoreError."""
    with catalog.snapshot() as view:
        events, corrections = view.events(), view.corrections()
        sections = view.sections([mention.section_id for event in events for mention in event.mentions])
        sources = {document.id: document.source for document in view.documents()}
    found: dict[Dating, ListedCorrection] = {}
    for event, _, correction in matched(events, sections, corrections):
        listed = ListedCorrection(event.id, event.title, sources[event.document_id], correction)
        found.setdefault(correction.dating, listed)
    return sorted(found.values(), key=lambda listed: listed.correction.revision, reverse=True)
