"""Cancels the work on an answer from another thread: whatever waits for a language model then ends at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CURRENT: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


class Cancelled(Exception):
    """The work was cancelled: nobody wants its result."""


class Cancellation:
    """Cancels the work that is done within `of_this_work`, also in threads that run in its context."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._wakers: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Wake whatever waits, so that it raises Cancelled; the same for what waits later."""
        with self._lock:
            self._cancelled = True
            wakers = list(self._wakers)
        for wake in wakers:
            wake()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody wants the result any more."""
        return self._cancelled

    @contextmanager
    def of_this_work(self) -> Iterator[None]:
        """Make this the cancellation of the work in the present context."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    @contextmanager
    def _waking(self, wake: Callable[[], None]) -> Iterator[None]:
        with self._lock:
            cancelled = self._cancelled
            self._wakers.append(wake)
        if cancelled:
            wake()
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)


@contextmanager
def woken_by_cancellation(wake: Callable[[], None]) -> Iterator[None]:
    """Have `wake` called, from any thread, when the work of the present context is cancelled."""
    current = _CURRENT.get()
    if current is None:
        yield
        return
    with current._waking(wake):
        yield
