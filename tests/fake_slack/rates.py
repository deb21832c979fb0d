"""How often the bot calls the fake Slack, and the rates that Slack allows.

https://docs.slack.dev/apis/web-api/rate-limits: each method has a tier, a number of calls a minute for an app in a
workspace; messages are posted once a second to a channel, but for short bursts. Slack tolerates bursts of most methods
too; here none is, to see what the bot does then.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque

from tests.fake_slack.rules.methods import METHODS


class Rates:
    """Refuses calls above the rates, once `enforced`.

    `refused` holds the method of each refused call.
    """

    def __init__(self) -> None:
        self.enforced = False
        self.refused: list[str] = []
        self._taken: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def wait(self, method: str, channel: str, now: float) -> int:
        """Return 0 and count a call that Slack takes, else the seconds of the header Retry-After."""
        if not self.enforced:
            return 0
        rate = METHODS[method].rate
        taken = self._taken[method, channel if rate.per_channel else ""]
        while taken and now - taken[0] >= rate.seconds:
            taken.popleft()
        if len(taken) >= rate.calls:
            self.refused.append(method)
            return max(1, math.ceil(taken[0] + rate.seconds - now))
        taken.append(now)
        return 0
