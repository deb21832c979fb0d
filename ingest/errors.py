"""Errors of an ingest.

IngestError
├── NotReadable      the file cannot be read: repair or replace it
│   └── Duplicate    the library has the document from another file: nothing is to be done
└── NothingToIngest  the paths name no document: name others
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LOG = logging.getLogger(__name__)


class IngestError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class NotReadable(IngestError):
    """The file cannot be read; other files are unaffected."""


class Duplicate(NotReadable):
    """Another file is the same document, or has the same content."""


def fault(error: Exception) -> str:
    """Return the message for an unexpected error."""
    return f"a fault of the program, {type(error).__name__}; `itubot --debug` shows where it is"


class NothingToIngest(IngestError):
    """None of the paths names a document."""


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Raise NotReadable also for a fault of this program, which must affect one file alone; `what` is logged then."""
    try:
        yield
    except NotReadable:
        raise
    except Exception as error:
        _LOG.warning(what, exc_info=True)
        raise NotReadable(fault(error)) from error
