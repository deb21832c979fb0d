"""The words with which people ask for dates, read from vocabulary.toml, as patterns."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

from ingest.dates import MEETINGS
from store.records import Kind
from store.terms import stem

_DATA: dict[str, Any] = tomllib.loads(
    (files("bot.register.questions") / "vocabulary.toml").read_text("utf-8")
)
# "Events" are of all kinds.
_PARTS: dict[str, str] = _DATA["parts"] | {"meeting": f"(?:{'|'.join(sorted(MEETINGS - {'event'}))})"}


def _pattern(text: str) -> re.Pattern[str]:
    for name, part in _PARTS.items():
        text = text.replace(f"{{{name}}}", part)
    return re.compile(text, re.I)


def _any(phrases: list[str]) -> re.Pattern[str]:
    return _pattern(rf"\b(?:{'|'.join(phrases)})\b")


KINDS: dict[Kind, re.Pattern[str]] = {kind: _any(phrases) for kind, phrases in _DATA["kinds"].items()}
WORD_LISTS: dict[str, re.Pattern[str]] = {name: _any(phrases) for name, phrases in _DATA["words"].items()}
PERIODS = [(rule["days"], _any(rule["words"])) for rule in _DATA["periods"]]
TALK = frozenset(map(stem, _DATA["talk"]["words"].split()))
SHORT: dict[str, str] = _DATA["short"]
SLIPS: list[str] = _DATA["slips"]["words"].split()
PATTERNS: dict[str, re.Pattern[str]] = {
    name: _pattern("".join(line.strip() for line in text.splitlines()))
    for name, text in _DATA["patterns"].items()
}


def word_lists_in(text: str) -> frozenset[str]:
    """Return the names of the lists of words that a text has a word of: "when", "off"."""
    return frozenset(name for name, pattern in WORD_LISTS.items() if pattern.search(text))


def kinds_in(text: str) -> frozenset[Kind]:
    """Return the kinds of entries that a text names."""
    return frozenset(kind for kind, pattern in KINDS.items() if pattern.search(text))
