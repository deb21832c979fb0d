"""Metrics of the running bot: what is counted, and the page that shows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.subprocesses import SubprocessDied
from store.errors import StoreBusy

if TYPE_CHECKING:
    from bot.telemetry.questions import QuestionRecord

# How an ingest ended, by its error; any other is "failed".
_OUTCOMES: dict[type[BaseException], str] = {
    asyncio.CancelledError: "cancelled",
    StoreBusy: "busy",
    SubprocessDied: "crashed",
}


# Name -> meaning and labels; of a histogram also the upper limits of its buckets.
COUNTERS = {
    "questions": ("Questions, by how they ended.", ["outcome"]),
    "removed_sentences": ("Sentences of a model that were removed, by the check that failed.", ["check"]),
    "ingests": (
        "Ingests of files from Slack: done, busy (another program writes; it is repeated), crashed, cancelled, failed.",
        ["outcome"],
    ),
    "slack_errors": (
        "Calls of Slack's Web API that failed in spite of their repetitions, by its error code or the exception.",
        ["method", "code"],
    ),
    "model_failures": (
        "Requests to a chat model that failed while questions were answered: timeout, rate limit, down, error.",
        ["model", "kind"],
    ),
}
_ANSWER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0)
_INGEST_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0)
HISTOGRAMS: dict[str, tuple[str, list[str], tuple[float, ...]]] = {
    "question_seconds": (
        "Seconds of each stage of an answer: retrieve, compose (the model writes), verify (the judge decides), total.",
        ["stage"],
        _ANSWER_SECONDS,
    ),
    "ingest_seconds": ("Seconds of an ingest of files from Slack.", [], _INGEST_SECONDS),
}
GAUGES = {
    "queue_length": "Questions that wait for an answer.",
    "running_answers": "Questions being answered.",
}


class Metrics:
    """What is counted for Prometheus, with the metrics of the process (memory, CPU time, open files)."""

    def __init__(self) -> None:
        # Takes some 50 ms to import, and most commands count nothing.
        import prometheus_client as library

        self._library = library
        self._registry = registry = library.CollectorRegistry()
        library.ProcessCollector(registry=registry)
        self._counters = {
            name: library.Counter(f"itubot_{name}", meaning, labels, registry=registry)
            for name, (meaning, labels) in COUNTERS.items()
        }
        self._histograms = {
            name: library.Histogram(f"itubot_{name}", meaning, labels, buckets=limits, registry=registry)
            for name, (meaning, labels, limits) in HISTOGRAMS.items()
        }

    def watch_queue(self, waiting: Callable[[], int], running: Callable[[], int]) -> None:
        """Show how many questions wait and how many are being answered; both are called for each page."""
        for name, read in {"queue_length": waiting, "running_answers": running}.items():
            self._library.Gauge(f"itubot_{name}", GAUGES[name], registry=self._registry).set_function(read)

    def page(self) -> tuple[bytes, str]:
        """Return the page for Prometheus and its content type."""
        return self._library.generate_latest(self._registry), self._library.CONTENT_TYPE_LATEST

    def question(self, record: QuestionRecord) -> None:
        """Count the end of a question."""
        self._counters["questions"].labels(record.outcome).inc()
        for stage, seconds in record.seconds.items():
            self._histograms["question_seconds"].labels(stage).observe(seconds)
        for check, count in record.removed.items():
            self._counters["removed_sentences"].labels(check).inc(count)

    @contextmanager
    def ingest(self) -> Iterator[None]:
        """Count the ingest of files from Slack that runs while the context is open, by the error that ends it."""
        began = time.monotonic()
        outcome = "done"
        try:
            yield
        except BaseException as error:
            outcome = next((name for kind, name in _OUTCOMES.items() if isinstance(error, kind)), "failed")
            raise
        finally:
            self._counters["ingests"].labels(outcome).inc()
            self._histograms["ingest_seconds"].observe(time.monotonic() - began)

    def slack_error(self, method: str, code: str) -> None:
        """Count a failed call of Slack's Web API; `code` is Slack's error code or the name of an exception."""
        self._counters["slack_errors"].labels(method, code).inc()

    def model_failure(self, model: str, kind: str) -> None:
        """Count a failed request to a chat model: "timeout", "rate limit", "down" or "error"."""
        self._counters["model_failures"].labels(model, kind).inc()
