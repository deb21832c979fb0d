"""How a figure is taken, and how it is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work()` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(name: str, value: float, target: str = "") -> None:
    """Print one line: the figure, and what it should be."""
    line = f"{name:<60}{value:10.3f}" + (f"   ({target})" if target else "")
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def peak_memory(process: int | str = "self") -> float:
    """Return the most resident memory that a process had, in bytes (Linux).

    Not of getrusage: there a process begins with the peak of the one that started it.
    """
    return _memory(process, "status", "VmHWM")


def own_memory(process: int) -> float:
    """Return the memory of a process in bytes, with its share of what it has in common with others (Linux)."""
    return _memory(process, "smaps_rollup", "Pss")


def size(folder: Path) -> float:
    """Return the bytes of the files in a folder and its subfolders."""
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


def _memory(process: int | str, file: str, name: str) -> float:
    lines = Path(f"/proc/{process}/{file}").read_text("ascii").splitlines()
    return 1024.0 * int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])
