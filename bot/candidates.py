"""The sentences that could answer a question, each with what speaks for it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.question import Question
from bot.shapes import holds
from store.records import Hit
from store.search import Found
from store.terms import stem, terms, words

# A heading or a label left over from a form is no sentence: too short, and closed by nothing.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """`hit.section.text[start:end]`. `coverage` is the share of the question's terms (weighted by idf) that the
    sentence holds, `around` the same for its section; `cosine` compares vectors; all in 0..1.

    `shaped` says whether it holds what was asked for: a date, a place, a number, a name.
    """

    hit: Hit
    place: int
    start: int
    end: int
    cosine: float
    coverage: float
    around: float
    shaped: bool

    @property
    def text(self) -> str:
        return self.hit.section.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each of the question's terms says: its idf over the live sections, and its other forms."""

    idf: Mapping[str, float]
    forms: Mapping[str, Collection[frozenset[str]]]

    def coverage(self, held: Collection[str], wanted: Sequence[str]) -> float:
        """Return the share of `wanted` terms, weighted by idf, that `held` terms cover."""
        total = sum(self.idf[term] for term in wanted)
        if total == 0:
            return 0.0
        return sum(self.idf[term] for term in wanted if self.covered(term, held)) / total

    def covered(self, term: str, held: Collection[str]) -> bool:
        """Whether the term stands there, or another form of the name that it belongs to."""
        return term in held or any(form <= set(held) for form in self.forms.get(term, ()))


def weigh(question: Question, found: Found) -> Weights:
    """Return the weights of the question's terms (BM25's idf, never below a tenth)."""
    n = max(found.section_count, 1)
    idf = {
        term: max(0.1, math.log(1 + (n - df + 0.5) / (df + 0.5)))
        for term in question.terms
        for df in (found.frequencies.get(term, 0),)
    }
    forms: dict[str, list[frozenset[str]]] = {}
    for name, others in found.names.items():
        for other in others:
            for word in words(name):
                forms.setdefault(stem(word), []).append(frozenset(terms(other)))
    return Weights(idf, forms)


def candidates(question: Question, found: Found, weights: Weights) -> list[Candidate]:
    """Return the sentences of the found sections that are whole ones, in reading order within each section."""
    made: list[Candidate] = []
    around: dict[int, float] = {}
    for sentence in found.sentences:
        hit = found.hits[sentence.hit]
        text = hit.section.text[sentence.start : sentence.end]
        if len(text.split()) < _LEAST_WORDS or not _is_sentence(text):
            continue
        if sentence.hit not in around:
            held = set(terms(f"{hit.section.heading} {hit.section.text}"))
            around[sentence.hit] = weights.coverage(held, question.terms)
        made.append(
            Candidate(
                hit=hit,
                place=sentence.hit,
                start=sentence.start,
                end=sentence.end,
                cosine=sentence.cosine,
                coverage=weights.coverage(set(terms(f"{hit.section.heading} {text}")), question.terms),
                around=around[sentence.hit],
                shaped=all(holds(ask, text, question) for ask in question.asks),
            )
        )
    return made


def _is_sentence(text: str) -> bool:
    return text.rstrip("'\"’”)]")[-1:] in ".!?:;" or len(text.split()) > 8
