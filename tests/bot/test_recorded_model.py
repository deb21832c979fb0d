"""Answers to all marked questions with a capable model's recorded replies."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from tests.bot.recorded_runs import SETS, RecordedRun, run

pytestmark = pytest.mark.slow

_RUNS = [*((name, "") for name in SETS), ("gold", "none")]


@pytest.fixture(scope="module", params=_RUNS, ids=str)
def recorded(request: pytest.FixtureRequest, report: Services) -> RecordedRun:
    name, judge = request.param
    return run(report, name, judge=judge)


def test_every_prompt_has_its_record(recorded: RecordedRun) -> None:
    assert recorded.missing == ()


def test_answers_and_refusals_agree_with_the_replies(recorded: RecordedRun) -> None:
    assert recorded.decided_alike >= 0.98


def test_correct_replies_stay_correct(recorded: RecordedRun) -> None:
    assert recorded.still_right >= 0.98


def test_nearly_every_delivered_sentence_is_the_models(recorded: RecordedRun) -> None:
    assert recorded.measured.metrics["model_share"] >= 0.95
