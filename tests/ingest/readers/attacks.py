"""What a reader that a file has taken over could try, each a function that raises an error if it is not possible.

As a program it is a process that reads files and obeys them: `python -I attacks.py [WITHOUT ...]`. A file names an
attack and its targets; each WITHOUT is a layer of the confinement that this process does not have.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_PTRACE_SEIZE = 0x4206


def _checked(result: int) -> None:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _connect(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(address)
        one.send(b"secret")


def _raise_limits(targets: dict[str, Any]) -> None:
    """Raise one limit, whichever can be raised."""
    raised = []
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE"):
        kind = getattr(resource, name)
        before = resource.getrlimit(kind)
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            # As far as the hard limit lets it; the last second of processor time is for the signal that ends it.
            resource.setrlimit(kind, (before[1], before[1]))
        after = resource.getrlimit(kind)[0]
        if after != before[0] and not (name == "RLIMIT_CPU" and after == before[0] + 1):
            raised.append(name)
    if not raised and not targets.get("control"):
        raise PermissionError("no limit could be raised")


def _ptrace(targets: dict[str, Any]) -> None:
    _checked(_LIBC.ptrace(_PTRACE_SEIZE, targets["other"], None, None))


def _start(targets: dict[str, Any]) -> None:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", ""], {})
    os.waitpid(pid, 0)


def _execute(targets: dict[str, Any]) -> None:
    """Become another program, which says so where the answer is expected."""
    if targets.get("control"):
        return
    os.execve("/bin/echo", ["echo", '{"refused": "done"}'], {})  # noqa: S606


ATTACKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "raise a limit": _raise_limits,
    "read a file": lambda t: Path(t["file"]).read_text(),
    "list a folder": lambda t: os.listdir(t["folder"]),
    "write to a file": lambda t: os.close(os.open(t["file"], os.O_WRONLY)),
    "make a file": lambda t: os.close(os.open(t["folder"] + "/new", os.O_CREAT | os.O_RDWR)),
    "empty a file": lambda t: os.truncate(t["file"], 0),
    "rename a file": lambda t: os.rename(t["file"], t["file"] + ".x"),
    "link to a file": lambda t: os.link(t["file"] + ".x", t["file"]),
    "delete a file": lambda t: os.unlink(t["file"]),
    "make a folder": lambda t: os.mkdir(t["folder"] + "/folder"),
    "change permissions": lambda t: os.chmod(t["folder"], 0o700),
    "read the environment of the program": lambda t: Path(f"/proc/{t['parent']}/environ").read_bytes(),
    "see the open files of the program": lambda t: os.stat(f"/proc/{t['parent']}/fd/0"),
    "open the memory of the program": lambda t: os.close(os.open(f"/proc/{t['parent']}/mem", os.O_RDWR)),
    "open the memory of its own parent": lambda t: os.close(os.open(f"/proc/{os.getppid()}/mem", os.O_RDWR)),
    "trace another process": _ptrace,
    "signal the program": lambda t: os.kill(t["parent"], 0),
    "signal another process": lambda t: os.kill(t["other"], 0),
    "signal its own parent": lambda t: os.kill(os.getppid(), 0),
    "connect by TCP": lambda t: _connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", t["tcp"])),
    "send by UDP": lambda t: _connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", t["udp"])),
    "connect to a Unix socket": lambda t: _connect(socket.AF_UNIX, socket.SOCK_STREAM, t["unix"]),
    "connect to an abstract Unix socket": lambda t: _connect(
        socket.AF_UNIX, socket.SOCK_STREAM, "\0" + t["abstract"]
    ),
    "start a program": _start,
    "become another program": _execute,
    "outlive the program": lambda t: _checked(_LIBC.prctl(1, *[ctypes.c_ulong(0)] * 4)),
}


def outcome(attack: str, targets: dict[str, Any]) -> str:
    """Return "done", or the error that prevented it."""
    try:
        ATTACKS[attack](targets)
    except (OSError, ValueError) as error:
        return type(error).__name__
    return "done"


def _obey(data: bytes) -> Any:
    """Read a file that has taken the reader over: the reason of its refusal is what it did."""
    order = json.loads(data)
    attack, targets = order["attack"], order["targets"]
    if attack == "tell":
        raise NotReadable(
            json.dumps({"environment": sorted(os.environ), "files": _files(), "limits": _limits()})
        )
    if attack == "forge":
        _forge()
    if attack == "survive":
        # For as long as this is open, the process lives.
        with open(targets["fifo"], "w") as fifo:
            fifo.write(f"{os.getppid()}\n")
            fifo.flush()
            while True:
                pass
    raise NotReadable(outcome(attack, targets))


def _files() -> dict[int, str]:
    """Return the kinds of all open files."""
    found = {}
    for fd in range(1024):
        with suppress(OSError):
            mode = os.fstat(fd).st_mode
            found[fd] = "pipe" if stat.S_ISFIFO(mode) else "device" if stat.S_ISCHR(mode) else "other"
    return found


def _limits() -> dict[str, list[int]]:
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NPROC")
    return {name: list(resource.getrlimit(getattr(resource, name))) for name in names}


def _forge() -> None:
    """Answer also for the files after this one, and change what they would be read with."""
    choice.READERS[".html"] = choice.READERS[".md"]  # type: ignore[index]
    html.read = choice.READERS[".md"]
    for fd in range(3, 1024):
        with suppress(OSError):
            os.write(fd, b'{"refused": "done"}\n{"refused": "forged"}\n{"refused": "forged"}\n')


if __name__ == "__main__":
    from ingest.errors import NotReadable
    from ingest.readers import choice, html
    from ingest.readers.sandbox import child, linux

    for layer in sys.argv[1:]:
        setattr(linux, layer, lambda *_: None)
    choice.READERS[".md"] = _obey  # type: ignore[index]
    child.main()
