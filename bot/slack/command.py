"""What somebody typed behind the slash command. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from bot.slack.blocks.mrkdwn import plain

Name = Literal["deadlines", "timeline", "digest", "calendar", "changes", "help", "question", "unknown"]

NAMES: tuple[Name, ...] = ("deadlines", "timeline", "digest", "calendar", "changes", "help")

# Days. Nobody plans further ahead, and a calendar ends somewhere.
_FURTHEST = 3_650
_UNITS = {"d": 1.0, "w": 7.0, "m": 365 / 12, "y": 365.0}
_SPAN = re.compile(
    r"(?:(?:in|within|for|over)\s+)?(?:the\s+)?(?:next\s+)?(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)?",
    re.IGNORECASE,
)
# A document behind "changes": one word, or a file's name, which may have spaces.
_SOURCE = re.compile(r"[^\s?]+|[^?]*\.\w{2,5}")


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted. `days` is how far to look ahead, None for as far as the documents go.

    `text` is the question of a "question", the document of "changes", and of an "unknown" word what was
    probably meant, if anything.
    """

    name: Name
    days: int | None = None
    text: str = ""


def read_command(typed: str) -> Request:
    """Return what the words after the command ask for.

    A command's name, with a span such as "30d" or "2 weeks" behind it, is that command; a single word
    that is none, and a name with something behind it that is no span, are unknown; behind "changes" comes
    a document; all else is a question.
    """
    text = " ".join(plain(typed).split())
    first, _, rest = text.partition(" ")
    if not text or first.casefold() == "help":
        return Request("help")
    word = first.casefold().rstrip(".,:;!")
    days = _days(rest) if rest else None
    command = next((name for name in NAMES if name == word), None)
    if command == "changes" and (not rest or _SOURCE.fullmatch(rest)):
        return Request("changes", text=rest)
    if command and command != "changes" and (not rest or days is not None):
        return Request(command, days)
    if text.endswith("?") or len(text.split()) > 3:
        return Request("question", text=text)
    if command and command != "changes":
        return Request("unknown", text=f"{command} 30d")
    near = difflib.get_close_matches(word, NAMES, n=1)
    if near and (not rest or days is not None):
        return Request("unknown", text=f"{near[0]} {rest}".strip())
    return Request("question", text=text) if rest else Request("unknown")


def _days(span: str) -> int | None:
    """Return the length of a span in days, None where it is none."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None:
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _FURTHEST)
