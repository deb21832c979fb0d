"""How a figure is taken, and how it is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


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
