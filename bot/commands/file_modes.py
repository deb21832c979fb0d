"""The umask: files of the program are for its user alone, those written to a path that the user names are not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

PRIVATE = 0o077


@contextmanager
def umask(mask: int) -> Iterator[int]:
    """Set this process's umask within the block; yields the former one. Not safe between threads."""
    former = os.umask(mask)
    try:
        yield former
    finally:
        os.umask(former)
