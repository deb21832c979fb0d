"""How long calls of the store wait for a database server that restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from store.errors import StoreUnavailable

Result = TypeVar("Result")

# Seconds in which a server restarts, and between two tries.
SERVER_SECONDS, RETRY_SECONDS = 10.0, 0.5


def while_it_restarts(call: Callable[[], Result]) -> Result:
    """Return what `call` returns, which is tried again for some seconds while a server does not answer.

    Blocks. Raises StoreUnavailable if it does not answer for longer.
    """
    until = time.monotonic() + SERVER_SECONDS
    while True:
        try:
            return call()
        except StoreUnavailable:
            if time.monotonic() >= until:
                raise
            time.sleep(RETRY_SECONDS)
