"""One sentence seen from one of its dates: the words on both sides, its verbs, and the phrases around."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ingest.date_words import MONTHS
from ingest.dates import DateExpression
from ingest.event_phrases import Word, about, forwards, is_gathering, is_name, phrase_text, words_of
from ingest.event_verbs import Verb, verbs_of
from ingest.event_words import vocabulary

# What may stand in front of a date that opens its sentence.
LEADING = vocabulary("""
    on in by as of for subsequently during at the until from additionally moreover also then early late
    before after between it starting beginning effective no later than so far
    """)


@lru_cache(maxsize=64)
def _parsed(sentence: str) -> tuple[tuple[Word, ...], tuple[Verb, ...]]:
    words = tuple(words_of(sentence))
    return words, tuple(verbs_of(words))


class Dated:
    """A sentence and a date in it.

    Positions are of words: the date stands between `left` and `right`, its clause between `low` and `high`.
    """

    def __init__(
        self, sentence: str, begin: int, end: int, expression: DateExpression, clause: tuple[int, int]
    ) -> None:
        self.sentence, self.expression = sentence, expression
        self.words, self.verbs = _parsed(sentence)
        self.left = _first_at(self.words, begin)
        self.right = _first_at(self.words, end)
        self.low, self.high = _first_at(self.words, clause[0]), _first_at(self.words, clause[1])

    def text(self, first: int, stop: int) -> str:
        """Return the phrase as a title."""
        return phrase_text(self.sentence, self.words, first, stop)

    def as_written(self, text: str) -> str:
        """Undo the capital that `phrase_text` gave to the first word."""
        lowered = text[:1].lower() + text[1:]
        return lowered if lowered in self.sentence and text not in self.sentence else text

    def owner(self, before: int) -> str:
        """Return whose "its" is, at word `before`: the name in front of it, else the one behind the date."""
        for start, limit in ((0, before), (self.right + 1, len(self.words))):
            k = next((j for j in range(start, limit) if self._owns(j)), limit)
            stop = k
            while stop < limit and (
                is_name(self.words[stop]) or self.words[stop].fold in ("of", "the", "on", "for", "and")
            ):
                stop += 1
            if stop > k:
                return self.text(k, stop)
        return ""

    def _owns(self, k: int) -> bool:
        word = self.words[k]
        return (
            is_name(word) and word.text[0].isalpha() and word.fold not in LEADING and word.fold not in MONTHS
        )

    def near(self, verbs: Sequence[Verb]) -> list[Verb]:
        """The verbs of the clause, from the date outwards: first those before it, then those behind it."""
        before = [v for v in verbs if self.low <= v.at < self.left]
        return before[::-1] + [v for v in verbs if self.right <= v.at < self.high]

    def object(self, verb: Verb, stop: int) -> tuple[int, int]:
        """Return the object of a verb, past what is set between commas ("convene, at high level, a meeting")."""
        words, start = self.words, verb.after
        if start < len(words) and words[start].text == ",":
            stop = self.high
        while start < stop and words[start].text == ",":
            closing = next((k for k in range(start + 1, min(start + 20, stop)) if words[k].text == ","), None)
            if closing is None:
                break
            start = closing + 1
        if start < stop and words[start].fold in ("within", "in", "on", "by", "for", "to"):
            return start, start
        return forwards(words, start, stop)

    def heads_gathering(self, first: int, stop: int) -> bool:
        """Whether the phrase is of a gathering itself, not of something for one ("registration for the Forum")."""
        for word in self.words[first:stop]:
            if is_gathering(word):
                return True
            if word.fold in ("of", "for", "on", "to") and word is not self.words[first]:
                return False
        return False

    def about(self, first: int, stop: int) -> tuple[int, int]:
        """Leave "preparations for" and the like in front of a gathering out."""
        return about(self.words, first, stop)

    def without_place(self, stop: int) -> int:
        """Step back over "in Verona", "in Geneva, Switzerland,", "at UN Headquarters in New York"."""
        words = self.words
        while stop > self.low:
            k = stop
            while k > 0 and (
                words[k - 1].fold in ("on", "from", "in", "for", "between", "the", "of", "by")
                or words[k - 1].text in ",("
            ):
                k -= 1
            i = k
            while (
                i > 0
                and k - i < 6
                and (
                    is_name(words[i - 1])
                    or words[i - 1].text == ","
                    or words[i - 1].fold in ("and", "of", "de", "des")
                )
            ):
                if is_gathering(words[i - 1]) or words[i - 1].text[0].isdigit():
                    break
                i -= 1
            if i > 0 and words[i - 1].fold == "the":
                i -= 1
            if i == k or i == 0 or words[i - 1].fold not in ("in", "at"):
                return stop
            stop = i - 1
        return stop


def _first_at(words: Sequence[Word], position: int) -> int:
    return next((k for k, w in enumerate(words) if w.start >= position), len(words))
