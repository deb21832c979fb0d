"""Who may read the files that the program makes: its user alone, but for those that somebody asks for by a path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o077


@contextmanager
def umask(mask: int) -> Iterator[int]:
    """Set this process's umask within the block; gives the one before. Not safe between threads."""
    former = os.umask(mask)
    try:
        yield former
    finally:
        os.umask(former)


def open_to_others(folder: Path) -> bool:
    """Return whether other users of the machine may read something that the program keeps in a data folder."""
    if not folder.stat().st_mode & PRIVATE:
        return False
    kept = ("catalog.sqlite", "state.sqlite", "index", "library", "chat-history")
    return any((folder / name).exists() and (folder / name).stat().st_mode & PRIVATE for name in kept)
