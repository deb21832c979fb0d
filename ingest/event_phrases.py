"""Noun phrases of a sentence: where the name of an event starts and ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.event_words import (
    ABOUT,
    CODE,
    DETERMINERS,
    GATHERINGS,
    GENERIC_ADJECTIVES,
    SMALL_LINKS,
    STOPPERS,
    WRITINGS,
    vocabulary,
)

_WORD = re.compile(r"[\w&@+/’'.-]*[^\W_](?:[’']s)?|[^\w\s]")
_ACRONYM = re.compile(r"^[A-Z][A-Za-z]*[A-Z0-9][\w&/.+-]*$")
_LONGEST = 30
_TOO_LONG = 95
_CLOSERS = {"”": "“", "’": "‘", '"': '"', "»": "«", "'": "'"}
_TRAILING = vocabulary("""
    on in from for by at to of until till and the a an between during with scheduled held no not later
    earlier than beginning starting commencing least
    """)


class Word(NamedTuple):
    """A word or a mark of a sentence, and its place there."""

    text: str
    fold: str
    start: int
    end: int


def words_of(sentence: str) -> list[Word]:
    """Return the words and marks of `sentence`."""
    return [Word(m.group(), m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(sentence)]


def singular(word: str) -> str:
    """Return the casefolded word without the "s" of a plural."""
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def is_gathering(word: Word) -> bool:
    """Whether the word names a gathering: "Forum", "consultations", "CSW68"."""
    parts = word.fold.split("-")
    return singular(parts[-1]) in GATHERINGS or bool(CODE.match(word.text))


def is_writing(word: Word) -> bool:
    """Whether the word names something written: "report", "guidelines"."""
    return singular(word.fold) in WRITINGS


def is_name(word: Word) -> bool:
    """Whether the word is written as a name: capitalised, an acronym, an edition."""
    return word.text[0].isupper() or word.text[0].isdigit()


def is_acronym(word: Word) -> bool:
    """Whether the word is an acronym or code ("GDC", "SIDS4", "WTSA-24")."""
    return bool(_ACRONYM.match(word.text)) or bool(CODE.match(word.text))


def backwards(words: Sequence[Word], stop: int, whole: bool = False) -> tuple[int, int]:
    """Return the noun phrase that ends at word `stop` (exclusive), as word positions; empty if none.

    By default it ends on the left where the name of a gathering does ("the results of the | Forum"); `whole`
    takes in what it belongs to ("registration for the Forum").
    """
    while stop > 0 and (words[stop - 1].fold in _TRAILING or words[stop - 1].text in ",:–-—("):
        stop -= 1
    i = stop
    named = False  # a gathering has been seen: what stands to its left must belong to its name
    while i > 0 and stop - i < _LONGEST:
        word = words[i - 1]
        if word.text in ')”’"»':
            opener = _opener(words, i - 1)
            if opener is None:
                break
            i = opener
            continue
        if word.text in "–—-" and 1 < i < stop and is_name(words[i - 2]) and is_name(words[i]):
            i -= 1
            continue
        if word.text == "," and _listed(words, i - 1, stop):
            i -= 1
            continue
        if not word.text[-1].isalnum() or word.fold in STOPPERS:
            break
        if word.fold in DETERMINERS:
            if i >= 2 and _continues(words, i - 2, named):
                i -= 2
                continue
            i -= 1
            break
        if word.fold in SMALL_LINKS and word.fold not in ("the", "a", "an"):
            if not _continues(words, i - 1, named):
                break
            i -= 1
            continue
        named = not whole and (named or is_gathering(word))
        i -= 1
    return i, stop


def _continues(words: Sequence[Word], link: int, named: bool) -> bool:
    """Whether the phrase goes on to the left of the link word at `link`."""
    word = words[link].fold
    if link == 0 or word not in SMALL_LINKS or word in DETERMINERS:
        return False
    left = words[link - 1]
    if left.fold in STOPPERS or not left.text[-1].isalnum():
        return (word == "of" and left.text == ")") or (word in ("to", "on", "for") and left.text == ")")
    if word == "of":
        return True
    if word in ("for", "on") and is_name(left) and is_name(words[link + 1]):
        return True  # "AI for Good Global Summit"
    if word == "and":
        following = words[link + 1].fold if link + 1 < len(words) else ""
        return following not in DETERMINERS
    if word == "in":
        return not named and is_gathering(left)
    return is_gathering(left) or (not named and is_name(left)) or (not named and word in ("for", "on"))


def _listed(words: Sequence[Word], comma: int, stop: int) -> bool:
    """Whether the comma stands in a name: "Science, Technology and Innovation Forum"."""
    if comma == 0 or comma + 1 >= stop or not is_name(words[comma - 1]) or not is_name(words[comma + 1]):
        return False
    return any(words[k].fold in ("and", "&") for k in range(comma + 1, min(comma + 5, stop)))


def _opener(words: Sequence[Word], close: int) -> int | None:
    opening = "(" if words[close].text == ")" else _CLOSERS[words[close].text]
    for k in range(close - 1, max(close - 40, -1), -1):
        if words[k].text == opening:
            return k
    return None


def forwards(words: Sequence[Word], start: int, stop: int) -> tuple[int, int]:
    """Return the noun phrase that starts at word `start` and ends before `stop`, as word positions."""
    i = start
    while i < stop and i - start < _LONGEST:
        word = words[i]
        if word.text in '“‘"«':
            close = next((k for k in range(i + 1, min(i + 40, stop)) if words[k].text in '”’"»'), None)
            if close is None:
                break
            i = close + 1
            continue
        if word.text == "(":
            close = next((k for k in range(i, min(i + 12, stop)) if words[k].text == ")"), None)
            if close is None:
                break
            i = close + 1
            continue
        if word.text == "," and _listed(words, i, stop):
            i += 1
            continue
        if not word.text[-1].isalnum() and word.text not in "–-":
            break
        if i > start and (word.fold in STOPPERS or word.fold in ("in", "to", "with")):
            break
        following = words[i + 1].fold if i + 1 < stop else ""
        if (
            i > start
            and word.fold.endswith("ed")
            and word.text.islower()
            and (following in DETERMINERS or following in ("to", "by", "that"))
        ):
            break
        i += 1
    while i > start and (words[i - 1].fold in SMALL_LINKS or words[i - 1].text in "–-,"):
        i -= 1
    return start, i


def about(words: Sequence[Word], first: int, stop: int) -> tuple[int, int]:
    """Leave "preparations for" and the like in front of a gathering out of the phrase."""
    for g in range(first, stop):
        if is_gathering(words[g]):
            break
        link = words[g].fold in ("of", "for", "on", "to", "with")
        if (
            link
            and g > first
            and words[g - 1].fold in ABOUT
            and any(is_gathering(w) for w in words[g + 1 : stop])
        ):
            return about(words, g + 1, stop)
    return first, stop


def phrase_text(sentence: str, words: Sequence[Word], first: int, stop: int) -> str:
    """Return the phrase as a title: no determiner in front, no remarks in brackets, not too long."""
    while first < stop and (
        words[first].fold in DETERMINERS
        or words[first].fold in GENERIC_ADJECTIVES
        or words[first].fold in SMALL_LINKS
        or words[first].text in "–—-,"
    ):
        first += 1
    while stop > first and (
        words[stop - 1].fold in SMALL_LINKS
        or words[stop - 1].fold in _TRAILING
        or words[stop - 1].text in ",;:–-—("
    ):
        stop -= 1
    if first >= stop:
        return ""
    text = sentence[words[first].start : words[stop - 1].end]
    text = re.sub(r"\s*\(([^()]*)\)", lambda m: m.group() if _ACRONYM.match(m[1].strip()) else "", text)
    text = re.sub(r"\s+", " ", text).strip(" ,;:")
    if len(text) > _TOO_LONG:
        text = _shortened(text)
    return text[:1].upper() + text[1:]


def _shortened(text: str) -> str:
    """Cut after the first acronym in brackets, else before the last link that leaves a name."""
    bracket = text.find(")")
    if 20 < bracket < len(text) - 1:
        return text[: bracket + 1]
    quote = text.find("“")
    if quote > 8:
        closed = text.find("”", quote)
        return text if 0 < closed < 140 else text[:quote].strip()
    cut = text.rfind(" ", 0, _TOO_LONG)
    for link in (" for ", " on ", " in ", " and ", " of ", " with ", " to "):
        at = text.rfind(link, 30, _TOO_LONG)
        if at > 0:
            cut = at
            break
    return text[:cut].rstrip(" ,;:")
