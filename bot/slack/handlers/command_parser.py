"""The text after the slash command. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.slack.blocks.mrkdwn import to_plain_text
from store.jobs import Often

Name = Literal[
    "deadlines",
    "timeline",
    "digest",
    "calendar",
    "changes",
    "reminders",
    "subscribe",
    "unsubscribe",
    "subscriptions",
    "help",
    "question",
    "unknown",
]

NAMES: tuple[Name, ...] = (
    "deadlines",
    "timeline",
    "digest",
    "calendar",
    "changes",
    "reminders",
    "subscribe",
    "unsubscribe",
    "subscriptions",
    "help",
)

# Characters of a topic.
_LONGEST_TOPIC = 100
_EVERYTHING = {"", "all", "everything", "all dates"}
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

    `text` is the question of a "question", the document of "changes", what follows "subscribe" or "unsubscribe", and
    the suggestion for an "unknown" word.
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
    if command in ("subscribe", "unsubscribe"):
        return ParsedCommand(command, text=rest)
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


@dataclass(frozen=True, slots=True)
class ParsedSubscription:
    """How often and about what; `zone` is the name of a time zone, "" for none."""

    often: Often
    topic: str
    zone: str


def parse_subscription(text: str) -> ParsedSubscription:
    """Return what the words after "subscribe" ask for: "weekly WSIS Forum Europe/Paris"."""
    words = text.split()
    often: Often = "daily"
    if words and words[0].casefold() in ("daily", "weekly"):
        often = "weekly" if words.pop(0).casefold() == "weekly" else "daily"
    zone = _zone(words[-1]) if words else ""
    if zone:
        words.pop()
    while words and words[-1].casefold() in ("in", "at"):
        words.pop()
    while words and words[0].casefold() in ("to", "on", "about", "for"):
        words.pop(0)
    topic = " ".join(words).strip("\"'“”")[:_LONGEST_TOPIC].strip()
    return ParsedSubscription(often, "" if topic.casefold() in _EVERYTHING else topic, zone)


def _zone(word: str) -> str:
    """Return the name of a time zone, "" for another word."""
    if "/" not in word and word != "UTC":
        return ""
    try:
        return ZoneInfo(word).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _days(span: str) -> int | None:
    """Return the days of a span such as "2 weeks"; None for another text."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None:
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _MOST_DAYS)
