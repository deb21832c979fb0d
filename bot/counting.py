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
# "Work has begun on data centres, of which some 1 900 have been identified."
_OF_WHICH = re.compile(
    r"(?P<noun>(?:[\w-]+\s)?[\w-]+),?\sof\s(?:which|whom|these|those),?\s(?:\w+\s){0,2}$", re.I
)
_FURTHER = frozenset("further additional another extra".split())
_MEASURES = frozenset(stem(w) for w in "minute hour day week month year page word metre kilometre".split())
_NO_NOUN = frozenset(stem(w) for w in "total number further first second new more other people".split())


def counted(text: str, figure: Figure) -> frozenset[str]:
    """Return the stemmed words that name what a number counts, of money and shares what they are of."""
    after = text[figure.span[1] : figure.span[1] + 60]
    before = _OF_WHICH.search(text, max(0, figure.span[0] - 80), figure.span[0])
    if before is not None:
        named = [w for w in words(before["noun"]) if w not in STOP_WORDS]
        return frozenset(stem(w) for w in named)
    first = words(after)[:1]
    if first and lexicon().forms.get(first[0], ("", ""))[1] in ("ed", "past"):
        return frozenset()
    after = re.sub(r"^\s*of (?:the|its|these|all)\s", " ", after)
    stop = _STOP.search(after)
    named = words(after[: stop.start()] if stop else after)
    return frozenset([stem(w) for w in named if w not in STOP_WORDS and not w.isdigit()][:_NOUNS])


def another_verbs(text: str, figure: Figure, there: str, figures: Sequence[Figure]) -> bool:
    """Whether the verb before a figure stands there before another figure of its kind, and not before this one.

    "Reached pledges of $51 billion and seeks $100 billion": it does not seek 51.
    """
    verb = _verb_before(text, figure)
    own = [_verb_before(there, f) for f in figures if figure.equals(f)]
    rivals = [_verb_before(there, f) for f in figures if f.unit == figure.unit and not figure.equals(f)]
    if verb is None or not own or None in own:
        return False
    same = lexicon().agree
    return not any(o is not None and same(verb, o) for o in own) and verb in rivals


def _verb_before(text: str, figure: Figure) -> str | None:
    """Return the verb that stands last before a figure in its sentence."""
    before = re.split(r"\.\s|;\s", text[max(0, figure.span[0] - 120) : figure.span[0]])[-1]
    verbs = [lexicon().forms[word][0] for word in words(before) if word in lexicon().forms]
    return verbs[-1] if verbs else None


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
    more = words(text[max(0, figure.span[0] - 30) : figure.span[0]])[-1:]
    if more and more[0] in _FURTHER:
        # "A further eight grants, which brings the number to 31 grants."
        led = [f for f in figures if f.unit == figure.unit and set(_lead(there, f)[-1:]) & _FURTHER]
        if led and not any(figure.equals(f) for f in led):
            return True
    measure = said & _MEASURES
    own_measures = [counted(there, f) & _MEASURES for f in figures if figure.equals(f)]
    if measure and own_measures and all(own_measures) and not any(measure & m for m in own_measures):
        return True
    wide = said | {other for word in said for other in alike(word)}
    own = [f for f in figures if figure.equals(f)]
    rivals = [f for f in figures if f.value != figure.value and f.unit == figure.unit]
    theirs = [counted(there, f) for f in own]
    if not all(theirs) or any(nouns & wide for nouns in theirs):
        return False
    return any(counted(there, f) & said for f in rivals)
