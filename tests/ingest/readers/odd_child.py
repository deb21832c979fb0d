"""A process that reads files and misbehaves: it hangs, dies, or answers what it should not.

python -I odd_child.py WHAT
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import time
from typing import Any

from ingest.readers import choice
from ingest.readers.sandbox import child


def faulty(data: bytes) -> Any:
    raise ValueError("a column too many")


def crashing(data: bytes) -> Any:
    ctypes.string_at(0)


def busy(data: bytes) -> Any:
    while True:
        pass


def main(what: str) -> None:
    readers = {"faulty": faulty, "crashing": crashing, "busy": busy}
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
    main(sys.argv[1])
