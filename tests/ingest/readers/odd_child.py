"""A process that reads files and misbehaves: it hangs, dies, obeys a file, or answers what it should not.

python -I odd_child.py WHAT [WITHOUT ...]

Each WITHOUT is a layer of the confinement that this process does not have.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import resource
import signal
import stat
import sys
import time
from typing import Any

from ingest.errors import NotReadable
from ingest.readers import choice
from ingest.readers.numbers import classify_numbers
from ingest.readers.sandbox import child, linux

_LIMITS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NPROC")


def faulty(data: bytes) -> Any:
    classify_numbers(data)  # type: ignore[arg-type]  # a fault of this package: it takes blocks


def crashing(data: bytes) -> Any:
    ctypes.string_at(0)


def busy(data: bytes) -> Any:
    while True:
        pass


def obedient(data: bytes) -> Any:
    """Do what the file says, as a reader that it has taken over would."""
    order, _, place = data.decode().partition(" ")
    if order == "tell":
        limits = {n: resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n in _LIMITS}
        files = [os.fstat(fd).st_mode for fd in range(1_024) if _is_open(fd)]
        kinds = [
            "pipe" if stat.S_ISFIFO(mode) else "device" if stat.S_ISCHR(mode) else "other" for mode in files
        ]
        raise NotReadable(json.dumps({"environment": sorted(os.environ), "files": kinds, "limits": limits}))
    if order == "forge":
        # Answer for the files after this one too, and change what they would be read with.
        choice.READERS[".html"] = obedient  # type: ignore[index]
        for fd in filter(_is_open, range(3, 1_024)):
            os.write(fd, b'{"refused": "done"}\n{"refused": "forged"}\n{"refused": "forged"}\n')
    if order == "survive":
        # For as long as this is open, the process lives.
        with open(place, "w") as fifo:
            fifo.write(f"{os.getppid()}\n")
            fifo.flush()
            busy(data)
    raise NotReadable("done")


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def main(what: str, *without: str) -> None:
    for layer in without:
        setattr(linux, layer, lambda *_: None)
    readers = {"faulty": faulty, "crashing": crashing, "busy": busy, "obedient": obedient}
    if what in readers:
        choice.READERS[".md"] = readers[what]  # type: ignore[index]
        child.main()
        return
    sys.stdin.buffer.readline()
    if what == "silent":
        time.sleep(600)
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "mute":
        os.close(1)
        time.sleep(600)
    sys.stdout.buffer.write(
        {
            "endless": b"x" * 10_000_000,
            "pickle": pickle.dumps(child.ReadingResult()) + b"\n",
            "wrong": b'{"extract": {"blocks": [{"kind": "heading", "raw": 7}]}}\n',
            "empty": b"{}\n",
            "lines": b'{"refused": "one\\ntwo"}\n',
        }[what]
    )
    sys.stdout.buffer.flush()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
