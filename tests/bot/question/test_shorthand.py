"""Shorthand and slips, spelled out."""

from __future__ import annotations

import pytest

from bot.question import expand_shorthand


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("is there smth tmrw", "is there something tomorrow"),
        ("nxt wk", "next week"),
        ("mtgs til eom", "meetings until end of the month"),
        ("deadlnies in novembr", "deadlines in November"),
        ("on wed or thurs", "on Wednesday or Thursday"),
    ],
)
def test_shorthand_is_spelled_out(typed: str, text: str) -> None:
    assert expand_shorthand(typed) == text


@pytest.mark.parametrize(
    "text",
    [
        "what happened at the meetings",
        "may I register",
        "we march on",
        "the sun and the sat",
        "When is WRC-27?",
        "N. Smith",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert expand_shorthand(text) == text
