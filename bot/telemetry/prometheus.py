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
from bot.telemetry.questions import QuestionRecord

_ANSWER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0)
_INGEST_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0)


class PrometheusMetrics(Metrics):
    """Metrics in a registry of their own, with those of the process (memory, CPU time, open files)."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._questions = Counter(
            "itubot_questions", "Questions, by how they ended.", ["outcome"], registry=registry
        )
        self._seconds = Histogram(
            "itubot_question_seconds",
            "Seconds of each stage of an answer, and in total.",
            ["stage"],
            buckets=_ANSWER_SECONDS,
            registry=registry,
        )
        self._removed = Counter(
            "itubot_removed_sentences",
            "Sentences of a model that were removed, by the check that failed.",
            ["check"],
            registry=registry,
        )
        self._ingests = Counter(
            "itubot_ingests",
            "Ingests of files from Slack, by how they ended.",
            ["outcome"],
            registry=registry,
        )
        self._ingest_seconds = Histogram(
            "itubot_ingest_seconds",
            "Seconds of an ingest of files from Slack.",
            buckets=_INGEST_SECONDS,
            registry=registry,
        )
        self._slack_errors = Counter(
            "itubot_slack_errors",
            "Failed calls of Slack's Web API, after their repetitions.",
            ["method", "code"],
            registry=registry,
        )
        self._model_failures = Counter(
            "itubot_model_failures", "Failed requests to a chat model.", ["model", "kind"], registry=registry
        )

    def question(self, record: QuestionRecord) -> None:
        """Count the end of a question."""
        self._questions.labels(record.outcome).inc()
        for stage, seconds in record.seconds.items():
            self._seconds.labels(stage).observe(seconds)
        for check, count in record.removed.items():
            self._removed.labels(check).inc(count)

    def ingest(self, outcome: str, seconds: float) -> None:
        """Count an ingest of files from Slack."""
        self._ingests.labels(outcome).inc()
        self._ingest_seconds.observe(seconds)

    def slack_error(self, method: str, code: str) -> None:
        """Count a failed call of Slack's Web API."""
        self._slack_errors.labels(method, code).inc()

    def model_failure(self, model: str, kind: str) -> None:
        """Count a failed request to a chat model."""
        self._model_failures.labels(model, kind).inc()

    def watch_queue(self, waiting: Callable[[], int], running: Callable[[], int]) -> None:
        """Show how many questions wait and how many are being answered."""
        queue = Gauge("itubot_queue_length", "Questions that wait for an answer.", registry=self._registry)
        queue.set_function(waiting)
        answers = Gauge("itubot_running_answers", "Questions being answered.", registry=self._registry)
        answers.set_function(running)

    def page(self) -> tuple[bytes, str] | None:
        """Return the page for Prometheus and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
