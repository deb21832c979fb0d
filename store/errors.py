"""What can go wrong with what is kept.

StoreError
├── NoStore        nothing is kept yet: ingest something
├── StoreBusy      another process is writing: wait, or end it
├── StoreDamaged   the files are not what was written: repair as the message says
│   └── IndexDamaged  the index is not: the next ingest builds it anew from the catalog
├── IndexUnavailable  the Chroma server does not answer: full text does, or wait and try again
├── ModelChanged   the vectors are another model's: ingest again, or set the model back
└── LeaseLost      a job is no longer this process's: write nothing, and leave it to whoever has it
"""

from __future__ import annotations


class StoreError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class NoStore(StoreError):
    """There is nothing to read yet."""


class StoreBusy(StoreError):
    """Another process holds the writer's lock; the message names it."""


class StoreDamaged(StoreError):
    """The catalog or the index cannot be read, or is read-only, or the disk is full."""


class IndexDamaged(StoreDamaged):
    """The index, or a part of it, is missing or is not what was written; the catalog has all that it needs."""


class IndexUnavailable(StoreError):
    """The Chroma server does not answer, or refuses; the catalog and its full text are not concerned."""


class ModelChanged(StoreError):
    """The embedding model is not the one that made the stored vectors."""


class LeaseLost(StoreError):
    """Another process has the job, or may have it any moment: nothing was written."""
