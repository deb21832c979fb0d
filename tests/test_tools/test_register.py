"""The figures of the register over marked documents of twelve kinds do not fall below what it promises."""

from __future__ import annotations

import pytest

from tests.label_recordings import LabelRecordings
from tests.tools.quality.register import FOLDER, Counts, total

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def worked_with() -> Counts:
    return total(FOLDER)


@pytest.fixture(scope="module")
def labelled() -> Counts:
    return total(FOLDER.parent / "heldout", LabelRecordings.of())


@pytest.mark.parametrize(
    ("name", "least"),
    [("kept", 0.97), ("recall", 0.91), ("precision", 0.88), ("left out", 0.88), ("status", 0.95), ("tentative", 0.86),
     ("document date", 0.93), ("symbol", 0.8)],
)  # fmt: skip
def test_rules_alone(worked_with: Counts, name: str, least: float) -> None:
    assert worked_with.share(name) >= least


@pytest.mark.parametrize(
    ("name", "least"),
    [("kept", 0.97), ("recall", 0.92), ("precision", 0.9), ("status", 0.97), ("kind", 0.93)],
)
def test_with_a_capable_models_labels(labelled: Counts, name: str, least: float) -> None:
    assert labelled.share(name) >= least
