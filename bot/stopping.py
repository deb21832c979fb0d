"""The end of a process that was told to stop: within half a minute, whatever its threads wait for."""

from __future__ import annotations

import logging
import os
import threading

_LOG = logging.getLogger(__name__)

# Kubernetes and most others kill a process after 30 seconds, some of which a busy machine takes until the timer starts
# and until it runs. The bot's own patience has ended by then: 3 seconds for requests, 14 for answers, 3 to cancel them,
# 4 to release leases.
_SECONDS = 25.0


def end_soon() -> None:
    """End this process with exit code 0 unless it has ended by itself before.

    Python waits at its end for every thread that it has started: also for one that waits for a model or a database.
    """
    timer = threading.Timer(_SECONDS, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    _LOG.warning("a thread did not end in time; the process ends without it")
    os._exit(0)
