"""Acronyms that a document introduces: "Global Digital Compact (GDC)" or "GDC (Global Digital Compact)"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from store.terms import words

_IN_BRACKETS = re.compile(
    r"[(\[]\s*(?:the\s+|hereafter\s+)?[\"“‘']?(?P<short>[A-Za-z][A-Za-z0-9&/-]{1,14})[\"”’']?\s*[)\]]"
)
_LINKING = frozenset("""of the and for on in to a an with at by & de des la le et""".split())


def acronyms(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return (short, long) of the acronyms introduced in the texts, in folded words, each once.

    A short form counts where its letters are the initials of the words in front of its brackets.
    """
    found: dict[tuple[str, str], None] = {}
    for text in texts:
        for match in _IN_BRACKETS.finditer(text):
            short = match["short"]
            if sum(c.isupper() for c in short) < 2:
                continue
            name = _name_before(text[: match.start()], short)
            if name:
                found[" ".join(words(short)), name] = None
    return list(found)


def _name_before(text: str, short: str) -> str | None:
    """Return the shortest run of words at the end of `text` whose initials spell `short`."""
    letters = [c for c in short.casefold() if c.isalpha()]
    # A plural s is no initial ("Small Island Developing States (SIDS)" has its own).
    spoken = words(re.split(r"[.;:!?()\n]", text)[-1])[-(2 * len(letters) + 2) :]
    for start in range(len(spoken) - 1, -1, -1):
        if (
            spoken[start][0] == letters[0]
            and spoken[start] not in _LINKING
            and _spells(spoken[start:], letters)
        ):
            return " ".join(spoken[start:])
    return None


def _spells(spoken: list[str], letters: list[str]) -> bool:
    """Whether the letters are initials of the words, in order, and no word but a linking one is left out."""
    initials = [word[0] for word in spoken]
    place = 0
    for word, initial in zip(spoken, initials, strict=True):
        if place < len(letters) and initial == letters[place]:
            place += 1
        elif word not in _LINKING:
            # A letter may hide inside a word ("Telecommunication/ICT Policy"): that is given up.
            return False
    return place == len(letters)
