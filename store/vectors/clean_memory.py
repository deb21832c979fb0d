"""Keeps other contents of the process's memory out of the files of the index.

hnswlib, which Chroma uses, allocates room for more vectors than a segment has, and writes all of it to a file, with
whatever was in that memory before: it can be the text of a removed document.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

# https://sourceware.org/glibc/manual/latest/html_node/Malloc-Tunable-Parameters.html: a value other than 0 fills memory
# when it is allocated and when it is freed.
_M_PERTURB = -6


@contextmanager
def clean_memory() -> Iterator[None]:
    """While the context is open, memory that native code allocates is overwritten first, where glibc allocates it."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", lambda _parameter, _value: 0)
    mallopt(_M_PERTURB, 1)
    try:
        yield
    finally:
        mallopt(_M_PERTURB, 0)
