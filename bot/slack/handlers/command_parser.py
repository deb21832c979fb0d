"""The text after the slash command. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from bot.slack.blocks.mrkdwn import to_plain_text

Name = Literal[
    "deadlines", "timeline", "digest", "calendar", "changes", "reminders", "help", "question", "unknown"
]

NAMES: tuple[Name, ...] = ("deadlines", "timeline", "digest", "calendar", "changes", "reminders", "help")

# Days: ten years.
_MOST_DAYS = 3_650
_UNITS = {"d": 1.0, "w": 7.0, "m": 365 / 12, "y": 365.0}
_SPAN = re.compile(
    r"(?:(?:in|within|for|over)\s+)?(?:the\s+)?(?:next\s+)?(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)?",
    re.IGNORECASE,
)
# The document of "changes": one word, or a file's name, which may have spaces.
_SOURCE = re.compile(r"[^\s?]+|[^?]*\.\w{2,5}")


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command with its arguments. `days` is how far to look ahead; None: as far as the documents go.

    `text` is the question of a "question", the document of "changes", and the suggestion for an "unknown" word.
    """

    name: Name
    days: int | None = None
    text: str = ""


def parse_command(typed: str) -> ParsedCommand:
    """Return the command that was typed.

    A command's name, alone or with a span such as "30d" or "2 weeks", is that command; "changes" takes a document.
    Any other single word, and a name with anything else after it, is unknown. All else is a question.
    """
    text = " ".join(to_plain_text(typed).split())
    first, _, rest = text.partition(" ")
    if not text or first.casefold() == "help":
        return ParsedCommand("help")
    word = first.casefold().rstrip(".,:;!")
    days = _days(rest) if rest else None
    command = next((name for name in NAMES if name == word), None)
    if command == "changes" and (not rest or _SOURCE.fullmatch(rest)):
        return ParsedCommand("changes", text=rest)
    if command and command != "changes" and (not rest or days is not None):
        return ParsedCommand(command, days)
    if text.endswith("?") or len(text.split()) > 3:
        return ParsedCommand("question", text=text)
    if command and command != "changes":
        return ParsedCommand("unknown", text=f"{command} 30d")
    near = difflib.get_close_matches(word, NAMES, n=1)
    if near and (not rest or days is not None):
        return ParsedCommand("unknown", text=f"{near[0]} {rest}".strip())
    return ParsedCommand("question", text=text) if rest else ParsedCommand("unknown")


def _days(span: str) -> int | None:
    """Return the days of a span such as "2 weeks"; None for another text."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None:
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _MOST_DAYS)
