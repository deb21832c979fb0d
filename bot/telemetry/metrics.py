"""Metrics of the running bot: what is counted, and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.telemetry.questions import QuestionRecord


class Metrics:
    """Counts nothing: the metrics without the library. Safe between threads."""

    def question(self, record: QuestionRecord) -> None:
        """Count the end of a question."""

    def ingest(self, outcome: str, seconds: float) -> None:
        """Count an ingest of files from Slack: "done", "failed", "crashed", "busy" or "cancelled"."""

    def slack_error(self, method: str, code: str) -> None:
        """Count a failed call of Slack's Web API; `code` is Slack's error code or the name of an exception."""

    def model_failure(self, model: str, kind: str) -> None:
        """Count a failed request to a chat model: "timeout", "rate limit", "down" or "error"."""

    def watch_queue(self, waiting: Callable[[], int], running: Callable[[], int]) -> None:
        """Show how many questions wait and how many are being answered; both are called for each page."""

    def page(self) -> tuple[bytes, str] | None:
        """Return the page for Prometheus and its content type; None without the library."""
        return None


def load_metrics() -> Metrics:
    """Return metrics for Prometheus; without its library, metrics that count nothing."""
    try:
        from bot.telemetry.prometheus import PrometheusMetrics
    except ModuleNotFoundError:
        return Metrics()
    return PrometheusMetrics()
