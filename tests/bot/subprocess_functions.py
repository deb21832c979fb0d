"""Functions that tests run in a subprocess, which imports this light module."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


class Refusal(Exception):
    """An error that the function raises."""


def count(to: int, tell: Callable[[int], None]) -> int:
    for number in range(to):
        tell(number)
    return os.getpid()


def is_open_to_inspection(tell: Callable[[int], None]) -> bool:
    return bool(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE


def refuse(tell: Callable[[int], None]) -> int:
    raise Refusal("no, thank you")


def unspeakable(tell: Callable[[int], None]) -> object:
    return lambda: None


class Particular(Exception):
    """An error that can be pickled and not unpickled: its constructor needs two arguments."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


def refuse_in_particular(tell: Callable[[int], None]) -> int:
    raise Particular("no,", "thank you")


def die(tell: Callable[[int], None]) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse_to_end(tell: Callable[[int], None]) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell(os.getpid())
    while True:
        time.sleep(1)


def last_for_ever(mark: Path, tell: Callable[[int], None]) -> int:
    tell(os.getpid())
    while True:
        time.sleep(0.01)
        mark.touch()
