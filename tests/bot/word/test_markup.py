"""The direction of text in Word files."""

from __future__ import annotations

import pytest

from bot.word.markup import by_direction, runs_right_to_left


@pytest.mark.parametrize(
    ("text", "right_to_left", "parts"),
    [
        ("The Council", False, [("The Council", False)]),
        ("القرار Council هنا", True, [("القرار ", True), ("Council", False), (" هنا", True)]),
        ("الوثيقة C24/67، 2.2", True, [("الوثيقة ", True), ("C24/67", False), ("، 2.2", True)]),
        ("On قمة المستقبل now", False, [("On ", False), ("قمة المستقبل", True), (" now", False)]),
        ("2024", True, [("2024", True)]),
        ("", True, []),
    ],
)
def test_a_text_is_divided_by_direction(
    text: str, right_to_left: bool, parts: list[tuple[str, bool]]
) -> None:
    assert by_direction(text, right_to_left) == parts


@pytest.mark.parametrize(
    ("text", "expected"), [("المجلس", True), ("24 – المجلس", True), ("Council المجلس", False), ("24", False)]
)
def test_a_text_runs_as_its_first_letter_does(text: str, expected: bool) -> None:
    assert runs_right_to_left(text) is expected
