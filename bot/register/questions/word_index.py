"""Forms and stems of words, and inverted indexes: which of some short texts have a word in one of its forms. Pure."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from bot.question.lexicon import ORDINALS, abbreviations
from store.terms import STOP_WORDS, stem, words

LONG_WORD = 6
_NTH = re.compile(r"(\d{1,3})(?:st|nd|rd|th)$")
_CODE = re.compile(r"([a-z]{2,})(\d{1,3})$")
_NOISE = STOP_WORDS | {"un", "united", "nations"}


def stem_set(text: str) -> frozenset[str]:
    """Return the stems of a text without stop words."""
    return frozenset(stem_words(text))


def stem_words(text: str) -> list[str]:
    """Return the stems of a text without stop words: "#2" for "2nd", "pp26" for "PP-26"."""
    text = re.sub(r"(?i)\b([a-z]+)4([a-z]+)\b", r"\1 for \2", text)
    found = []
    for word in words(re.sub(r"\b([A-Za-z]{2,})[-+ ](\d{2,3})\b", r"\1\2", text)):
        nth, numbered = _NTH.match(word), _CODE.match(word)
        if nth or word in ORDINALS:
            found.append(f"#{nth[1] if nth else ORDINALS.index(word) + 1}")
        elif numbered:
            found.append(f"{short_stem(numbered[1])}{int(numbered[2])}")
        elif word not in _NOISE:
            found.append(short_stem(word))
    return found


def short_stem(word: str) -> str:
    """Return the stem of a word; a short word, which may be a name, loses only a plural s."""
    return stem(word) if len(word) > 5 else word[:-1] if word.endswith("s") and len(word) > 3 else word


def code(stemmed: str) -> tuple[str, str] | None:
    """Return the name and the number of a code, ("pp", "26") for "pp26"; None if the word is none."""
    match = _CODE.match(stemmed)
    return (match[1], match[2]) if match else None


def with_code_names(stems: frozenset[str]) -> frozenset[str]:
    """Return words with the names that codes among them begin with: "pp" of "pp26"."""
    return stems | {found[0] for word in stems if (found := code(word))}


@lru_cache(maxsize=1)
def long_forms() -> dict[str, tuple[frozenset[str], ...]]:
    """Return short name -> sets of stems with the same meaning, from the acronyms and aliases."""
    found: dict[str, list[frozenset[str]]] = {}
    for short, full in abbreviations():
        if " " not in short:
            found.setdefault(short_stem(short), []).append(stem_set(full))
        for name in full.split():
            if name.isupper():
                found.setdefault(short_stem(name.casefold()), []).append(stem_set(short))
    return {short: tuple(forms) for short, forms in found.items()}


def variants(topic: str) -> list[str]:
    """Return a topic as it is, and with the short forms of the names in it: "zero draft GDC"."""
    folded = f" {' '.join(words(topic))} "
    names = _short_names()
    return [topic, *(folded.replace(full, short) for full, short in names if full in folded)]


@lru_cache(maxsize=1)
def _short_names() -> tuple[tuple[str, str], ...]:
    """Return the full names with a short form, and that form; each between spaces."""
    return tuple(
        (f" {' '.join(words(full))} ", f" {short.upper()} ")
        for short, full in abbreviations()
        if len(short) < LONG_WORD
    )


def initials(text: str) -> str:
    """Return the first letters of words, as in "sf sof sotf" for "Summit of the Future"."""
    found = re.findall(r"[^\W_]+", text)
    ways = (
        [w for w in found if w.casefold() not in STOP_WORDS],
        [w for w in found if w.casefold() not in {"the", "a", "an"}],
        found,
    )
    return " ".join("".join(w[0] for w in way) for way in ways).casefold()


class StemIndex:
    """Finds texts by their stems."""

    def __init__(self, texts: Iterable[frozenset[str]]) -> None:
        self._places: dict[str, array[int]] = {}
        for place, stems in enumerate(texts):
            for word in stems:
                self._places.setdefault(word, array("i")).append(place)
        self.vocabulary = sorted(self._places)
        """All stems."""
        self._codes: dict[str, list[str]] = {}
        for word in self.vocabulary:
            if found := code(word):
                self._codes.setdefault(found[0], []).append(word)
        self._counted = self._having(word for word in self.vocabulary if word.startswith("#"))

    def frequency(self, word: str) -> int:
        """Return the number of texts with a stem."""
        return len(self._places.get(word, ()))

    def exactly(self, word: str) -> set[int]:
        """Return the texts with a stem."""
        return set(self._places.get(word, ()))

    def containing(self, word: str) -> set[int]:
        """Return the texts with a stem, or with its long, short or numbered form."""
        found = self.exactly(word)
        if (parts := code(word)) is not None:
            # "PP26" is of 2026, and "SIDS4" the fourth.
            named = self.containing(parts[0])
            return found | (named - self._counted) | (named & self._having((f"#{parts[1]}", f"20{parts[1]}")))
        if len(word) >= LONG_WORD:
            # Stems of one word may differ by a last letter: "regist", "registr".
            found |= self._having((word[:-1], *self._longer_by_one(word)))
        for form in long_forms().get(word, ()):
            found |= set.intersection(*(self.exactly(part) for part in form)) if form else set()
        return found

    def other_editions(self, word: str) -> set[int]:
        """Return the texts that have a code only with other numbers: CSW68 is not CSW66."""
        parts = code(word)
        return self._having(self._codes.get(parts[0], ())) - self.exactly(word) if parts else set()

    def _longer_by_one(self, word: str) -> Iterable[str]:
        at = bisect_right(self.vocabulary, word)
        while at < len(self.vocabulary) and self.vocabulary[at].startswith(word):
            if len(self.vocabulary[at]) == len(word) + 1:
                yield self.vocabulary[at]
            at += 1

    def _having(self, words: Iterable[str]) -> set[int]:
        return set().union(*(self._places.get(word, ()) for word in words))


class InitialsIndex:
    """Finds texts by the first letters of successive words."""

    def __init__(self, texts: Sequence[str]) -> None:
        lines = [initials(text) + "\n" for text in texts]
        self._joined = "".join(lines)
        self._starts = list(accumulate(map(len, lines), initial=0))

    def containing(self, letters: str) -> set[int]:
        """Return the texts with these initials, if the letters are as many as those of an acronym."""
        found: set[int] = set()
        if not 2 < len(letters) < 8:
            return found
        at = self._joined.find(letters)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            found.add(place)
            at = self._joined.find(letters, self._starts[place + 1])
        return found
