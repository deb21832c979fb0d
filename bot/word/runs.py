"""Text as Word files hold it: in lines, and in runs of one direction, which has to be stated for each. Pure."""

from __future__ import annotations

import unicodedata
from itertools import groupby

from bot.safe_text import visible

# Characters that XML excludes.
_NO_CHARACTERS = {0xFFFE: None, 0xFFFF: None}


def lines(text: str) -> list[str]:
    """Return the lines of a text, at least one, without the characters that a Word file cannot hold."""
    return visible(text).translate(_NO_CHARACTERS).splitlines() or [""]


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter of a text is of a script that is written from right to left."""
    return next(filter(None, map(_direction, text)), "") == "R"


def by_direction(text: str, right_to_left: bool) -> list[tuple[str, bool]]:
    """Divide a text of a paragraph, which runs `right_to_left` or not, into (part, whether it runs so).

    What has no direction, such as spaces and digits, goes with the letters around it; where these differ, with the
    paragraph.
    """
    base = "R" if right_to_left else "L"
    own = [_direction(character) for character in text]
    before, after = _carried(own, base), _carried(own[::-1], base)[::-1]
    ways = [left if left == right else base for left, right in zip(before, after, strict=True)]
    parts = groupby(zip(text, ways, strict=True), key=lambda one: one[1])
    return [("".join(character for character, _ in part), way == "R") for way, part in parts]


def _carried(directions: list[str], way: str) -> list[str]:
    return [way := direction or way for direction in directions]


def _direction(character: str) -> str:
    """Return "L" or "R" for a letter, "" for what has no direction of its own."""
    return {"L": "L", "R": "R", "AL": "R"}.get(unicodedata.bidirectional(character), "")
