"""What a model that errs or cheats wrote: hard facts and the recorded judge stop it, and let through what is said."""

from __future__ import annotations

import pytest

from tests.tools.quality.statements import Counts, marked_statements, measure, total


@pytest.fixture(scope="module")
def counted() -> dict[str, Counts]:
    """The counts of each marked set."""
    return measure(marked_statements())


def test_nearly_nothing_that_no_paragraph_says_passes(counted: dict[str, Counts]) -> None:
    whole = total(counted.values())

    assert whole.wrong > 300
    assert whole.wrong_judged <= 0.01 * whole.wrong
    assert counted["misbehaviours"].wrong_judged == 0


def test_what_a_paragraph_says_passes_where_it_is_cited(counted: dict[str, Counts]) -> None:
    whole = total(counted.values())

    assert whole.said_hard >= 0.85 * whole.said
    assert whole.said_judged >= 0.84 * whole.said
