"""The process that reads files from others, one after the other, until its input ends.

For each file it gets a line of JSON with what `ReadingProcess` asks, and then the file itself. It writes a line of
JSON, a `ReadingResult`.

On Linux this process parses nothing that is from others: for each file, a copy of it does that, and ends. So no file
can change how another one is read, and each has limits that it cannot raise.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.choice import read_file
from ingest.readers.sandbox.process import ReadingResult, results

try:
    import resource as _module
except ImportError:  # Windows
    resource: ModuleType | None = None
else:
    resource = _module

# The parent gets so much of the text of an error.
_FAULT_CHARS = 20_000
# Libraries that a reader imports late, by the folder of such a file's parts, whatever the file is called. They are
# imported once, for all copies, which may not read what a library reads when it is imported.
_LATE = {b"ppt/": "pptx.package", b"xl/": "openpyxl"}


def main() -> None:
    """Read the files that the parent sends, until its input ends."""
    # Ctrl-C in a terminal reaches the whole group of processes; the parent decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit("RLIMIT_CORE", 0, 0)
    _limit("RLIMIT_FSIZE", 0, 0)
    # Output of a library must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answer_to = _in_copies() if sys.platform == "linux" else _answer_here
    for line in sys.stdin.buffer:
        request = json.loads(line)
        data = sys.stdin.buffer.read(request["size"])
        # The parent may have ended before it had sent all of the file, or while this process started. On Windows, the
        # launcher of a virtual environment is between both.
        if len(data) < request["size"] or (os.name == "posix" and os.getppid() != request["parent"]):
            return
        answers.write(answer_to(request, data) + b"\n")
        answers.flush()


def _in_copies() -> Callable[[dict[str, Any], bytes], bytes]:
    from ingest.readers.sandbox.linux import ConfinedCopies

    copies = ConfinedCopies()

    def answer_in_copy(request: dict[str, Any], data: bytes) -> bytes:
        for folder, library in _LATE.items():
            if folder in data:
                importlib.import_module(library)
        written = copies.run(
            partial(_answer, request, data),
            memory=request["memory"],
            seconds=request["seconds"],
            most=request["answer"],
        )
        return written if isinstance(written, bytes) else results().dump_json(ReadingResult(ended=written))

    return answer_in_copy


def _answer_here(request: dict[str, Any], data: bytes) -> bytes:
    _limit("RLIMIT_AS", request["memory"], None)
    # What the process has used for other files, and one second more than this one may take.
    _limit("RLIMIT_CPU", int(sum(os.times()[:2])) + request["seconds"] + 1, None)
    return _answer(request, data)


def _answer(request: dict[str, Any], data: bytes) -> bytes:
    try:
        if "probe" in request:
            from ingest.readers.sandbox.probe import attempt

            return results().dump_json(ReadingResult(possible=attempt(**request["probe"])))
        return results().dump_json(ReadingResult(extract=read_file(request["name"], data)))
    except MemoryError:
        answer = ReadingResult(exhausted=True)
    except NotReadable as error:
        answer = ReadingResult(exhausted=True) if _is_for_memory(error) else ReadingResult(refused=str(error))
    except Exception:
        answer = ReadingResult(fault=traceback.format_exc()[-_FAULT_CHARS:])
    return results().dump_json(answer)


def _is_for_memory(error: BaseException) -> bool:
    """Whether a reader refused the file as damaged because memory ran out."""
    cause = error.__context__
    if cause is None:
        return False
    # libxml2 gives every other error a line number.
    of_xml = isinstance(cause, etree.XMLSyntaxError) and not cause.lineno
    return of_xml or isinstance(cause, MemoryError) or _is_for_memory(cause)


def _limit(name: str, soft: int, hard: int | None) -> None:
    kind = getattr(resource, name, None)
    if resource is None or kind is None:
        return
    # Not every system allows every limit: macOS refuses that of the address space.
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1] if hard is None else hard))


if __name__ == "__main__":
    main()
