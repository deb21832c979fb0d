"""Errors of the store.

StoreError
├── NoStore        there are no documents yet: ingest some
├── StoreBusy      another process is writing, or has written: try again
├── StoreDamaged   the files are damaged or cannot be written: repair as the message says
│   ├── IndexDamaged  the index is damaged: full text alone finds sections, the next ingest rebuilds it
│   └── StoreUnwritable  the disk is full, or the folder read-only: make room, and try again
├── SchemaMismatch the tables are those of another version of the program: migrate them, or install that version
├── StoreUnavailable  a server does not answer: start it, or try again later
│   └── IndexUnavailable  the Chroma server does not answer: full text alone finds sections
├── FileGone       a stored file is missing or damaged: send it again
├── ModelChanged   the vectors were made by another model: reindex, or set the model back
├── BackupRefused  an archive cannot be restored: use another one, or do as the message says
└── LeaseLost      the lease of a job has expired: write nothing, another process may have the job
"""

from __future__ import annotations


class StoreError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class NoStore(StoreError):
    """Nothing was ever ingested."""


class StoreBusy(StoreError):
    """Another process is writing or has written, or no connection is free: try again."""


class StoreDamaged(StoreError):
    """The catalog or the index cannot be read, or is read-only, or the disk is full."""


class IndexDamaged(StoreDamaged):
    """The index, or a part of it, is missing or damaged; a new one can be built from the catalog."""


class StoreUnwritable(StoreDamaged):
    """The files cannot be written, as the disk is full or the folder is read-only."""


class SchemaMismatch(StoreError):
    """The tables of a database are those of an earlier or a newer version of the program."""


class StoreUnavailable(StoreError):
    """A database server or the file storage cannot be reached, or refuses."""


class IndexUnavailable(StoreUnavailable):
    """The Chroma server does not answer, or refuses; the catalog and its full text are unaffected."""


class FileGone(StoreError):
    """A file is missing from the file storage, or damaged there."""


class ModelChanged(StoreError):
    """The embedding model is not the one that made the stored vectors."""


class BackupRefused(StoreError):
    """The archive is damaged or of another version, or the store is not empty."""


class LeaseLost(StoreError):
    """The lease has expired, and another process may have the job: nothing was written."""
