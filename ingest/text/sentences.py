"""Divides text into sentences, as spans.

A span excludes the white space and the bullet in front of a sentence. Written for the prose of international
organisations: symbols (A/RES/76/307), numbered resolutions ("Res. 70"), quoted titles, list items of a line each.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.text.lexicon import listed, tables

# After these it does, unless a number follows ("Sept. 2024", "p. 12").
_OPEN_BEFORE_NUMBER = frozenset("""jan feb mar apr jun jul aug sep sept oct nov dec p art par item""".split())

# Each run of stops is tried once, from its first one, and as a whole. Ideographic ones need no space after them.
_STOP = re.compile(r"""(?<![.!?…])[.!?…؟۔]++["'”’»)\]]*+(?=\s)|[。！？]++["'”’»」』)）]*+|\n""")
_FOLLOWING = re.compile(r"[ \t\u00a0]*(?P<signs>.{0,2})", re.DOTALL)
_WORD_BEFORE = re.compile(r"[^\s(\[“‘\"'«]*$")
# Longer words before a stop are no abbreviations; only the characters before a stop that may be one are searched.
_LONGEST_WORD = 40
_BULLET = re.compile(r"[\s]*(?:[•·▪●◦‣■–—*-]\s+)?")
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
_WORD = re.compile(r"[\s(“‘\"']*(?P<word>[^\W\d_]+)")
# After initials, only these words begin a sentence: names seldom begin with them.
_OPENING_WORDS = frozenset(
    """A After All Also An And Any As At Before Both But By During Each For From He Her His However If In It Its
    Many Most No On One Others Our She Since So Some Such That The Their There These They This Those To Under
    Until We When Where While With You""".split()
)
_PART_BEFORE = re.compile(r"\b(?:annex|appendix|option|group|part|section|table|category|type|area) $", re.I)
_OPENERS = "\"'“‘«([¿¡"


def split(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence of `text`, in order; there are never more sentences than words.

    A line break always ends a sentence: the readers put one only between paragraphs and list items.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group() == "\n":
            _add(spans, text, start, stop.start())
            start = stop.end()
        elif _ends_sentence(text, start, stop):
            _add(spans, text, start, stop.end())
            start = stop.end()
    _add(spans, text, start, len(text))
    return spans


@lru_cache
def _abbreviations() -> frozenset[str]:
    """Return the words after which a full stop never ends a sentence, of all languages."""
    entries = (phrase for table in tables().values() for phrase in listed(table.get("abbreviations", "")))
    return frozenset(word for entry in entries if len(word := entry.casefold().removesuffix(".")) > 1)


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    bullet = _BULLET.match(text, start, end)
    start = bullet.end() if bullet else start
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(c.isalnum() for c in text[start:end]):
        spans.append((start, end))


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    following = _FOLLOWING.match(text, stop.end())["signs"]  # type: ignore[index]
    if not following or following[0] == "\n":
        return True
    lead = following[1:2] if following[0] in _OPENERS else following[0]
    if lead.islower():
        return False
    if stop.group()[0] != ".":
        return True
    before = _WORD_BEFORE.search(text, max(start, stop.start() - _LONGEST_WORD), stop.start())
    # Also in a symbol: "CD30/Doc. 9".
    word = before.group().casefold().rpartition("/")[2] if before else ""
    if word in _abbreviations() and len(stop.group()) == 1:
        return False
    if word in _OPEN_BEFORE_NUMBER and lead.isdigit():
        return False
    if _INITIALS.fullmatch(word):
        # "6 p.m. Central European Time", "the U.S. Government"; but "… in the U.S. The talks …".
        opener = _WORD.match(text, stop.end())
        return opener is not None and opener["word"] in _OPENING_WORDS
    if len(word) == 1 and word.isalpha():
        # An initial ("J. Smith"), unless it names a part ("as in Annex B. The …").
        first = max(start, stop.start() - _LONGEST_WORD)
        return _PART_BEFORE.search(text, first, stop.start() - 1) is not None
    # A bare number at the start is a list number ("1. Introduction"), not a sentence.
    return not (word.isdigit() and text[start : stop.start()].strip().casefold() == word)
