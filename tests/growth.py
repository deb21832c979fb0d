"""How much more work a function has with a longer text.

The lines that run are counted where the work is in Python. What regular expressions and other code in C do cannot be
counted, so for that the processor time of this thread is compared within one run: text of eight times the length
takes eight times as long if the work is linear, 64 times if it is quadratic. The limit between them is generous, and a
comparison that a busy machine disturbs is made again.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

LONGER = 8
# The most that `LONGER` times the text may cost: 8 is linear, 64 quadratic.
_MOST = 24.0
_COMPARISONS = 4
# What a doubled input may cost more, counted in lines: a fixed part and a logarithm, but no square.
LINEAR = 2.3


def lines_run(work: Callable[[], object]) -> int:
    """Return the number of lines of Python that `work` runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    former = sys.gettrace()
    # What the collector ends runs lines too.
    gc.disable()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(former)
        gc.enable()
    return count


def is_linear(function: Callable[[Any], object], short: object, long: object) -> bool:
    """Whether the work for `long`, `LONGER` times as much as `short`, is at most some times as much."""
    function(short)  # what is loaded or cached once
    return any(_seconds(function, long) <= _MOST * _seconds(function, short) for _ in range(_COMPARISONS))


def _seconds(function: Callable[[Any], object], argument: object) -> float:
    """Return the processor time of this thread; at least half a millisecond, below which it says nothing."""
    gc.disable()
    try:
        began = time.thread_time()
        function(argument)
        return max(time.thread_time() - began, 0.0005)
    finally:
        gc.enable()
