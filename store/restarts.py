"""Retries calls of the store while a database server restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from store.errors import StoreUnavailable

Result = TypeVar("Result")

# How long a restart of a server takes at most.
SERVER_SECONDS = 10.0
# The pause between two tries.
RETRY_SECONDS = 0.5


def while_it_restarts(call: Callable[[], Result]) -> Result:
    """Return what `call` returns. While a server does not answer, it is called again for some seconds.

    Blocks. Raises StoreUnavailable if the server does not answer in this time.
    """
    until = time.monotonic() + SERVER_SECONDS
    while True:
        try:
            return call()
        except StoreUnavailable:
            if time.monotonic() >= until:
                raise
            time.sleep(RETRY_SECONDS)
