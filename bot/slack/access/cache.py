"""What Slack says of people and channels, for some minutes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_FRESH = 300.0
_MOST = 5_000

Value = TypeVar("Value")


class SlackCache:
    """Keeps values by the id of a person or a channel for five minutes, at most 5,000. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # By id: when the value expires, and the value; the last used is at the end.
        self._values: dict[str, tuple[float, Any]] = {}

    async def get(self, name: str, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Return the value of an id, or ask for it. Raises what `ask` raises."""
        value: Value
        until, value = self._values.pop(name, (0.0, None))
        if self._clock() >= until:
            until, value = self._clock() + _FRESH, await ask()
        self._values[name] = until, value
        if len(self._values) > _MOST:
            del self._values[next(iter(self._values))]
        return value
