"""The best rows for some words, without scoring each row that has one of them: rows with a rare word come first.

To score a row costs some twenty times as much as to find it, and most rows that a question finds have only its common
words, which add little. The idea is that of MaxScore (Turtle and Flood 1995), with an estimate in place of the bound.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

# Rows that are scored at once: those with the rarest words, as many words as have so many rows together.
MOST_ROWS = 5_000
# Best rows that a common word must not change: the search uses no more.
_SURE = 50
# A word adds more than its weight in a short row, or in one that has it several times.
_MARGIN = 1.15
# Weight of a term that more than half of the rows have.
_LEAST_WEIGHT = 1e-6


def weight(rows: int, hits: int) -> float:
    """Return the weight in BM25 of a term that `hits` of `rows` have: https://www.sqlite.org/fts5.html#the_bm25_function."""
    return max(math.log((rows - hits + 0.5) / (hits + 0.5)), _LEAST_WEIGHT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows that have one of some words, where a word may be wanted only beside one of others, and none of `without`."""

    words: Mapping[str, Sequence[str]]
    """Word -> those of which the row needs one too; none if it may stand alone."""
    without: Sequence[str] = ()

    def query(self, quote: str, either: str, both: str) -> str:
        """Return the condition on the words in a syntax: its quotation mark, and its signs for "or" and "and"."""
        return f" {either} ".join(
            f"({quote}{word}{quote} {both} ({any_of(others, quote, either)}))"
            if others
            else f"{quote}{word}{quote}"
            for word, others in self.words.items()
        )


def any_of(words: Iterable[str], quote: str, either: str) -> str:
    """Return the condition that a row has one of the words; they are letters and digits, so that quoting is enough."""
    return f" {either} ".join(f"{quote}{word}{quote}" for word in words)


def best_rows(
    score: Callable[[Wanted], dict[int, float]],
    hits: Mapping[str, int],
    weigh: Callable[[str], float],
    limit: int,
) -> dict[int, float]:
    """Return the best `limit` rows with their scores, best first.

    `score` returns the best scores, by all words, of wanted rows. `hits` is the number of rows that have each word,
    `weigh(word)` its weight. First rows with a rare word are scored, then those of the others whose words together
    could reach the best rows. The estimate of what a word adds is its weight, that is its score in a row of average
    length that has it once, and a margin.
    """
    words = sorted((word for word in hits if hits[word]), key=lambda word: hits[word])
    first = _rarest(words, hits)
    if not first:
        return {}
    found = score(Wanted(dict.fromkeys(words[:first], ())))
    if first < len(words):
        worst = sorted(found.values(), reverse=True)[_SURE - 1] if len(found) >= _SURE else 0.0
        others = _promising({word: _MARGIN * weigh(word) for word in words[first:]}, worst)
        if others:
            found |= score(Wanted(others, words[:first]))
    best = heapq.nlargest(limit, found, key=lambda row: (found[row], -row))
    return {row: found[row] for row in best}


def _promising(weights: Mapping[str, float], worst: float) -> dict[str, Sequence[str]]:
    """Return word -> the words of which a row needs one too to score more than `worst`; `weights`: the rarest first."""
    words = list(weights)
    wanted: dict[str, Sequence[str]] = {}
    for number, word in enumerate(words):
        commoner = words[number + 1 :]
        if weights[word] > worst:
            wanted[word] = ()
        elif weights[word] + sum(weights[other] for other in commoner) > worst:
            wanted[word] = commoner
    return wanted


def _rarest(words: Sequence[str], hits: Mapping[str, int]) -> int:
    """Return how many of the words, the rarest first, have at most MOST_ROWS rows together; at least one."""
    together = 0
    for number, word in enumerate(words):
        together += hits[word]
        if number and together > MOST_ROWS:
            return number
    return len(words)
