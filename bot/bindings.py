"""Whether a date or a figure of a sentence belongs there to what the sentence says of it.

"Released on 1 April, presented on 5 April" holds both dates of "released on 5 April": right numbers of the right
paragraph, wrongly tied. Each is compared with its rivals: the words around it in the sentence must not be nearer
to another date, or another figure, of the paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from store.terms import STOP_WORDS, stem, words

_WORD = re.compile(r"[^\W_]+|[,;:.()]")
# At this distance, in words, a word counts half as much as beside it.
_HALF = 3.0
# So much nearer another one has to be.
_MARGIN = 1.3
_CUT = {",": 2, "(": 2, ")": 2, ";": 6, ":": 3, ".": 12}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a text, and the stemmed words around it with their weights, 1 beside it and less further off."""

    around: Mapping[str, float]

    def closeness(self, other: Spot, alike: Callable[[str], Collection[str]]) -> float:
        """Return how much of this one's surroundings is near the other."""
        return sum(
            weight * max((other.around.get(term, 0.0) for term in (word, *alike(word))), default=0.0)
            for word, weight in self.around.items()
        )


def spot(text: str, span: tuple[int, int], skip: Sequence[tuple[int, int]] = ()) -> Spot:
    """Return what is around `text[span]`, without what stands in the spans of `skip` (the other dates and figures)."""
    around: dict[str, float] = {}
    for step in (-1, 1):
        distance = 0.0
        tokens = (
            list(_WORD.finditer(text, span[1])) if step > 0 else list(_WORD.finditer(text, 0, span[0]))[::-1]
        )
        for token in tokens:
            word = token.group()
            if not word[0].isalnum():
                distance += _CUT[word]
                continue
            if any(a <= token.start() < b for a, b in skip):
                continue
            distance += 1
            if word.casefold() in ("and", "but"):
                distance += 1
            folded = words(word)
            if folded and folded[0] not in STOP_WORDS and len(folded[0]) > 1:
                weight = 1.0 / (1.0 + (distance - 1) / _HALF)
                around[stem(folded[0])] = max(around.get(stem(folded[0]), 0.0), weight)
    return Spot(around)


def belongs_elsewhere(
    said: Spot, own: Sequence[Spot], rivals: Sequence[Spot], alike: Callable[[str], Collection[str]]
) -> bool:
    """Whether what is said around it fits another place of the paragraph clearly better than any of its own."""
    if not own or not rivals:
        return False
    best = max(said.closeness(place, alike) for place in own)
    other = max(said.closeness(place, alike) for place in rivals)
    return other > _MARGIN * best + 0.15
