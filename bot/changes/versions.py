"""The last two versions of a document, or editions of a report, read from the catalog and compared."""

from __future__ import annotations

from collections.abc import Sequence

from bot.changes.comparison import Changes, Version, compare
from bot.changes.editions import editions_before, is_successor
from bot.errors import UnknownDocument
from bot.register.corrections import apply_corrections
from store.catalog.reading import Catalog, Snapshot
from store.records import Document


def read_changes(catalog: Catalog, name: str | None = None) -> Changes:
    """Return what changed last in the document with this source name, symbol or id.

    Where it has no earlier version, or one that says the same, it is compared with the edition before it: the
    document of the same title of an earlier year. Without a name it is the document that changed last; where none
    ever did, the one that came in last, of those that have an edition before them if there are any. Raises
    UnknownDocument, NoStore.
    """
    with catalog.snapshot() as view:
        documents = view.documents()
        chosen = [d for d in documents if name is None or name in (d.source, d.symbol, d.id)]
        if not chosen:
            raise UnknownDocument(name or "")
        for after in sorted(chosen, key=_recency, reverse=True):
            found = _last_change(view, after, documents)
            if found.before is not None:
                return found
        return Changes(None, max(chosen, key=_recency))


def _last_change(view: Snapshot, after: Document, documents: Sequence[Document]) -> Changes:
    earlier = [d for d in view.versions(after.id) if d.version < after.version]
    versions = compare(_version(view, earlier[-1]), _version(view, after)) if earlier else None
    if versions:
        return versions
    for before in editions_before(after, documents):
        old, new = _version(view, before), _version(view, after)
        found = compare(old, new)
        if is_successor(old.sections, new.sections, found.matched):
            return found
    return Changes(None, after) if versions is None else versions


def _recency(document: Document) -> tuple[bool, float, str]:
    ingested = document.ingested_at.timestamp() if document.ingested_at else 0.0
    return document.version > 1, ingested, document.source


def _version(view: Snapshot, document: Document) -> Version:
    sections = view.sections_of(document.id, document.version)
    events = view.events_of(document.id, document.version)
    by_id = {section.id: section for section in sections}
    return Version(document, sections, apply_corrections(events, by_id, view.corrections()))
