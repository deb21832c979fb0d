"""Words with which people ask for dates (vocabulary.toml), and openings of questions that ask for something else."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

from store.records import Kind
from store.terms import stem

_DATA: dict[str, Any] = tomllib.loads(
    (files("bot.register.questions") / "vocabulary.toml").read_text("utf-8")
)
_POLITE = r"^\W*(?:(?:hi|hello|hey|so|and|please|ok|but)\b[,\s]*)*"
_SPANS = r"(?:days|weeks|months|nights|sleeps)"


def _any(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.I)


KINDS: dict[Kind, re.Pattern[str]] = {kind: _any(phrases) for kind, phrases in _DATA["kinds"].items()}
WORDS: dict[str, re.Pattern[str]] = {name: _any(phrases) for name, phrases in _DATA["words"].items()}
TALK = frozenset(map(stem, _DATA["talk"]["words"].split()))
SHORT: dict[str, str] = _DATA["short"]
SLIPS: list[str] = _DATA["slips"]["words"].split()

# "How many days are left until", in front of the event to which they are counted.
LEFT = re.compile(rf"\bhow\s+(?:long|many|far|soon)\b|\b(?:{_SPANS}|time|left|countdown)\b.{{0,12}}$", re.I)
# Who, why, how, where, what somebody did.
NOT_DATES = re.compile(
    rf"{_POLITE}(?:who|whom|whose|why|where(?!.*\bwhen\b)|how(?!\s+(?:long|soon|far|many\s+(?:\w+\s+)?{_SPANS}))"
    r"|what\s+(?:did(?! (?:we|i) (?:(?:just )?miss|have\b))|does|do(?! (?:we|i|you)\b)"
    r"|was\s+(?!on\b|due|moved|postponed|cancelled|missed|planned)|were\s+(?!the dates)))\b",
    re.I,
)
# "What is the summit about?" and other questions with this opening ask for a sentence, unless they ask for dates.
ABOUT_ONE = re.compile(rf"{_POLITE}(?:what|which)(?:'s|s)?\b", re.I)
# A command, or a text that only mentions something called off, asks nothing.
ASKED = re.compile(
    rf"\?|{_POLITE}(?:is|are|was|were|has|have|had|did|does|do|will|which|what|when|how|any|can|could|may|status)\b",
    re.I,
)
# Words for the documents themselves ("in our papers"), which are no topic.
SOURCES = re.compile(
    r"(?:\b(?:in|of|from|do|does)\s+)?\b(?:our|the|your|these|this)\s+(?:\w+\s+)?(?:papers?|documents?|reports?|library)"
    r"(?:\s+[A-Z0-9]+/\S+)?(?!\s+(?:for|of|on)\b)",
    re.I,
)


def says(text: str, *names: str) -> bool:
    """Return whether a text has a word of one of these lists: "when", "off"."""
    return any(WORDS[name].search(text) for name in names)


def kinds_in(text: str) -> frozenset[Kind]:
    """Return the kinds of entries that a text names."""
    return frozenset(kind for kind, pattern in KINDS.items() if pattern.search(text))
