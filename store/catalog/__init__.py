"""The catalog in SQL, the store's source of truth: documents, sections, events and corrections."""

from store.catalog.catalog import Catalog, Snapshot, is_visible
from store.catalog.corrections import correction_transaction, delete_corrections, save_correction
from store.catalog.labels import Rows, known_labels, save_labels
from store.catalog.publication import DocumentUpdate, FilePlace, JoinedChain, Publication, document_audiences
from store.catalog.tables import EventUpdate, Origin, origins

__all__ = [
    "Catalog",
    "DocumentUpdate",
    "EventUpdate",
    "FilePlace",
    "JoinedChain",
    "Origin",
    "Publication",
    "Rows",
    "Snapshot",
    "correction_transaction",
    "delete_corrections",
    "document_audiences",
    "is_visible",
    "known_labels",
    "origins",
    "save_correction",
    "save_labels",
]
