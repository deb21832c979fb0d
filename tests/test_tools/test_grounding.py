"""The hard checks and the recorded judge on the marked statements."""

from __future__ import annotations

import pytest

from tests.tools.quality.grounding import Counts, marked_statements, measure, total

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def counts() -> Counts:
    return total(measure(marked_statements()).values())


def test_hardly_a_wrong_statement_is_delivered(counts: Counts) -> None:
    assert counts.wrong > 250
    assert counts.wrong_judged <= 0.02 * counts.wrong


def test_nearly_all_faithful_statements_are_kept_as_written(counts: Counts) -> None:
    assert counts.said > 250
    assert counts.said_judged >= 0.97 * counts.said


def test_the_hard_checks_hardly_stop_a_faithful_statement(counts: Counts) -> None:
    assert counts.said_hard >= 0.97 * counts.said
