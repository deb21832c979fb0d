"""Acronyms that a document introduces, as in "Global Digital Compact (GDC)"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from store.terms import words

_IN_BRACKETS = re.compile(
    r"[(\[]\s*(?:the\s+|hereafter\s+)?[\"“‘']?(?P<short>[A-Za-z][A-Za-z0-9&/-]{1,14})[\"”’']?\s*[)\]]"
)
# A name has at most so many characters; more text before the brackets is not searched.
_NAME_CHARS = 1000
_LINKING = frozenset("""of the and for on in to a an with at by & de des la le et""".split())


def acronyms(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return (short, long) of the acronyms introduced in the texts, in folded words, each once.

    A word in brackets is an acronym if its letters are the initials of the words before the brackets.
    """
    found: dict[tuple[str, str], None] = {}
    for text in texts:
        for match in _IN_BRACKETS.finditer(text):
            short = match["short"]
            if sum(c.isupper() for c in short) < 2:
                continue
            name = _name_before(text[max(0, match.start() - _NAME_CHARS) : match.start()], short)
            if name:
                found[" ".join(words(short)), name] = None
    return list(found)


def _name_before(text: str, short: str) -> str | None:
    """Return the shortest run of words at the end of `text` whose initials spell `short`."""
    letters = [c for c in short.casefold() if c.isalpha()]
    before = words(re.split(r"[.;:!?()\n]", text)[-1])[-(2 * len(letters) + 2) :]
    for start in range(len(before) - 1, -1, -1):
        if before[start] not in _LINKING and _spells(before[start:], letters):
            return " ".join(before[start:])
    return None


def _spells(name: list[str], letters: list[str]) -> bool:
    """Return whether the letters are the initials of the words, in order; only linking words may be left out."""
    matched = 0
    for word in name:
        if matched < len(letters) and word[0] == letters[matched]:
            matched += 1
        elif word not in _LINKING:
            # Letters inside words ("Telecommunication/ICT Policy") are not supported.
            return False
    return matched == len(letters)
