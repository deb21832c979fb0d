"""What happens while a database server does not answer: calls are repeated, or not made for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from store.errors import StoreUnavailable

Result = TypeVar("Result")

# How long a restart of a server takes at most.
SERVER_SECONDS = 10.0
# The pause between two tries.
RETRY_SECONDS = 0.5


def while_it_restarts(call: Callable[[], Result]) -> Result:
    """Return what `call` returns. While a server does not answer, it is called again for some seconds.

    Blocks. Raises StoreUnavailable if the server does not answer in this time.
    """
    until = time.monotonic() + SERVER_SECONDS
    while True:
        try:
            return call()
        except StoreUnavailable:
            if time.monotonic() >= until:
                raise
            time.sleep(RETRY_SECONDS)


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
        """Whether a request may be made; after a pause, only the first one may."""
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
            self._until = self._clock() + self._pause if failed else 0.0

    @property
    def remaining(self) -> float:
        """The seconds until the next request is allowed."""
        with self._lock:
            return max(0.0, self._until - self._clock())
