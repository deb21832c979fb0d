"""Reads misspelled words of a question as words of the documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from spellchecker import SpellChecker

from store.terms import stem, words

# Shorter words are near to too many others.
_WORD = re.compile(r"\b[^\W\d_]{5,}\b")
# Words of a text; each takes some 30 milliseconds. A text with more is hardly a question with slips.
_MOST = 5


def misspellings(
    text: str, is_known: Callable[[str], bool], frequencies: Callable[[Collection[str]], Mapping[str, int]]
) -> dict[str, str]:
    """Return each misspelled word of `text`, as typed, with the word that it is read as.

    A word is misspelled if neither the documents nor a dictionary of English has it. It is read as the word of the
    documents, with the same first letter, from which it differs by one letter too many, too few, wrong, or changed with
    the next one; of several as the most frequent one. Acronyms, and misspelled words after the first five, are read as
    they are.

    `is_known(word)` is whether the documents have a word in any form; `frequencies` returns stem -> number of sections
    for those of the given stems that the documents have.
    """
    found: dict[str, str] = {}
    typed = (word for word in dict.fromkeys(_WORD.findall(text)) if word[1:].islower())
    folded = {word: "".join(words(word)) for word in typed}
    unknown = [one for one, word in folded.items() if not is_known(word) and word not in _dictionary()]
    for as_typed in unknown[:_MOST]:
        word = folded[as_typed]
        near = {
            other for other in _dictionary().edit_distance_1(word) if other[0] == word[0] and _is_word(other)
        }
        counts = frequencies({stem(other) for other in near})
        best = max(
            near, key=lambda other: (counts.get(stem(other), 0), other in _dictionary(), other), default=""
        )
        if counts.get(stem(best)):
            found[as_typed] = best.capitalize() if as_typed[0].isupper() else best
    return found


def _is_word(form: str) -> bool:
    """Return whether a word may be written so: a form of an English word is in the dictionary, a name need not be."""
    return form in _dictionary() or stem(form) not in _dictionary()


def corrected(text: str, misspelled: Mapping[str, str]) -> str:
    """Return `text` with the words of `misspelled` read as their values."""
    return _WORD.sub(lambda match: misspelled.get(match.group(), match.group()), text)


# Loading takes 0.2 seconds and 40 MB; most questions have no word that needs it.
@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    return SpellChecker()
