"""The budget of `chat.update`, which Slack allows some 50 times a minute for all messages of an app together.

Partial updates may use a part of it, so that the last update of a message, without which it stays incomplete, never
waits behind them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_MINUTE = 60.0
# docs.slack.dev/reference/methods/chat.update: tier 3.
_A_MINUTE = 50
# Of these, only last updates may use so many.
_RESERVED = 20


class UpdateBudget:
    """Counts the updates of the last minute. `clock` gives seconds. For one thread."""

    def __init__(
        self,
        a_minute: int = _A_MINUTE,
        reserved: int = _RESERVED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._partial = a_minute - reserved
        self._clock = clock
        self._times: deque[float] = deque()
        self._refused_until = 0.0

    def count(self) -> None:
        """Count an update, which does not wait."""
        now = self._clock()
        while self._times and now - self._times[0] >= _MINUTE:
            self._times.popleft()
        self._times.append(now)

    def wait(self) -> float:
        """Return 0.0 and count a partial update, else the seconds after which there may be room for one."""
        now = self._clock()
        seconds = max(0.0, self._refused_until - now)
        if len(self._times) >= self._partial:
            seconds = max(seconds, self._times[-self._partial] + _MINUTE - now)
        if not seconds:
            self.count()
        return seconds

    def refuse(self, seconds: float) -> None:
        """Allow no partial update for so many seconds, as Slack has refused one."""
        self._refused_until = max(self._refused_until, self._clock() + seconds)
