"""Cleans a typed or pasted question to one line, or refuses it."""

from __future__ import annotations

import unicodedata

from bot.errors import QuestionError

# Ten times the longest reasonable question; a pasted document is refused.
LONGEST_QUESTION = 2_000


def read_question(typed: str) -> str:
    """Return `typed` as one line of text.

    Line breaks and tabs become spaces; invisible format characters that come with pasted text (soft
    hyphens, zero-width spaces, direction marks) go. Raises QuestionError for what is empty, longer
    than LONGEST_QUESTION characters, or holds other control characters.
    """
    visible = "".join(c for c in typed if unicodedata.category(c) != "Cf")
    question = " ".join(visible.split())
    if not question:
        raise QuestionError("the question is empty; ask something, as in: When is the Summit of the Future?")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters; ask it in {LONGEST_QUESTION:,} or fewer"
        )
    for character in question:
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise QuestionError(
                f"the question holds the control character U+{ord(character):04X}; type it as plain text"
            )
    return question
