"""Errors of the store.

StoreError
├── NoStore        there are no documents yet: ingest some
├── StoreBusy      another process is writing: wait, or end it
├── StoreDamaged   the catalog cannot be used: repair as the message says
│   └── IndexDamaged  the index cannot be used: the next ingest builds it anew from the catalog
├── IndexUnavailable  the Chroma server does not answer: use the full text, or try again later
├── ModelChanged   another model made the vectors: ingest again, or set the model back
└── LeaseLost      another process has the job: write nothing more about it
"""

from __future__ import annotations


class StoreError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class NoStore(StoreError):
    """Nothing was ever ingested."""


class StoreBusy(StoreError):
    """Another process holds the writer's lock; the message names it."""


class StoreDamaged(StoreError):
    """The catalog or the index cannot be read, or is read-only, or the disk is full."""


class IndexDamaged(StoreDamaged):
    """The index, or a part of it, is missing or damaged; the catalog has all that a new one needs."""


class IndexUnavailable(StoreError):
    """The Chroma server does not answer, or refuses; the catalog and its full text work."""


class ModelChanged(StoreError):
    """The embedding model is not the one that made the stored vectors."""


class LeaseLost(StoreError):
    """The lease has expired, and another process may have the job: nothing was written."""
