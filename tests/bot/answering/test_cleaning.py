"""A typed question is cleaned or refused."""

from __future__ import annotations

import pytest

from bot.answering.question import read_question
from bot.errors import QuestionError


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  When is\n\tSIDS4? ", "When is SIDS4?"),
        ("When is the Sum\u00admit?", "When is the Summit?"),
        ("\ufeffWho\u200b chairs?", "Who chairs?"),
        ("Où est l’UIT ?", "Où est l’UIT ?"),
    ],
)
def test_pasted_text_becomes_one_line(typed: str, read: str) -> None:
    assert read_question(typed) == read


@pytest.mark.parametrize(
    ("character", "name"), [("\x1b", r"U\+001B"), ("\0", r"U\+0000"), ("\udcff", r"U\+DCFF")]
)
def test_control_character_is_refused_by_name(character: str, name: str) -> None:
    with pytest.raises(QuestionError, match=name):
        read_question(f"When{character}?")
