"""Errors of Chroma's client as errors of this package.

They have no common base class: its own, httpx's, sqlite3's, OSError and ValueError.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from store.errors import IndexDamaged, IndexUnavailable, StoreBusy, StoreDamaged, StoreError
from store.vectors.chroma_server import shown

# A disk with less free space counts as full.
_LEAST_FREE_BYTES = 1 << 20
# Parts of error messages of the system and SQLite for a full disk, and for missing permissions.
_DISK_FULL = ("disk is full", "No space left", "disk I/O error")
_REFUSED = ("readonly", "ermission denied", "unable to open")


def is_by_client(error: BaseException) -> bool:
    """Return whether an error may be the client's, and not a request to end the program."""
    # A panic in its compiled part is not an Exception, and its class cannot be imported.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def is_timeout(error: BaseException) -> bool:
    """Return whether a server did not answer in time."""
    # One of httpx's four. httpx is a dependency of chromadb alone, and slow to import.
    return type(error).__name__.endswith("Timeout")


def explained(error: BaseException, folder: Path, url: str) -> StoreError:
    """Return the error with a message of one line that says what to do, about an index in a folder or at a URL."""
    message = next(iter(str(error).splitlines()), "") or type(error).__name__
    if url:
        return IndexUnavailable(
            f"the Chroma server at {shown(url)} does not answer as it should ({message}); start it, or correct "
            "ITUBOT_CHROMA_URL"
        )
    if _is_full(folder) or any(words in message for words in _DISK_FULL):
        return StoreDamaged(
            f"the index in {folder} cannot be written: the disk is full; make room and try again"
        )
    if any(words in message for words in _REFUSED):
        return StoreDamaged(
            f"the index in {folder} cannot be written; check the folder's permissions and the room on its disk"
        )
    if "locked" in message:
        return StoreBusy(f"the index in {folder} is locked by another program; close it and try again")
    return IndexDamaged(
        f"the index in {folder} cannot be used ({message}); run `itubot reindex` to rebuild it"
    )


def _is_full(folder: Path) -> bool:
    """Return whether the disk is full, which Chroma reports in many ways."""
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
    except OSError:
        return False
