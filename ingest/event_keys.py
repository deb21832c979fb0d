"""When two titles name the same event."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ingest.event_phrases import singular
from ingest.event_words import GATHERINGS, vocabulary

_TOKEN = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])-?(\d{1,3})\b")
_ORDINALS = {
    word: str(number)
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        1,
    )
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})-({'|'.join(list(_ORDINALS)[:9])})\b", re.I)
_ORDINAL = re.compile(r"^(\d{1,3})(?:st|nd|rd|th)$")
_IGNORED = vocabulary("""
    the a an of for on in at to and by with from un united nations international high level annual
    session meeting event special draft new itu
    """)
_ALIASES = {"countries": "", "country": "", "states": "", "state": "", "developing": ""}


class Key(NamedTuple):
    """What a title says: content words, acronyms, and an edition (an ordinal, a code's number or a year)."""

    words: frozenset[str]
    acronyms: frozenset[str]
    edition: str | None


@lru_cache(maxsize=20_000)
def key_of(title: str) -> Key:
    """Return the key of `title`: "Third UN Conference on LLDCs (LLDC3)" and "LLDC3" share acronym and edition."""
    edition: str | None = None
    acronyms: set[str] = set()
    for name, number in _CODE.findall(title):
        acronyms.add(name.casefold())
        edition = edition or str(int(number))
    words: set[str] = set()
    spelled = _COMPOUND.sub(lambda m: f"{_TENS[m[1].casefold()] + int(_ORDINALS[m[2].casefold()])}th", title)
    for raw in _TOKEN.findall(spelled):
        fold = raw.casefold()
        ordinal = _ORDINAL.match(fold)
        if fold in _ORDINALS or ordinal:
            edition = edition or _ORDINALS.get(fold) or (str(int(ordinal[1])) if ordinal else None)
            continue
        if re.fullmatch(r"(?:19|20)\d\d", fold):
            edition = edition or fold
            continue
        if len(raw) > 1 and raw.rstrip("s").isupper():
            acronyms.add(fold.rstrip("s"))
        if fold in _IGNORED or fold in _ALIASES or re.fullmatch(r"[a-z]+\d+", fold):
            continue
        words.add(singular(fold))
    return Key(frozenset(words), frozenset(acronyms), edition)


def is_year(edition: str | None) -> bool:
    """Whether the edition is a year."""
    return edition is not None and len(edition) == 4


def same_name(first: str, second: str) -> bool:
    """Whether two titles name the same series of events, whatever their editions."""
    a, b = key_of(first), key_of(second)
    if not (a.words & b.words or a.acronyms or b.acronyms) or not _same_gathering(first, second):
        return False
    if a.words == b.words and (a.words or a.acronyms == b.acronyms):
        return True
    if initials_match(first, b) or initials_match(second, a):
        return True
    shorter, longer = sorted((a, b), key=lambda k: len(k.words))
    specific = shorter.words - GATHERINGS
    if specific and shorter.words <= longer.words and len(longer.words) - len(shorter.words) <= 1:
        return True
    shared = {w for w in a.acronyms & b.acronyms if w not in ("un", "itu", "unga")}
    codes = shared and (len(a.words - shared) == 0 or len(b.words - shared) == 0)
    if codes:
        return True
    union = a.words | b.words
    return bool(specific) and len(a.words & b.words) / max(1, len(union)) >= 0.75


def _same_gathering(first: str, second: str) -> bool:
    """Whether nothing in the titles' gatherings tells them apart: a retreat is no meeting, a session is one."""
    heads = [{singular(w) for w in _TOKEN.findall(t.casefold())} & GATHERINGS for t in (first, second)]
    plain = [{"meeting" if h in ("session", "event", "gathering") else h for h in one} for one in heads]
    return not plain[0] or not plain[1] or bool(plain[0] & plain[1])


def initials_match(title: str, other: Key) -> bool:
    """Whether the initials of `title` make an acronym of `other` ("LLDC": "Landlocked Developing Countries")."""
    if len(other.words) > len(other.acronyms):
        return False
    initials = "".join(
        w[0]
        for w in re.findall(r"[A-Za-z]+", title.replace("-", " "))
        if w[0].isupper() or w.casefold() == "landlocked"
    ).casefold()
    spelled = initials.replace("u", "", 1) if initials.startswith("u") else initials
    compounds = "".join(
        "ll" if w.casefold() == "landlocked" else w[0]
        for w in re.findall(r"[A-Za-z]+", title)
        if w[0].isupper()
    ).casefold()
    return any(len(a) >= 3 and (a in initials or a in spelled or a in compounds) for a in other.acronyms)


def same_edition(first: str, second: str) -> bool:
    """Whether the editions that two titles state do not contradict each other."""
    a, b = key_of(first).edition, key_of(second).edition
    return a is None or b is None or a == b or is_year(a) != is_year(b)
