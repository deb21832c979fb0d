"""Iteration in a thread of its own, so that the consumer can wait for a limited time or do other work."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar

from bot.cancellation import Cancelled, woken_by_cancellation
from bot.errors import ModelError

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


def in_background(
    produce: Callable[[threading.Event], Generator[ItemT, None, None]],
    name: str,
    seconds: Callable[[], float] | None = None,
) -> Generator[ItemT, None, None]:
    """Yield what `produce` yields in a daemon thread of this name.

    When this generator is closed, the event that `produce` gets is set, and no more is taken from it. Raises what
    `produce` raises, ModelError if its thread ends otherwise, TimeoutError, with the seconds, if an item takes longer
    than `seconds()`, and Cancelled at once if the work is cancelled.
    """
    items: queue.SimpleQueue[ItemT | _End] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        error: Exception | None = ModelError(f"the thread {name!r} ended early")
        try:
            with closing(produce(stopped)) as produced:
                for item in produced:
                    if stopped.is_set():
                        return
                    items.put(item)
            error = None
        except Exception as raised:
            error = raised
        finally:
            # A panic of a library in Rust is no Exception: the consumer must not wait for an item that never comes.
            items.put(_End(error))

    # In the caller's context, by which langchain's tracers find the run that the work belongs to.
    threading.Thread(target=copy_context().run, args=(work,), name=name, daemon=True).start()
    try:
        with woken_by_cancellation(lambda: items.put(_End(Cancelled()))):
            while True:
                wait = seconds() if seconds else None
                try:
                    item = items.get(timeout=wait)
                except queue.Empty:
                    raise TimeoutError(wait) from None
                if isinstance(item, _End):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
    finally:
        stopped.set()
