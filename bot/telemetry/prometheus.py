"""Metrics for Prometheus; needs the extra `metrics`."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.telemetry.metrics import Metrics

# Name -> meaning and labels; of a histogram also the upper limits of its buckets.
_COUNTERS = {
    "questions": ("Questions, by how they ended.", ["outcome"]),
    "removed_sentences": ("Sentences of a model that were removed, by the check that failed.", ["check"]),
    "ingests": ("Ingests of files from Slack, by how they ended.", ["outcome"]),
    "slack_errors": ("Failed calls of Slack's Web API, after their repetitions.", ["method", "code"]),
    "model_failures": ("Failed requests to a chat model.", ["model", "kind"]),
}
_ANSWER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0)
_INGEST_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0)
_HISTOGRAMS: dict[str, tuple[str, list[str], tuple[float, ...]]] = {
    "question_seconds": ("Seconds of each stage of an answer, and in total.", ["stage"], _ANSWER_SECONDS),
    "ingest_seconds": ("Seconds of an ingest of files from Slack.", [], _INGEST_SECONDS),
}


class PrometheusMetrics(Metrics):
    """Metrics in a registry of their own, with those of the process (memory, CPU time, open files)."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._counters = {
            name: Counter(f"itubot_{name}", meaning, labels, registry=registry)
            for name, (meaning, labels) in _COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(f"itubot_{name}", meaning, labels, buckets=limits, registry=registry)
            for name, (meaning, labels, limits) in _HISTOGRAMS.items()
        }

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        """Add to the counter of this name."""
        self._counters[name].labels(*labels).inc(by)

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Add to the histogram of this name."""
        histogram = self._histograms[name]
        (histogram.labels(*labels) if labels else histogram).observe(seconds)

    def watch_queue(self, waiting: Callable[[], int], running: Callable[[], int]) -> None:
        """Show how many questions wait and how many are being answered."""
        queue = Gauge("itubot_queue_length", "Questions that wait for an answer.", registry=self._registry)
        queue.set_function(waiting)
        answers = Gauge("itubot_running_answers", "Questions being answered.", registry=self._registry)
        answers.set_function(running)

    def page(self) -> tuple[bytes, str] | None:
        """Return the page for Prometheus and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
