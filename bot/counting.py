"""Whether a number counts in a sentence what it counts in the paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from bot.figures import Figure
from bot.predicates import lexicon
from store.terms import STOP_WORDS, stem, words

_STOP = re.compile(
    r"[.,;:()–—]\s|\b(?:and|or|but|in|on|at|from|by|with|for|to|were|was|are|is|has|have|had|which|who|that)\b",
    re.I,
)
# Of the words after a number the first few name what it counts.
_NOUNS = 4
_NO_NOUN = frozenset(stem(w) for w in "total number further first second new more other people".split())


def counted(text: str, figure: Figure) -> frozenset[str]:
    """Return the stemmed words that name what a number counts, of money and shares what they are of."""
    after = text[figure.span[1] : figure.span[1] + 60]
    first = words(after)[:1]
    if first and lexicon().forms.get(first[0], ("", ""))[1] in ("ed", "past"):
        return frozenset()
    after = re.sub(r"^\s*of (?:the|its|these|all)\s", " ", after)
    stop = _STOP.search(after)
    named = words(after[: stop.start()] if stop else after)
    return frozenset([stem(w) for w in named if w not in STOP_WORDS and not w.isdigit()][:_NOUNS])


def _lead(text: str, figure: Figure) -> tuple[str, ...]:
    return tuple(words(text[max(0, figure.span[0] - 30) : figure.span[0]])[-2:])


def counts_something_else(
    text: str, figure: Figure, there: str, figures: Sequence[Figure], alike: Callable[[str], Collection[str]]
) -> bool:
    """Whether the paragraph counts with another number what is counted here, and with this one something else."""
    said = counted(text, figure) - _NO_NOUN
    if not said:
        # "The figure of 30 should be read as 27": what stands before it tells them apart.
        lead, leads = _lead(text, figure), {_lead(there, f) for f in figures if figure.equals(f)}
        rival_leads = {_lead(there, f) for f in figures if f.value != figure.value and f.unit == figure.unit}
        return lead not in leads and lead in rival_leads and bool(lead)
    wide = said | {other for word in said for other in alike(word)}
    own = [f for f in figures if figure.equals(f)]
    rivals = [f for f in figures if f.value != figure.value and f.unit == figure.unit]
    theirs = [counted(there, f) for f in own]
    if not all(theirs) or any(nouns & wide for nouns in theirs):
        return False
    return any(counted(there, f) & said for f in rivals)
