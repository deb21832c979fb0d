"""Entailment by a real cross-encoder, so small that it is built here: it gives every pair the same label."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.cross_encoders import CrossEncoderEntailment, entailment_label
from store.errors import StoreError
from tests.store.tiny_cross_encoder import cross_encoder

LABELS = ("CONTRADICTION", "Entailment", "neutral")


@pytest.mark.parametrize(("given", "entailed"), [("Entailment", True), ("neutral", False)])
def test_entailment_label_is_found_by_its_name(tmp_path: Path, given: str, entailed: bool) -> None:
    folder = cross_encoder(tmp_path, LABELS, given)

    model = CrossEncoderEntailment(str(folder))

    assert model.entails("the summit is in september", "the summit is in september") is entailed


def test_long_premise_is_truncated(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path, LABELS, "Entailment")

    assert CrossEncoderEntailment(str(folder)).entails("the summit " * 2000, "the summit")


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1"), ("relevant", "irrelevant")])
def test_model_without_entailment_label_is_refused_in_one_line(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    folder = cross_encoder(tmp_path, labels, labels[0])

    with pytest.raises(StoreError, match=r"names no label for entailment .*ITUBOT_JUDGE") as error:
        CrossEncoderEntailment(str(folder)).entails("a", "b")

    assert "\n" not in str(error.value)


def test_unknown_entailment_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(StoreError, match="ITUBOT_JUDGE") as error:
        CrossEncoderEntailment(str(tmp_path / "empty")).entails("a", "b")

    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 1),
        ({0: "entailment", 1: "not_entailment"}, 0),
        ({0: "LABEL_0", 1: "LABEL_1"}, None),
        ({0: "entailment"}, None),
        ({}, None),
    ],
)
def test_not_entailment_label_is_no_entailment(labels: dict[int, str], place: int | None) -> None:
    assert entailment_label(labels) == place
