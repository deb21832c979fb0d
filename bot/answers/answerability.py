"""Probability that the selected sentences answer the question.

A logistic regression. `python -m tests.quality.calibrate` fits it on marked questions and prints the
numbers below; docs/evaluation.md says on which questions, and how it does on others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bot.answers.candidates import Candidate, Weights
from bot.question import Question
from store.records import Hit
from store.search import SearchResult
from store.terms import stem, terms

# Below the first the question is refused; below the second the confidence is low.
REFUSE_BELOW = 0.52
LOW_BELOW = 0.68


@dataclass(frozen=True, slots=True)
class Features:
    """Features of the chosen sentences; each in 0..1.

    `coverage` and `around`: share of the question's terms, by idf, in the best sentence and in its section;
    `section_cosine` and `sentence_cosine`: how near their vectors are to the question's; `unsupported`: share of the
    relation terms, by idf, which the section has in no related form: the topic is there, the relation is not;
    `unsaid`: the same for the chosen sentences; `names_missing`: share of the question's names that the paragraphs
    under its heading lack; `names_unknown`: 1 if no document has one of the names; `figures_missing`: 1 if those
    paragraphs lack a number, year, edition or ordinal of the question; `shape_missing`: 1 if the best sentence has no
    date, place, number, name or reason, as asked for.
    """

    coverage: float
    around: float
    section_cosine: float
    sentence_cosine: float
    unsupported: float
    unsaid: float
    names_missing: float
    names_unknown: float
    figures_missing: float
    shape_missing: float


_INTERCEPT = -1.84
_COEFFICIENTS = Features(
    coverage=1.69,
    around=1.59,
    section_cosine=0.87,
    sentence_cosine=0.84,
    unsupported=-1.50,
    unsaid=-1.99,
    names_missing=-0.85,
    names_unknown=-1.23,
    figures_missing=-1.39,
    shape_missing=-2.66,
)


def features(
    question: Question, found: SearchResult, weights: Weights, chosen: Sequence[Candidate]
) -> Features:
    """Return the features of an answer made of the chosen sentences, the best of them first."""
    best = chosen[0]
    held = frozenset(terms(f"{best.hit.section.heading} {best.hit.section.text}"))
    total = sum(weights.idf.values()) or 1.0
    relations = [t for t in question.terms if t not in question.names and t in weights.related]
    stated = frozenset(terms(f"{best.hit.section.heading} {' '.join(c.text for c in chosen)}"))
    chapter = _chapter(best.hit, found.hits)
    names_missing = [name for name in question.names if not weights.covered(name, chapter)]
    unknown = [term for term in question.terms if not found.frequencies.get(term)]
    spelt_out = {stem(word) for name in found.names for word in name.split()} | set(weights.forms)
    return Features(
        coverage=best.coverage,
        around=best.around,
        section_cosine=best.hit.cosine,
        sentence_cosine=best.cosine,
        unsupported=sum(weights.idf[t] for t in relations if not weights.support(t, held)) / total,
        unsaid=sum(weights.idf[t] for t in relations if not weights.support(t, stated)) / total,
        names_missing=len(names_missing) / len(question.names) if question.names else 0.0,
        names_unknown=float(any(name in question.names and name not in spelt_out for name in unknown)),
        # A bare number elsewhere may mean anything; SIDS4 and "fourth" are names.
        figures_missing=float(
            any(not weights.covered(stem(f), held if f.isdigit() else chapter) for f in question.figures)
        ),
        shape_missing=float(not best.shaped),
    )


def _chapter(best: Hit, hits: Sequence[Hit]) -> frozenset[str]:
    """Return the terms of the paragraphs found under the best one's heading: they share its topic."""
    place = (best.document.id, best.section.heading)
    texts = [h.section.text for h in hits if (h.document.id, h.section.heading) == place]
    return frozenset(terms(" ".join([best.section.heading, best.section.text, *texts])))


def probability(found: Features) -> float:
    """Return the probability that the sentences answer the question."""
    weights = asdict(_COEFFICIENTS)
    z = _INTERCEPT + sum(weights[name] * value for name, value in asdict(found).items())
    return 1.0 / (1.0 + math.exp(-z))
