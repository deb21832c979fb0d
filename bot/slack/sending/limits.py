"""What Slack allows: the budget of updates, and what it has lately refused and is not asked again at once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

# After a refusal, Slack is not asked again for so long.
_REFUSED_SECONDS = 3600.0

_MINUTE_SECONDS = 60.0
# docs.slack.dev/reference/methods/chat.update: tier 3.
_UPDATES_A_MINUTE = 50
# Of these, only last updates may use so many.
_RESERVED_UPDATES = 20


@dataclass
class Refusals:
    """The kinds of calls that Slack has refused within the last hour, by any keys. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    until: dict[Hashable, float] = field(default_factory=dict)
    """When Slack is asked again."""

    def add(self, kind: Hashable) -> None:
        """Remember that Slack refuses a kind of calls."""
        self.until[kind] = self.clock() + _REFUSED_SECONDS

    def __contains__(self, kind: Hashable) -> bool:
        """Return whether Slack has refused a kind of calls within the last hour."""
        return self.clock() < self.until.get(kind, 0.0)


@dataclass
class UpdateBudget:
    """Counts the updates of the last minute. `clock` gives seconds. For one thread."""

    partial: int = _UPDATES_A_MINUTE - _RESERVED_UPDATES
    """Partial updates that are allowed in a minute."""
    clock: Callable[[], float] = time.monotonic
    times: deque[float] = field(default_factory=deque)
    refused_until: float = 0.0

    def count(self) -> None:
        """Count an update, which does not wait."""
        now = self.clock()
        while self.times and now - self.times[0] >= _MINUTE_SECONDS:
            self.times.popleft()
        self.times.append(now)

    def wait(self) -> float:
        """Return 0.0 and count a partial update, else the seconds after which there may be room for one."""
        now = self.clock()
        seconds = max(0.0, self.refused_until - now)
        if len(self.times) >= self.partial:
            seconds = max(seconds, self.times[-self.partial] + _MINUTE_SECONDS - now)
        if not seconds:
            self.count()
        return seconds

    def refuse(self, seconds: float) -> None:
        """Allow no partial update for so many seconds, as Slack has refused one."""
        self.refused_until = max(self.refused_until, self.clock() + seconds)
