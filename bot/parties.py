"""The names and nouns of a stretch of a sentence: those who do something, or to whom it is done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.predicates import lexicon
from store.terms import STOP_WORDS, stem, words

_TOKEN = re.compile(r"[^\W_][\w’'/&-]*(?:\.(?=\w)\w+)*|\d[\d.,]*|[,;:.!?()–—“”\"]")
_TITLE = re.compile(r"\b(?:Mr|Ms|Mrs|Dr|Prof|H\.E|Amb)\.?\s+(?=[A-Z])")
# A name after these is where, when or with whom, not who does it.
ASIDE = frozenset(
    "in at on during from under until before after since within across with alongside against than"
    " ahead through via".split()
)
_ADVERBS = frozenset(
    "however moreover furthermore therefore thus hence meanwhile besides instead likewise nevertheless".split()
)
CONJUNCTIONS = frozenset("and or but".split())
STRONG = frozenset(";:.!?")
_YEAR = re.compile(r"(?:19|20)\d\d")
MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)


@dataclass(frozen=True, slots=True)
class Party:
    """Someone or something in a sentence: the stemmed words of it, in order; `named` where it is a proper name."""

    words: tuple[str, ...]
    named: bool


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    low: str

    @property
    def is_name(self) -> bool:
        return self.text[0].isupper()


def tokens_of(sentence: str) -> list[Token]:
    """Return the words and marks of a sentence, without the full stop after "Mr."."""
    return [Token(t, t.casefold().replace("’", "'")) for t in _TOKEN.findall(_TITLE.sub("", sentence))]


def _opens_only(token: Token) -> bool:
    """Whether the first word of a sentence is capitalised for that alone."""
    return (
        token.low in STOP_WORDS | _ADVERBS
        or token.low.endswith("ly")
        or (token.text[1:].islower() and token.low in lexicon().forms)
    )


def parties(tokens: Sequence[Token], start: int, end: int, *, aside: bool) -> tuple[Party, ...]:
    """Return the names and nouns of a stretch; with `aside`, not those after a preposition of place or time."""
    found: list[Party] = []
    name: list[str] = []
    skipping = False
    for at in range(start, end + 1):
        token = tokens[at] if at < end else None
        low = token.low.removesuffix("'s").removesuffix("'") if token else ""
        part_of_name = token is not None and (
            token.is_name
            or (bool(name) and low in ("of", "for", "the", "on") and at + 1 < end and tokens[at + 1].is_name)
        )
        if token is not None and part_of_name and low not in MONTHS and not (at == 0 and _opens_only(token)):
            if not skipping:
                name.extend(stem(w) for w in words(low) if w not in STOP_WORDS)
            continue
        if name:
            found.append(Party(tuple(name), True))
            name = []
        if token is None:
            break
        following = tokens[at + 1].low if at + 1 < end else ""
        if skipping and _YEAR.fullmatch(low):
            skipping = False  # "In September 2024 the Assembly ..."
            continue
        if aside and low in ASIDE and (low != "on" or following[:1].isdigit() or following in MONTHS):
            skipping = True
        elif low in (",", "(") or low in CONJUNCTIONS:
            skipping = skipping and low in CONJUNCTIONS
        elif not skipping and low[0].isalpha() and low not in STOP_WORDS | {"far"} and len(low) > 2:
            found.append(Party(tuple(stem(w) for w in words(low)), False))
    return tuple(found)
