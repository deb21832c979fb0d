"""What can go wrong with what comes in.

IngestError
├── NotReadable      this file cannot become text: repair or replace it
└── NothingToIngest  the paths name no file that can be read: name others
"""

from __future__ import annotations


class IngestError(Exception):
    """Root of this package's errors; `str()` is one line for the user, with the way out."""


class NotReadable(IngestError):
    """The file cannot be read as what it is; the others are unaffected."""


def fault(error: Exception) -> str:
    """Return words for an error that nobody foresaw."""
    return f"a fault of the program, {type(error).__name__}; `itubot --debug` shows where it is"


class NothingToIngest(IngestError):
    """None of the given paths leads to a document."""
