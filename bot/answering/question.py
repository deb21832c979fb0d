"""What somebody typed, cleaned, and the turns before it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from bot.errors import QuestionError
from bot.locales import _, ngettext, number


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    speaker: Literal["user", "assistant"]
    text: str


# Ten times the longest reasonable question; a pasted document is refused.
LONGEST_QUESTION = 2_000


def read_question(typed: str) -> str:
    """Return `typed` as one line of text.

    Line breaks and tabs become spaces; invisible format characters that come with pasted text (soft hyphens, zero-width
    spaces, direction marks) go. Raises QuestionError for what is empty, longer than LONGEST_QUESTION characters, or
    holds other control characters.
    """
    visible = "".join(c for c in typed if unicodedata.category(c) != "Cf")
    question = " ".join(visible.split())
    if not question:
        raise QuestionError(
            _("the question is empty; ask something, as in: When is the Summit of the Future?")
        )
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            ngettext(
                "the question has {count} character; ask it in {most} or fewer",
                "the question has {count} characters; ask it in {most} or fewer",
                len(question),
                most=number(LONGEST_QUESTION),
            )
        )
    for character in question:
        if unicodedata.category(character) in ("Cc", "Cs"):
            code = f"U+{ord(character):04X}"
            raise QuestionError(
                _(
                    "the question holds the control character {character}; type it as plain text",
                    character=code,
                )
            )
    return question
