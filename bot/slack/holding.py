"""What a process holds of the work in the state database: taken up from others, and let go at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Work = TypeVar("Work")


class Holding(Generic[Work]):
    """Takes up and lets go, one at a time; nothing is taken up once all was let go.

    A thread goes on when whoever waits for it is cancelled: without this, one that was taking up work while the
    bot stopped would take back what had just been let go, and nobody else would look at it for a long time.
    """

    def __init__(self, adopt: Callable[[], list[Work]], let_go: Callable[[], None]) -> None:
        self._adopt = adopt
        self._let_go = let_go
        self._lock = threading.Lock()
        self._over = False

    async def adopt(self) -> list[Work]:
        """Return what others left and this process has now."""
        return await asyncio.to_thread(self._adopt_now)

    async def let_go(self) -> None:
        """Give up everything, for others to take up at once."""
        await asyncio.to_thread(self._let_go_now)

    def _adopt_now(self) -> list[Work]:
        with self._lock:
            return [] if self._over else self._adopt()

    def _let_go_now(self) -> None:
        with self._lock:
            self._over = True
            self._let_go()
