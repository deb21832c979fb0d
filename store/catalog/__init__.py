"""The catalog in SQL, the store's source of truth: documents, sections, events and corrections."""

from store.catalog.catalog import Catalog, Snapshot, is_visible
from store.catalog.corrections import correction_transaction, delete_corrections, save_correction
from store.catalog.publication import DocumentUpdate, FilePlace, JoinedChain, Publication, document_audiences
from store.catalog.tables import EventUpdate, LabelRows, Origin, known_labels, origins, save_labels

__all__ = [
    "Catalog",
    "DocumentUpdate",
    "EventUpdate",
    "FilePlace",
    "JoinedChain",
    "LabelRows",
    "Origin",
    "Publication",
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
