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
_ENDS: dict[type[BaseException], str] = {
    asyncio.CancelledError: "cancelled",
    StoreBusy: "busy",
    SubprocessDied: "crashed",
}


class Metrics:
    """What is counted. Without the library it is not kept. Safe between threads."""

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        """Add to the counter of this name, with the values of its labels in their order."""

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Add to the histogram of this name, with the values of its labels in their order."""

    def watch_queue(self, waiting: Callable[[], int], running: Callable[[], int]) -> None:
        """Show how many questions wait and how many are being answered; both are called for each page."""

    def page(self) -> tuple[bytes, str] | None:
        """Return the page for Prometheus and its content type; None without the library."""
        return None

    def question(self, record: QuestionRecord) -> None:
        """Count the end of a question."""
        self.count("questions", record.outcome)
        for stage, seconds in record.seconds.items():
            self.observe("question_seconds", seconds, stage)
        for check, count in record.removed.items():
            self.count("removed_sentences", check, by=count)

    @contextmanager
    def ingest(self) -> Iterator[None]:
        """Count the ingest of files from Slack that runs while the context is open, by the error that ends it."""
        began, outcome = time.monotonic(), "done"
        try:
            yield
        except BaseException as error:
            outcome = next((name for kind, name in _ENDS.items() if isinstance(error, kind)), "failed")
            raise
        finally:
            self.count("ingests", outcome)
            self.observe("ingest_seconds", time.monotonic() - began)

    def slack_error(self, method: str, code: str) -> None:
        """Count a failed call of Slack's Web API; `code` is Slack's error code or the name of an exception."""
        self.count("slack_errors", method, code)

    def model_failure(self, model: str, kind: str) -> None:
        """Count a failed request to a chat model: "timeout", "rate limit", "down" or "error"."""
        self.count("model_failures", model, kind)


def load_metrics() -> Metrics:
    """Return metrics for Prometheus; without its library, metrics that are not kept."""
    try:
        from bot.telemetry.prometheus import PrometheusMetrics
    except ModuleNotFoundError:
        return Metrics()
    return PrometheusMetrics()
