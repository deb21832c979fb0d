"""What is recorded of each ingest of files from Slack."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.subprocesses import SubprocessDied
from bot.telemetry.metrics import Metrics
from store.errors import StoreBusy


@contextmanager
def counted_ingest(metrics: Metrics) -> Iterator[None]:
    """Count the ingest that runs while the context is open, by the error that ends it."""
    began, outcome = time.monotonic(), "failed"
    try:
        yield
        outcome = "done"
    except asyncio.CancelledError:
        outcome = "cancelled"
        raise
    except StoreBusy:
        outcome = "busy"
        raise
    except SubprocessDied:
        outcome = "crashed"
        raise
    finally:
        metrics.ingest(outcome, time.monotonic() - began)
