"""Tries, in a real process that reads files, what it should not be able to do.

What is possible depends on the system, the container and the user: versions and settings would only let one guess.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from ingest.readers.sandbox.process import ReadingProcess

_PDEATHSIG = 1  # linux/prctl.h


def possible_attacks(start: Callable[[], ReadingProcess] = ReadingProcess) -> Sequence[str] | None:
    """Return what a reading process can do; None on a system where nothing is closed to it. Raises NotReadable."""
    if sys.platform != "linux":
        return None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "file").write_text("of the user", "utf-8")
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(folder / "socket"))
        unix.listen()
        reading = stack.enter_context(start())
        targets = {"folder": str(folder), "port": server.getsockname()[1], "program": os.getpid()}
        return reading.ask({"name": "", "probe": targets}).possible


def attempt(folder: str, port: int, program: int) -> list[str]:
    """Return which attacks on the program and its user succeed in this process."""
    file = Path(folder) / "file"
    attacks: Mapping[str, Callable[[], object]] = {
        "read files": file.read_bytes,
        "change files": lambda: file.chmod(0o600),
        "write files": lambda: (Path(folder) / "new").touch(),
        "delete files": file.unlink,
        "read the environment of the program": Path(f"/proc/{program}/environ").read_bytes,
        "connect by TCP": lambda: _connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
        "send by UDP": lambda: _connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", port)),
        "connect to Unix sockets": lambda: _connect(socket.AF_UNIX, socket.SOCK_STREAM, f"{folder}/socket"),
        "signal the program": lambda: os.kill(program, 0),
        "start programs": _start,
        "raise its limits": _raise_limits,
        "outlive the program": _outlive,
    }
    return [name for name, attack in attacks.items() if _succeeds(attack)]


def _succeeds(attack: Callable[[], object]) -> bool:
    try:
        attack()
    except (OSError, ValueError):
        return False
    return True


def _connect(family: int, kind: int, address: tuple[str, int] | str) -> None:
    with socket.socket(family, kind) as client:
        client.connect(address)


def _start() -> None:
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", ""], {}), 0)


def _raise_limits() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _outlive() -> None:
    if ctypes.CDLL(None).prctl(_PDEATHSIG, *[ctypes.c_ulong(0)] * 4) != 0:
        raise PermissionError
