"""Counts the operations of a call: a time would depend on what else the machine does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

# What a doubled input may cost more: a fixed part and a logarithm, but no square.
LINEAR = 2.3


def lines_run(work: Callable[[], object]) -> int:
    """Return the number of lines of Python that `work` runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(former)
    return count
