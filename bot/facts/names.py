"""The proper names of a statement, word by word, looked up in passages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from text_to_num import alpha2digit

from store.terms import STOP_WORDS, acronyms, stem, words

# "Council", "ITU-T", "6G"; "30M" is a number.
_CAPITALISED = re.compile(r"(?<!\w)(?:[^\W\d_a-z]|\d+(?![kKMm]\b)[A-Z])[\w’'&-]*")
_EDITION = re.compile(r"([a-z]{2,})(\d{1,2})")
_TITLES = frozenset("mr ms mrs dr prof".split())
# "Brazilian" is of Brazil: the least common letters, and the endings.
_ROOT = 5
_ENDINGS = frozenset("n an ian s es".split())

# Folded name -> its other forms, in folded words.
Forms = Mapping[str, Collection[str]]


def name_words(text: str) -> list[tuple[str, str]]:
    """Return (as written, folded) of the words of a text that belong to proper names, in order.

    The first word of a sentence belongs to a name unless its lemma is in lower case ("Participants" is no name,
    "Guterres" is): simplemma keeps the capital of names and of words that its dictionary does not have.
    """
    found = []
    for match in _CAPITALISED.finditer(text):
        written = match.group().removesuffix("’s").removesuffix("'s").rstrip("’'-")
        currency = text[match.end() : match.end() + 1] == "$"
        if currency or (_opens(text, match.start()) and _is_ordinary(written)):
            continue
        parts = words(written)
        if "-" in written and any(len(part) == 1 for part in parts):
            # ITU-T is not ITU: the letter after a hyphen matters.
            parts = [" ".join(parts)]
        found += [
            (written, part)
            for part in parts
            if len(part) > 1 and part not in _TITLES and (part not in STOP_WORDS or written.isupper())
        ]
    return found


def other_forms(texts: Iterable[str]) -> dict[str, set[str]]:
    """Return folded name -> its other forms, by the acronyms that these texts introduce."""
    forms: dict[str, set[str]] = {}
    for one, other in acronyms(texts):
        folded = " ".join(words(other))
        forms.setdefault(one, set()).add(folded)
        forms.setdefault(folded, set()).add(one)
    return forms


class KnownNames:
    """The words and numbers of passages, in which names are looked up."""

    def __init__(self, text: str, numbers: Collection[float]) -> None:
        self._words = words(text)
        self._set = frozenset(self._words)
        self._joined = f" {' '.join(self._words)} "
        self._stems = frozenset(map(stem, self._set))
        self._numbers = numbers

    def unknown(self, text: str, forms: Forms) -> Iterator[str]:
        """Yield the words of names in `text`, as written, that the passages have in no form."""
        spelt = {
            word
            for phrase in _phrases(words(text), forms)
            if any(set(form.split()) <= self._set for form in forms[phrase])
            for word in phrase.split()
        }
        for written, word in name_words(text):
            if word not in spelt and not self._knows(word, forms):
                yield written

    def _knows(self, word: str, forms: Forms) -> bool:
        if " " in word and f" {word} " in self._joined:
            return True
        if stem(word) in self._stems or any(set(form.split()) <= self._set for form in forms.get(word, ())):
            return True
        edition = _EDITION.fullmatch(word)
        if edition and self._knows(edition[1], forms):
            # SIDS4 is the fourth conference on SIDS.
            return float(edition[2]) in self._numbers
        return any(_same_root(word, other) for other in self._set)


def _phrases(spoken: list[str], forms: Forms) -> Iterator[str]:
    """Yield the names with other forms among words in a row."""
    longest = max((len(name.split()) for name in forms), default=0)
    for start in range(len(spoken)):
        for end in range(start + 1, min(start + longest, len(spoken)) + 1):
            phrase = " ".join(spoken[start:end])
            if phrase in forms:
                yield phrase


def _same_root(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _ROOT and long.startswith(short) and long[len(short) :] in _ENDINGS


def _opens(text: str, start: int) -> bool:
    return not text[:start].strip("\"'“‘«([ ")


@lru_cache(maxsize=4096)
def _is_ordinary(word: str) -> bool:
    if any(c.isupper() or c.isdigit() for c in word[1:]):
        return False
    if alpha2digit(" ".join(words(word)), "en", threshold=0.0).isdigit():
        return True
    # Takes a twentieth of a second to import, and only what a model wrote is checked.
    import simplemma

    return all(simplemma.lemmatize(part.capitalize(), "en").islower() for part in words(word))
