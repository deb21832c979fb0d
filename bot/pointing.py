"""Whether a sentence points back to one before it: a pronoun whose noun is not in the sentence itself."""

from __future__ import annotations

import re

from bot.predicates import lexicon
from store.terms import STOP_WORDS, words

_AUXILIARIES = frozenset("is are was were be been has have had will would can could may might should".split())
_OPENING = re.compile(
    r"^(?:(?:however|moreover|additionally|in addition|also|furthermore|subsequently|notably|finally"
    r"|in (?:19|20)\d\d|then"
    r"|on \d{1,2} \w+(?: (?:19|20)\d\d)?|at the same time|in turn|as a result),?\s+)*"
    r"(?P<pointer>it|this|that|these|those|they|its|their|he|she|his|her|him|them|both|such|"
    r"the (?:latter|former)(?=,?\s(?:is|are|was|were|has|have|will|would|can|could|may|did|does|[a-z]+(?:ed|s))\b)"
    r"|the (?:same|two)(?!\s(?!is|are|was|were|has|have|will|would|can|could|may|did|does)[\w-]+\s\w)"
    r"|(?:the )?others?|there|here|another|neither|either|each|some|one of (?:them|these|those)"
    r"|none|all of (?:them|these|those)"
    r"|as such|for this|at this|during this|in this|on this|to this|with this|through this)\b(?P<rest>.*)",
    re.I | re.S,
)
_INSIDE = re.compile(r"\b(?:it|they|he|she|its|their|his|her|them|him|itself|themselves)\b", re.I)
# "It is not known that", "there are", "both Germany and Namibia", "this report" point nowhere before.
_EMPTY = re.compile(
    r"^(?:it (?:is|was|has been|remains)(?: (?:not|also|now|yet|still))*"
    r" (?:known|clear|unclear|unknown|expected|planned|hoped"
    r"|understood|noted|anticipated|important|possible|likely|proposed|suggested|stated|reported|said|decided)\b"
    r"|there (?:is|are|was|were|has|have|will)\b|both [A-Z]|both the\b|this (?:report|document|year|month)\b"
    r"|that (?:is|said)\b"
    r"|those (?:who|which|that)\b|each (?:of the )?\w+|some \w+|such as\b|he or she\b|it took(?! place)|another \w+)",
    re.I,
)
# "In Kigali, it …": what opens the sentence is a circumstance, not the noun.
_FRONTED = re.compile(
    r"^(?:In|On|At|By|From|Since|For|During|After|Before|Until|According|As|Under|With|Following"
    r"|Later|Now|So|Then|Because of)\b"
    r"[^,.;]*,\s*(?P<pointer>it|they|he|she|this|these|those|that|both)\b",
    re.I,
)
_OPENS_ASIDE = re.compile(r"^(?:In|On|At|By|From|Since|For|During|After|Before|Until|Under|With|Following)\b")
_SUBJECT = re.compile(r"\b(?:it|they|he|she)\b")
# "In their paper the facilitators …" names them after the pronoun.
_CATAPHORA = re.compile(
    r"^(?:In|At|With|By|After|Through|During) (?:their|its|his|her) [^.;]*?(?:,? the [a-z]|,? [A-Z])"
)


def _has_verb(text: str) -> bool:
    forms = lexicon().forms
    return any(w in _AUXILIARIES or forms.get(w, ("", ""))[1] in ("ed", "past") for w in words(text))


def points_back(sentence: str) -> bool:
    """Whether the sentence cannot be understood without the one before it."""
    text = sentence.lstrip("\"'“‘«([ ")
    opening = _OPENING.match(text)
    if opening is not None:
        return _EMPTY.match(text[opening.start("pointer") :]) is None
    fronted = _FRONTED.match(text)
    if fronted is not None:
        return _EMPTY.match(text[fronted.start("pointer") :]) is None
    subject = _SUBJECT.search(text)
    if subject is not None and _OPENS_ASIDE.match(text) and not _has_verb(text[: subject.start()]):
        return _EMPTY.match(text[subject.start() :]) is None
    inside = _INSIDE.search(text)
    if inside is None or _EMPTY.match(text[inside.start() :]):
        return False
    if _CATAPHORA.match(text):
        return False
    return all(word in STOP_WORDS or word.isdigit() for word in words(text[: inside.start()]))
