"""The text after the slash command. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
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
    "documents",
    "reminders",
    "subscribe",
    "unsubscribe",
    "subscriptions",
    "help",
    "question",
    "unknown",
]

# Those with a span of days after them, those whose reply can be shared, and all words that are commands. "ask" is one
# before a question.
_WITH_SPAN: tuple[Name, ...] = ("deadlines", "timeline", "digest", "calendar")
SHAREABLE: tuple[Name, ...] = (*_WITH_SPAN, "changes", "documents")
# Those that change what is stored, which has to outlive the bot.
LASTING: tuple[Name, ...] = ("subscribe", "unsubscribe")
NAMES: tuple[Name, ...] = (*SHAREABLE, "reminders", "subscribe", "unsubscribe", "subscriptions", "help")

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
_YEAR = re.compile(r"(?:19|20)\d\d")
# What is meant as a span: "30 dys". A year belongs to a question.
_LIKE_SPAN = re.compile(r"(?!(?:19|20)\d\d\b)\d{1,4}\s*[a-z]{0,8}", re.IGNORECASE)
# The document of "changes": one word, or a file's name, which may have spaces.
_SOURCE = re.compile(r"[^\s?]+|[^?]*\.\w{2,5}")
# The first or the last word. Clients turn two hyphens into a dash.
_SHARE = re.compile(r"^(?:--|—|–)share(?:\s|$)|\s(?:--|—|–)share$", re.IGNORECASE)
# How alike a word and a command have to be: "headline" is a word of its own.
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command with its arguments. `days` is how far to look ahead; None: as far as the documents go.

    `text` is the question of a "question", the document of "changes", what follows "subscribe" or "unsubscribe", and
    the suggestion for an "unknown" word.
    `share`: the channel gets the reply, not only the user.
    """

    name: Name
    days: int | None = None
    text: str = ""
    share: bool = False


def parse_command(typed: str) -> ParsedCommand:
    """Return the command that was typed.

    A command's name, alone or with a span such as "30d" or "2 weeks", is that command; "changes" takes a document.
    A word or a span with a slip is unknown, and gets the nearest command. All else is a question. "--share" may be the
    first or the last word.
    """
    text = command_text(typed)
    return replace(_parse(text), share=text != _plain(typed))


def command_text(typed: str) -> str:
    """Return what was typed on one line, as plain text and without "--share"."""
    return _SHARE.sub("", _plain(typed)).strip()


def _plain(typed: str) -> str:
    return " ".join(to_plain_text(typed).split())


def _parse(text: str) -> ParsedCommand:
    first, _, rest = text.partition(" ")
    word = first.casefold().rstrip(".,:;!")
    if not text or (word == "help" and (not rest or rest.casefold() in NAMES)):
        return ParsedCommand("help")
    if word == "ask":
        return ParsedCommand("question", text=rest) if rest else ParsedCommand("help")
    name = next((name for name in NAMES if name == word), None)
    if name == "changes" and (not rest or _SOURCE.fullmatch(rest)):
        return ParsedCommand("changes", text=rest)
    if name in ("subscribe", "unsubscribe") and not text.endswith("?"):
        return ParsedCommand(name, text=rest)
    if name in ("documents", "reminders", "subscriptions") and not rest:
        return ParsedCommand(name)
    days = _days(rest) if rest else None
    if name in _WITH_SPAN and (not rest or days is not None):
        return ParsedCommand(name, days)
    if name in _WITH_SPAN and _LIKE_SPAN.fullmatch(rest):
        return ParsedCommand("unknown", text=f"{name} 30d")
    near = difflib.get_close_matches(word, (*NAMES, "ask"), n=1, cutoff=_ALIKE) if name is None else []
    if near and not text.endswith("?") and (not rest or days is not None):
        return ParsedCommand("unknown", text=f"{near[0]} {rest}".strip())
    return ParsedCommand("question", text=text)


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
    """Return the days of a span such as "2 weeks"; None for another text, such as a year."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None or (found[2] is None and _YEAR.fullmatch(found[1])):
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _MOST_DAYS)
