"""Words with which people ask for dates (vocabulary.toml), spelled out, and openings of other questions."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

from rapidfuzz import fuzz, process

from bot.register.date_format import MONTHS
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
WORDS: dict[str, re.Pattern[str]] = {name: _any(phrases) for name, phrases in _DATA["words"].items()}
PERIODS = [(rule["days"], _any(rule["words"])) for rule in _DATA["periods"]]
TALK = frozenset(map(stem, _DATA["talk"]["words"].split()))
SHORT: dict[str, str] = _DATA["short"]
SLIPS: list[str] = _DATA["slips"]["words"].split()
PATTERNS: dict[str, re.Pattern[str]] = {
    name: _pattern("".join(line.strip() for line in text.splitlines()))
    for name, text in _DATA["patterns"].items()
}

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_SHORT = {name[:3].casefold(): name for name in MONTHS} | {"sept": "September"}
# In small letters these are months and days only in some positions (`_is_date`).
_DOUBTFUL = frozenset({"may", "march", "mar", "mon", "wed", "fri", "sun", "sat"})
_NAMES = {name.casefold(): name for name in (*MONTHS, *_WEEKDAYS)}
_DAYS = {name[:3].casefold(): name for name in _WEEKDAYS}
# Least letters of a word that may be misspelled, and least similarity, of 100, to the right word.
_MIN_LETTERS = 6
_MIN_SIMILARITY = 85
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LEADS = re.compile(
    r"(?:\b(?:in|of|on|by|since|until|for|from|to|and|this|next|last|early|mid|late|before|after|end)"
    r"|\d(?:st|nd|rd|th)?|[+&/])[\s-]*$",
    re.I,
)


def said(text: str) -> frozenset[str]:
    """Return the names of the lists of words that a text has a word of: "when", "off"."""
    return frozenset(name for name, pattern in WORDS.items() if pattern.search(text))


def kinds_in(text: str) -> frozenset[Kind]:
    """Return the kinds of entries that a text names."""
    return frozenset(kind for kind, pattern in KINDS.items() if pattern.search(text))


def expand_shorthand(text: str) -> str:
    """Return `text` with shorthand spelled out, words of time mended, months and weekdays capitalised."""
    return _WORD.sub(lambda match: _word(text, match), text)


def _word(text: str, match: re.Match[str]) -> str:
    typed = match.group()
    word = typed.casefold()
    if word in SHORT and not (typed.isupper() and len(word) < 2):
        return SHORT[word]
    name = _NAMES.get(word) or _MONTH_SHORT.get(word) or _DAYS.get(word)
    if name is not None:
        sure = word not in _DOUBTFUL or _is_date(text, match) or (typed != word and match.start() > 0)
        return name if sure else word
    if len(word) >= _MIN_LETTERS and typed[1:].islower() and word not in SLIPS:
        like = process.extractOne(word, (*_NAMES, *SLIPS), scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY)
        # "happened" is no slip of "happening", nor "meetings" one of "meeting".
        if like and stem(word) != stem(like[0]):
            return _NAMES.get(like[0], like[0])
    return typed


def _is_date(text: str, match: re.Match[str]) -> bool:
    follows = text[match.end() : match.end() + 2].strip(" ?!.,")
    return _LEADS.search(text[: match.start()]) is not None or follows.isdigit()
