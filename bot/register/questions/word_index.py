"""Inverted indexes of short texts: which of them have a word in one of its forms. Pure.

Both indexes name texts by their places in the sequence that they were made of.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from bot.register.questions.word_forms import LONG_WORD, code, initials, long_forms


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

    def first_with_prefix(self, beginning: str) -> str | None:
        """Return the first stem, by the alphabet, that begins so."""
        at = bisect_left(self.vocabulary, beginning)
        found = self.vocabulary[at : at + 1]
        return found[0] if found and found[0].startswith(beginning) else None

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

    def __init__(self, texts: Sequence[str], *, capitals: bool) -> None:
        lines = [initials(text, capitals=capitals) + "\n" for text in texts]
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
