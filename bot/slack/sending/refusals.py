"""What Slack has lately refused, so that it is not asked again at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

# Seconds until Slack is asked again.
_PAUSE = 3600.0


class Refusals:
    """The kinds of calls that Slack has refused within the last hour, by any keys. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # When Slack is asked again.
        self._until: dict[Hashable, float] = {}

    def add(self, kind: Hashable) -> None:
        """Remember that Slack refuses a kind of calls."""
        self._until[kind] = self._clock() + _PAUSE

    def __contains__(self, kind: Hashable) -> bool:
        """Return whether Slack has refused a kind of calls within the last hour."""
        return self._clock() < self._until.get(kind, 0.0)
