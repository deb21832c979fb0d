"""The figures of the extraction do not fall below what the register promises."""

from __future__ import annotations

import pytest

from tests.tools.quality.extraction import Figures, bundled


@pytest.fixture(scope="module")
def figures() -> Figures:
    return bundled()


def test_value_recall(figures: Figures) -> None:
    assert figures.recall >= 0.96


def test_value_precision(figures: Figures) -> None:
    assert figures.precision >= 0.97


def test_no_non_event_is_taken(figures: Figures) -> None:
    assert figures.taken == 0


def test_status(figures: Figures) -> None:
    assert figures.status >= 0.96


def test_kind(figures: Figures) -> None:
    assert figures.kind >= 0.83


def test_titles(figures: Figures) -> None:
    assert figures.title >= 0.62
