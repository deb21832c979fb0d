"""The signals that end the bot."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.stopping import end_soon


@contextmanager
def stopped_by_signals(stop: asyncio.Event | None) -> Iterator[asyncio.Event]:
    """Return the event that ends the bot: the caller's own, else one that SIGTERM and SIGINT set."""
    if stop is not None:
        yield stop
        return
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def on_signal() -> None:
        end_soon()
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield stop
    finally:
        for number in signals:
            with suppress(ValueError):
                loop.remove_signal_handler(number)
