"""Whether a sentence denies what a paragraph says, or says what it denies; and words that are each other's opposite."""

from __future__ import annotations

import re
from collections.abc import Collection

from store.terms import STOP_WORDS, stem, words

_NEGATION = re.compile(
    r"\b(?:not|never|no|without|non|neither|nor|cannot|nobody|none)\b(?!\s+(?:only|later|earlier|more|fewer|less)\b)|n['’]t\b",
    re.I,
)
_END = re.compile(r"[.;:!?,]|\b(?:but|although|and|which|who|because)\b", re.I)
_NUMERALS = re.compile(r"\bno\.\s?\d", re.I)
# What a negation reaches: close by for what is surely denied, further for what may be.
_SURELY = 2
_MAYBE = 6
_LEXICAL = re.compile(
    r"\b(?:not|no|never|n['’]t|without|neither|nor|lack\w*|declin\w*|refus\w*"
    r"|fail\w*|cancel\w*|postpon\w*|withdr\w*"
    r"|drop\w*|un(?:known|clear|able|likely)|vacant|cannot|none|nobody|free|put off|given up"
    r"|free of charge|non-\w+|no longer)\b",
    re.I,
)
_OPPOSITES = [
    ("increase rise grow grew grown rose raise", "decrease decline fall fell fallen shrink shrunk reduce drop"),
    ("more exceed", "fewer less below"),
    ("largest biggest highest most", "smallest lowest least fewest"), ("open opened", "closed close"),
    ("postponed delayed deferred", "cancelled advanced"), ("joined entered join", "left leave quit"),
    ("accepted approved", "rejected refused declined"), ("permanent", "temporary interim"), ("first", "last final"),
    ("mandatory binding obligatory", "voluntary optional"), ("higher", "lower"), ("larger", "smaller"),
    ("early", "late"),
    ("online", "in-person"), ("public", "confidential secret"), ("free", "paid"), ("north", "south"), ("east", "west"),
    ("success successful", "failure failed"), ("support supported", "opposed oppose"), ("maximize", "minimize"),
]  # fmt: skip
# Whether something takes place is read from its verb.
_HELD = frozenset(("take", "place", "held", "hold"))
_PAIRS = [(frozenset(stem(w) for w in words(a)), frozenset(stem(w) for w in words(b))) for a, b in _OPPOSITES]


def polarity(sentence: str, there: str) -> str | None:
    """Return what is denied on one side only, or said with an opposite word; None where both agree."""
    said, written = _stems(sentence), _stems(there)
    surely, maybe = _denied(sentence, _SURELY), _denied(sentence, _MAYBE)
    surely_there, maybe_there = _denied(there, _SURELY), _denied(there, _MAYBE)
    if surely and not _LEXICAL.search(there):
        return "nothing there is denied"
    for term in surely:
        if (
            term not in _HELD
            and term in written
            and term not in maybe_there
            and _always(sentence, term, maybe)
        ):
            return f"“{term}” is not denied there"
    for term in surely_there:
        if (
            term not in _HELD
            and term in said
            and term not in maybe
            and _always(there, term, surely_there)
            and not _LEXICAL.search(sentence)
        ):
            return f"“{term}” is denied there"
    for one, other in _PAIRS:
        for mine, theirs in ((one, other), (other, one)):
            if said & mine and not written & mine and not said & theirs and written & theirs:
                return "it says the opposite"
    return None


def _stems(text: str) -> set[str]:
    return {stem(w) for w in words(text)}


def _denied(text: str, reach: int) -> frozenset[str]:
    found: set[str] = set()
    for match in _NEGATION.finditer(text):
        if _NUMERALS.match(text, match.start()):
            continue
        rest = text[match.end() : match.end() + 140]
        stop = _END.search(rest)
        near = [
            w
            for w in words(rest[: stop.start()] if stop else rest)
            if w not in STOP_WORDS and not w.isdigit()
        ]
        found.update(stem(w) for w in near[:reach])
    return frozenset(found)


def _always(text: str, term: str, denied: Collection[str]) -> bool:
    """Whether every time the term stands in the text it is denied."""
    return term in denied and sum(stem(w) == term for w in words(text)) == 1
