"""The catalog in SQL, the store's source of truth: documents, sections, events and corrections."""

from store.catalog.catalog import Catalog, Snapshot, is_visible
from store.catalog.publication import (
    DocumentUpdate,
    FilePlace,
    JoinedChain,
    Publication,
    correction_transaction,
    delete_corrections,
    document_audiences,
    save_correction,
)
from store.catalog.tables import EventUpdate, event_readers

__all__ = [
    "Catalog",
    "DocumentUpdate",
    "EventUpdate",
    "FilePlace",
    "JoinedChain",
    "Publication",
    "Snapshot",
    "correction_transaction",
    "delete_corrections",
    "document_audiences",
    "event_readers",
    "is_visible",
    "save_correction",
]
