"""Errors of fetching.

SourceError          an address cannot be fetched: it is refused, or its server fails
├── GoneAtSource     its server says that it is gone
└── AskLater         its server wants to be asked later
"""

from __future__ import annotations

from ingest.errors import IngestError


class SourceError(IngestError):
    """An address cannot be fetched; `str()` is a clause that says why."""


class GoneAtSource(SourceError):
    """The server says that there is nothing at the address (404, 410), or a folder has the file no more."""


class AskLater(SourceError):
    """The server wants to be asked again after so many seconds at the earliest."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds
