"""How many questions a user may ask within a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

_WINDOW = 60.0


class RateLimit:
    """Allows each user `most` questions a minute, any number where that is 0. `clock` gives seconds.

    For one thread.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        # By user: the time of each question by its key, oldest first.
        self._asked: dict[str, dict[str, float]] = {}

    def wait(self, user: str, key: str) -> float:
        """Return 0.0 and count a question, else the seconds after which `user` may ask again.

        A question that is delivered twice has the same `key` and counts once.
        """
        if not self.most:
            return 0.0
        now = self._clock()
        # Drop questions older than the window, and users without recent ones.
        self._asked = {
            name: recent
            for name, times in self._asked.items()
            if (recent := {k: at for k, at in times.items() if now - at < _WINDOW})
        }
        mine = self._asked.setdefault(user, {})
        if key not in mine and len(mine) >= self.most:
            return next(iter(mine.values())) + _WINDOW - now
        mine.setdefault(key, now)
        return 0.0
