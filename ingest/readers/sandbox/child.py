"""The process that reads files from others, one after the other, until its input ends.

For each file it gets a line of JSON with `name`, `size` and `memory` in bytes and `seconds` of processor time, and then
the file itself. It writes a line of JSON, an `Answer`.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from types import ModuleType

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.choice import read_file
from ingest.readers.sandbox.process import ANSWERS, Answer

try:
    import resource as _module
except ImportError:  # Windows
    resource: ModuleType | None = None
else:
    resource = _module

# linux/sched.h; `os.unshare` came with Python 3.12.
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
# The parent gets so much of the text of an error.
_FAULT_CHARS = 20_000


def main() -> None:
    """Read the files that the parent sends, until its input ends."""
    confine()
    # Output of a library must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limit_memory(request["memory"])
        limit_time(request["seconds"])
        answer = _read(request["name"], request["size"])
        answers.write(answer + b"\n")
        answers.flush()


def _read(name: str, size: int) -> bytes:
    try:
        data = sys.stdin.buffer.read(size)
        return ANSWERS.dump_json(Answer(extract=read_file(name, data)))
    except MemoryError:
        answer = Answer(exhausted=True)
    except NotReadable as error:
        answer = Answer(exhausted=True) if _is_for_memory(error) else Answer(refused=str(error))
    except Exception:
        answer = Answer(fault=traceback.format_exc()[-_FAULT_CHARS:])
    return ANSWERS.dump_json(answer)


def _is_for_memory(error: BaseException) -> bool:
    """Return whether a reader refused the file as damaged because memory ran out."""
    cause = error.__context__
    if cause is None:
        return False
    # libxml2 gives every other error a line number.
    of_xml = isinstance(cause, etree.XMLSyntaxError) and not cause.lineno
    return of_xml or isinstance(cause, MemoryError) or _is_for_memory(cause)


def confine() -> None:
    """Give up writing files, core dumps, and, if the system allows that, the network.

    Call it while the process has only one thread: the network cannot be given up later.
    """
    # Ctrl-C in a terminal reaches the whole group of processes; the parent decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not _without_network(_CLONE_NEWNET):
        # Without the rights of an administrator, a user namespace is needed too.
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
    # Not every system allows every limit: macOS refuses that of the address space.
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1] if hard is None else hard))


def _without_network(flags: int) -> bool:
    try:
        return bool(ctypes.CDLL(None).unshare(flags) == 0)
    except (AttributeError, OSError, TypeError):  # no Linux
        return False


if __name__ == "__main__":
    main()
