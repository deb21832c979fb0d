"""Tasks that outlive what started them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

_CANCEL_SECONDS = 3.0


class BackgroundTasks:
    """Starts tasks, keeps them referenced, and lets them finish at shutdown; all handlers share one object."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start a task; returns at once."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self, shutdown_patience: float) -> None:
        """Wait at most `shutdown_patience` seconds for all tasks, then cancel the rest and wait for their end."""
        if self._running:
            await asyncio.wait(self._running, timeout=shutdown_patience)
        if cancelled := list(self._running):
            for task in cancelled:
                task.cancel()
            await asyncio.wait(cancelled, timeout=_CANCEL_SECONDS)
