"""Compares event titles by words, acronyms and edition."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from text_to_num import alpha2digit

from ingest.dates.words import GATHERINGS
from ingest.events.words import singular

_TOKEN = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])-?(\d{1,3})\b")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)$")
_SPELLED = re.compile(r"\b(?:[a-z]+ty[- ])?(?:first|second|third|[a-z]+th)\b", re.I)
# Words that do not distinguish events.
_IGNORED = frozenset(
    """the a an of for on in at to and by with from un united nations international high level annual session meeting
    event special draft new itu countries country states state developing""".split()
)
_MEETINGS = frozenset({"session", "event", "gathering"})
# Least similarity, of 100, of titles of one event: one word of five may be missing or spelled otherwise.
_LEAST_SIMILARITY = 86


class Key(NamedTuple):
    """The content of a title: content words, acronyms, and an edition (an ordinal, a code's number or a year).

    `gatherings` are its nouns of gatherings; a session, an event and a gathering are a meeting.
    """

    words: frozenset[str]
    acronyms: frozenset[str]
    edition: str | None
    sorted: str
    gatherings: frozenset[str]


@lru_cache(maxsize=20_000)
def key_of(title: str) -> Key:
    """Return the key of `title`: "Third UN Conference on LLDCs (LLDC3)" and "LLDC3" share acronym and edition."""
    acronyms = {name.casefold() for name, _ in _CODE.findall(title)}
    edition = next((str(int(number)) for _, number in _CODE.findall(title)), None)
    words: set[str] = set()
    counted = _SPELLED.sub(lambda m: alpha2digit(m[0].replace("-", " "), "en", threshold=0.0), title)
    for raw in _TOKEN.findall(counted):
        fold = raw.casefold()
        ordinal = _ORDINAL.match(fold)
        if ordinal or re.fullmatch(r"(?:19|20)\d\d", fold):
            edition = edition or (str(int(ordinal[1])) if ordinal else fold)
            continue
        if len(raw) > 1 and raw.rstrip("s").isupper():
            acronyms.add(fold.rstrip("s"))
        if fold not in _IGNORED and not re.fullmatch(r"[a-z]+\d+", fold):
            words.add(singular(fold))
    if not words and not acronyms:
        # "Annual session" has only words that are ignored otherwise.
        words = {fold for fold in _TOKEN.findall(counted.casefold()) if fold.isalpha()}
    gatherings = {singular(word) for word in _TOKEN.findall(title.casefold())} & GATHERINGS
    if gatherings & _MEETINGS:
        gatherings = gatherings - _MEETINGS | {"meeting"}
    return Key(frozenset(words), frozenset(acronyms), edition, " ".join(sorted(words)), frozenset(gatherings))


def is_year(edition: str | None) -> bool:
    """Whether the edition is a year."""
    return edition is not None and len(edition) == 4


def same_name(first: str, second: str) -> bool:
    """Whether two titles name the same series of events, whatever their editions."""
    a, b = key_of(first), key_of(second)
    # A retreat is no meeting, a session is one.
    if a.gatherings and b.gatherings and not a.gatherings & b.gatherings:
        return False
    if a.words == b.words and (a.words or a.acronyms == b.acronyms):
        return bool(a.words or a.acronyms)
    if _initials(first, b) or _initials(second, a):
        return True
    shared = {w for w in a.acronyms & b.acronyms if w not in ("un", "itu", "unga")}
    if shared and (not a.words - shared or not b.words - shared):
        return True
    shorter, longer = sorted((a, b), key=lambda k: len(k.words))
    specific = shorter.words - GATHERINGS
    if not specific:
        return False
    if shorter.words <= longer.words and len(longer.words) - len(shorter.words) <= 1:
        return True
    # Words in only one of the titles distinguish two events, unless they are spellings of each other.
    return (
        len(shorter.words) > 2
        and fuzz.ratio(a.sorted, b.sorted, score_cutoff=_LEAST_SIMILARITY) > 0
        and _only_spelled(a, b)
    )


def _only_spelled(a: Key, b: Key) -> bool:
    ours, theirs = a.words - b.words, b.words - a.words
    if not ours or not theirs:
        return True
    return all(max(fuzz.ratio(word, other) for other in theirs) >= 75 for word in ours)


def _initials(title: str, other: Key) -> bool:
    """Whether initials of `title` spell an acronym of `other`, which has hardly another word.

    A long word may contribute two letters ("Landlocked Developing Countries" is LLDC), so doubled letters count once.
    """
    if len(other.words) > len(other.acronyms):
        return False
    capitals = [w[0].casefold() for w in re.findall(r"[A-Za-z]+", title.replace("-", " ")) if w[0].isupper()]
    spelled = "".join(capitals)
    return any(
        len(a) >= 3 and (a in spelled or re.sub(r"(.)\1", r"\1", a) in spelled) for a in other.acronyms
    )


def same_edition(first: str, second: str) -> bool:
    """Whether the editions that two titles state do not contradict each other."""
    a, b = key_of(first).edition, key_of(second).edition
    return a is None or b is None or a == b or is_year(a) != is_year(b)
