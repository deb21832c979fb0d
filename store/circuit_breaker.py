"""A circuit breaker: after repeated failures no requests are made for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """After so many `failures` in a row, refuses requests for `pause` seconds, and then allows one to try.

    Safe between threads. `clock` gives seconds.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Return whether a request may be made; after a pause, only the first one may."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._pause
            return True

    def record(self, *, failed: bool) -> None:
        """Record the end of a request."""
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            self._until = self._clock() + self._pause

    @property
    def remaining(self) -> float:
        """The seconds until the next request is allowed."""
        with self._lock:
            return max(0.0, self._until - self._clock())
