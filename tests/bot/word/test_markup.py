"""Text as Word files hold it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.word.markup import by_direction, lines, runs_right_to_left


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


@given(st.text(), st.booleans())
def test_the_parts_of_a_text_are_the_text(text: str, right_to_left: bool) -> None:
    assert "".join(part for part, _ in by_direction(text, right_to_left)) == text


def test_lines_have_no_marks_of_direction_and_nothing_that_xml_excludes() -> None:
    assert lines("a\u2068ب\u2069\nb\x00\uffff\r\n\u200fc") == ["aب", "b", "c"]


def test_an_empty_text_is_one_line() -> None:
    assert lines("") == [""]
