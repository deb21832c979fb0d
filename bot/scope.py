"""Of how many a sentence speaks, and what it quotes: "all countries" where the paragraph says "many", words between
quotation marks that nobody wrote."""

from __future__ import annotations

import re
from collections.abc import Collection

from store.terms import STOP_WORDS, stem, words

_QUOTED = re.compile(r"“([^“”]{3,})”|\"([^\"]{3,})\"|(?<!\w)[‘']([^‘’']{12,})[’'](?!\w)")
# A word of extent, and what bears it out. "Both" and "neither" count two, and are left to the figures.
_EXTENTS = {
    frozenset("all every each entire whole".split()): frozenset(
        "all every each entire whole throughout across full fully universal universally any everybody everyone both"
        " each".split()
    ),
    frozenset("only solely exclusively merely alone".split()): frozenset(
        "only sole solely exclusively merely alone just but single".split()
    ),
    frozenset(["exactly", "precisely"]): frozenset(["exactly", "precisely", "exact", "precise"]),
    frozenset(["most", "mostly", "majority"]): frozenset(["most", "mostly", "majority"]),
    frozenset(["always", "never"]): frozenset(["always", "never", "ever"]),
    frozenset(["few"]): frozenset(["few", "little"]),
}
_EXTENT = re.compile(r"\b(?:" + "|".join(word for said in _EXTENTS for word in sorted(said)) + r")\b", re.I)
_IDIOM = re.compile(r"\b(?:at|above|after|not)\s$", re.I)  # "above all", "not only"
_GOES_ON = re.compile(r"\s(?:other|over|together|along)\b|,", re.I)  # "each other", "in all,"
# So many words after a word of extent may pass until the noun that it is of.
_REACH = 3


def overstated(sentence: str, there: str) -> str | None:
    """Return the words of extent or of a quotation that the paragraph does not bear out, or None."""
    return _quotation(sentence, there) or _extent(sentence, there)


def _quotation(sentence: str, there: str) -> str | None:
    folded = f" {' '.join(words(there))} "
    for match in _QUOTED.finditer(sentence):
        quoted = words(next(group for group in match.groups() if group))
        if len(quoted) > 1 and f" {' '.join(quoted)} " not in folded:
            return "it quotes what is not written there"
    return None


def _extent(sentence: str, there: str) -> str | None:
    written = words(there)
    for match in _EXTENT.finditer(sentence):
        word = match.group().casefold()
        if _IDIOM.search(sentence[: match.start()]) or _GOES_ON.match(sentence, match.end()):
            continue
        bearing = next(theirs for said, theirs in _EXTENTS.items() if word in said)
        of = [stem(w) for w in words(sentence[match.end() :]) if w not in STOP_WORDS and not w.isdigit()][
            :_REACH
        ]
        if not of:
            continue
        if not _said_of(of, bearing, written):
            return f"“{match.group()}” is not said there"
    return None


def _said_of(of: list[str], bearing: Collection[str], written: list[str]) -> bool:
    """Whether a bearing word stands shortly before one of the nouns."""
    for place, word in enumerate(written):
        if word not in bearing:
            continue
        near = {stem(w) for w in written[place + 1 : place + 2 * _REACH + 1]}
        if near & set(of[:_REACH]):
            return True
    return False
