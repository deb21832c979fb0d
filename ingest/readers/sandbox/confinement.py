"""Limits that the process that reads strangers' files sets on itself before it reads any."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import suppress
from types import ModuleType

try:
    import resource as _module
except ImportError:  # Windows
    resource: ModuleType | None = None
else:
    resource = _module

# linux/sched.h; `os.unshare` came with Python 3.12.
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000


def confine() -> None:
    """Give up the network, where the system lets a process do so, core dumps, and writing files.

    Call it while the process has one thread: the network cannot be given up later.
    """
    # Ctrl-C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not _without_network(_CLONE_NEWNET):
        # Without the rights of an administrator this takes a user namespace too.
        _without_network(_CLONE_NEWUSER | _CLONE_NEWNET)
    _limit("RLIMIT_CORE", 0, 0)
    _limit("RLIMIT_FSIZE", 0, 0)


def limit_memory(size: int) -> None:
    """Limit the address space of the process to `size` bytes, program and libraries included."""
    _limit("RLIMIT_AS", size, None)


def limit_time(seconds: int) -> None:
    """End the process when it has used this many more seconds of processor time, or one more."""
    used = sum(os.times()[:2])
    _limit("RLIMIT_CPU", int(used) + seconds + 1, None)


def _limit(name: str, soft: int, hard: int | None) -> None:
    kind = getattr(resource, name, None)
    if resource is None or kind is None:
        return
    # Not every system lets every limit be set: macOS refuses that of the address space.
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1] if hard is None else hard))


def _without_network(flags: int) -> bool:
    try:
        return bool(ctypes.CDLL(None).unshare(flags) == 0)
    except (AttributeError, OSError, TypeError):  # no Linux
        return False
