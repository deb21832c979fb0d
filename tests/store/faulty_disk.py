"""A disk that fails, for a process that runs with `faulty_disk.c` preloaded."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_suffix(".c")


def preloaded(folder: Path) -> dict[str, str]:
    """Return the environment for a process in which the disk can fail; skip the test where no compiler is."""
    if sys.platform != "linux":
        pytest.skip("the library is for Linux")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        if os.environ.get("CI"):
            pytest.fail("a C compiler is missing, and CI has to have it")
        pytest.skip("no C compiler is installed")
    library = folder / "faulty_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
    return os.environ | {"LD_PRELOAD": str(library)}


class FaultyDisk:
    """Lets calls that change files below a folder fail, from when it is armed."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def arm(self, folder: Path, mode: str, number: int, log: Path | None = None) -> None:
        """Let the call of this number fail; `log` gets a line for each call."""
        handle = -1 if log is None else os.open(log, os.O_CREAT | os.O_WRONLY)
        self._library.faulty_disk_arm(os.fsencode(folder), ord(mode), ctypes.c_long(number), handle)

    def disarm(self) -> None:
        self._library.faulty_disk_disarm()
