"""Reads files in a separate process without secrets, with limits, and on Linux without access to anything else.

A file from somebody else may use up the memory, never end, or exploit a fault of a library. In a separate process this
affects only that file: the process is ended, and another one reads the next file.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from types import TracebackType

from pydantic import TypeAdapter, ValidationError

from ingest.errors import NotReadable
from ingest.readers.base import Extract
from ingest.readers.choice import is_short_text, read_file

_LOG = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-I", "-m", "ingest.readers.sandbox.child")
# What the interpreter needs to start and to encode text as the parent does.
_PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
# openpyxl loads numpy, which would reserve address space for a thread on each core.
_ADDED = {"OPENBLAS_NUM_THREADS": "1"}
# How long a process that has closed its output may take to end.
_GRACE_SECONDS = 1.0
_SAVE_AGAIN = "Save it again, or in another format"


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Resource limits for reading one file.

    `memory` is the address space in bytes, program and libraries included; twice the size of the file is added.
    `answer` is the size of the JSON in bytes, `processor` seconds of processor time, `clock` seconds of real time.
    """

    memory: int = 450_000_000
    answer: int = 64_000_000
    processor: int = 300
    clock: float = 900.0


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """One of these: the content, the reason of a refusal for the user, the traceback of a fault, too little memory.

    Or `ended`: how the copy that should have answered ended, as in `Popen.returncode`; or the `possible` attacks.
    """

    extract: Extract | None = None
    refused: str | None = None
    fault: str | None = None
    exhausted: bool = False
    ended: int | None = None
    possible: list[str] | None = None


@cache
def results() -> TypeAdapter[ReadingResult]:
    """Return what turns a result into JSON and back; made when the first file is read."""
    return TypeAdapter(ReadingResult)


class ReaderFault(Exception):
    """A reader raised an unexpected error; `str()` is the traceback in the other process."""


class _EndedEarly(Exception):
    """The process has ended without a result; `str()` is the reason for the user."""


class ReadingProcess:
    """Reads files one after the other in one process, which starts with the first file and is replaced when it ends.

    A context manager, for use by one thread, with whose end the process ends too. `command` starts a program with the
    protocol of `ingest.readers.sandbox.child`.
    """

    def __init__(self, limits: ReadingLimits | None = None, command: Sequence[str] = _COMMAND) -> None:
        self._limits = limits or ReadingLimits()
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ReadingProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int | None:
        """The id of the process that waits for the next file; None if there is none."""
        return self._process.pid if self._process else None

    def read(self, name: str, data: bytes) -> Extract:
        """Return the content of a file. Raises NotReadable, ReaderFault.

        Short plain text is read in this process.
        """
        if is_short_text(name, data):
            return read_file(name, data)
        answer = self.ask({"name": name}, data)
        if answer.fault is not None:
            raise ReaderFault(answer.fault)
        if answer.extract is None:
            raise NotReadable(" ".join((answer.refused or "").split())[:500] or _not_valid())
        return answer.extract

    def ask(self, request: Mapping[str, object], data: bytes = b"") -> ReadingResult:
        """Return the answer to a request of the protocol about a file. Raises NotReadable."""
        has_read = self._process is not None
        try:
            return self._ask(request, data)
        except _EndedEarly as error:
            if not has_read:
                raise NotReadable(str(error)) from None
            # The process may have been killed while it waited, or the files before this one left too little memory.
            return self.ask(request, data)

    def _ask(self, request: Mapping[str, object], data: bytes) -> ReadingResult:
        limits = self._limits
        process = self._process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        request = {
            **request,
            "size": len(data),
            "memory": limits.memory + 2 * len(data),
            "seconds": limits.processor,
            "answer": limits.answer,
            "parent": os.getpid(),
        }
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(limits.clock, give_up)
        clock.daemon = True
        clock.start()
        try:
            # The process may answer and end before it has read the whole file.
            with suppress(OSError):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.write(data)
                process.stdin.flush()
            line = process.stdout.readline(limits.answer + 1)
        finally:
            clock.cancel()
        if late.is_set():
            self._end()
            raise NotReadable(f"reading it did not end within {limits.clock:.0f} seconds. {_SAVE_AGAIN}")
        if len(line) > limits.answer:
            self._end()
            raise NotReadable(
                f"it has more text than the {limits.answer // 1_000_000} MB of one file: split it"
            )
        if not line.endswith(b"\n"):
            raise _EndedEarly(self._wait_for_end())
        try:
            answer = results().validate_json(line)
        except ValidationError:
            self._end()
            raise NotReadable(_not_valid()) from None
        if answer.ended is not None:
            raise NotReadable(self._why_ended(answer.ended))
        if answer.exhausted:
            raise NotReadable(
                f"reading it takes more memory than the {limits.memory // 1_000_000} MB of one file: split it"
            )
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return subprocess.Popen(  # noqa: S603  # our own program, with fixed arguments
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A file decides what a library prints, and could send control sequences to a terminal.
            stderr=subprocess.DEVNULL,
            env=environment | _ADDED,
            cwd=os.sep,
            close_fds=True,
        )

    def _wait_for_end(self) -> str:
        assert self._process is not None  # noqa: S101
        process = self._process
        # It may have closed its output and still be running.
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
        self._end()
        return self._why_ended(process.returncode)

    def _why_ended(self, code: int) -> str:
        _LOG.warning("the process that reads files ended with %d", code)
        if code == -getattr(signal, "SIGXCPU", 0):
            return f"reading it takes more than {self._limits.processor} seconds of processor time. {_SAVE_AGAIN}"
        most = f"{self._limits.memory // 1_000_000} MB"
        why = f"it is damaged, or takes more memory than the {most} of one file"
        return f"reading it ended in a crash: {why}. {_SAVE_AGAIN}"

    def _end(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        # It has nothing to finish, and could ignore a request to terminate.
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _not_valid() -> str:
    return f"reading it failed. {_SAVE_AGAIN}"
