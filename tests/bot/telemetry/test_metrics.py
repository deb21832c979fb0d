"""The page of metrics, read as Prometheus reads it."""

from __future__ import annotations

import asyncio

import pytest

from bot.subprocesses import SubprocessDied
from bot.telemetry.metrics import Metrics
from bot.telemetry.questions import QuestionRecord
from store.errors import StoreBusy, StoreError
from tests.bot.telemetry.pages import value


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def shown(metrics: Metrics, name: str, **labels: str) -> float | None:
    page = metrics.page()
    return value(page[0].decode(), name, **labels)


def test_seconds_are_summed_by_stage(metrics: Metrics) -> None:
    metrics.question(QuestionRecord("answered", {"retrieve": 0.25, "total": 2.0}))
    metrics.question(QuestionRecord("answered", {"total": 1.0}))

    assert shown(metrics, "itubot_question_seconds_sum", stage="total") == 3.0
    assert shown(metrics, "itubot_question_seconds_count", stage="retrieve") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (StoreBusy("x"), "busy"),
        (SubprocessDied("x"), "crashed"),
        (asyncio.CancelledError(), "cancelled"),
        (StoreError("x"), "failed"),
    ],
)
def test_ingest_is_counted_by_the_error_that_ends_it(
    metrics: Metrics, error: BaseException, outcome: str
) -> None:
    with pytest.raises(type(error)), metrics.ingest():
        raise error

    assert shown(metrics, "itubot_ingests_total", outcome=outcome) == 1
