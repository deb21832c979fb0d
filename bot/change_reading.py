"""The last two versions of a document, read from the catalog and compared."""

from __future__ import annotations

from bot.changes import Changes, Version, compare
from bot.errors import UnknownDocument
from store.catalog import Catalog, Snapshot
from store.records import Document


def read_changes(catalog: Catalog, name: str | None = None) -> Changes:
    """Return what changed last in the document with this source name, symbol or id.

    Without a name: in the document that changed last, or came in last where none ever changed. Raises
    UnknownDocument, NoStore.
    """
    with catalog.snapshot() as view:
        documents = view.documents()
        chosen = [d for d in documents if name is None or name in (d.source, d.symbol, d.id)]
        if not chosen:
            raise UnknownDocument(name or "")
        after = max(chosen, key=_recency)
        earlier = [d for d in view.versions(after.id) if d.version < after.version]
        if not earlier:
            return Changes(None, after)
        return compare(_version(view, earlier[-1]), _version(view, after))


def _recency(document: Document) -> tuple[bool, float, str]:
    ingested = document.ingested_at.timestamp() if document.ingested_at else 0.0
    return document.version > 1, ingested, document.source


def _version(view: Snapshot, document: Document) -> Version:
    return Version(
        document,
        view.sections_of(document.id, document.version),
        view.events_of(document.id, document.version),
    )
