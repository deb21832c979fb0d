"""Probability that the selected sentences answer the question.

A logistic regression. `python -m tests.tools.quality.calibrate` fits it on marked questions and prints the
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
    """Features of the chosen sentences, each in 0..1; the sentence is the best one, the section is its section."""

    coverage: float
    """Share of the question's terms, weighted by idf, that the sentence has."""
    section_coverage: float
    """The same of the section."""
    section_cosine: float
    """Cosine of the vectors of the section and of the question."""
    sentence_cosine: float
    """Cosine of the vectors of the sentence and of the question."""
    section_lacks_relations: float
    """Share of the terms, by idf, that name a relation ("chaired") and have no related form in the section."""
    sentences_lack_relations: float
    """The same of the chosen sentences with the heading."""
    names_missing: float
    """Share of the question's names that the paragraphs under the section's heading lack."""
    names_unknown: float
    """1 if no document has one of the question's names."""
    figures_missing: float
    """1 if the paragraphs under the heading lack a number, year, edition or ordinal of the question."""
    kind_missing: float
    """1 if the sentence has no date, place, number, name or reason, as asked for."""


_INTERCEPT = -1.84
_COEFFICIENTS = Features(
    coverage=1.69,
    section_coverage=1.59,
    section_cosine=0.87,
    sentence_cosine=0.84,
    section_lacks_relations=-1.50,
    sentences_lack_relations=-1.99,
    names_missing=-0.85,
    names_unknown=-1.23,
    figures_missing=-1.39,
    kind_missing=-2.66,
)


def features(
    question: Question, found: SearchResult, weights: Weights, chosen: Sequence[Candidate]
) -> Features:
    """Return the features of an answer made of the chosen sentences, the best of them first."""
    best, idf = chosen[0], weights.idf
    total = sum(idf.values()) or 1.0
    section = frozenset(terms(f"{best.hit.section.heading} {best.hit.section.text}"))
    sentences = frozenset(terms(f"{best.hit.section.heading} {' '.join(c.text for c in chosen)}"))
    around = chapter(best.hit, found.hits)
    relations = [t for t in question.terms if t not in question.names and t in weights.related]
    names_missing = [name for name in question.names if not weights.covered(name, around)]
    unknown = [term for term in question.terms if not found.frequencies.get(term)]
    with_other_form = {stem(word) for name in found.names for word in name.split()} | set(weights.forms)
    return Features(
        coverage=best.coverage,
        section_coverage=best.section_coverage,
        section_cosine=best.hit.cosine,
        sentence_cosine=best.cosine,
        section_lacks_relations=sum(idf[t] for t in relations if not weights.support(t, section)) / total,
        sentences_lack_relations=sum(idf[t] for t in relations if not weights.support(t, sentences)) / total,
        names_missing=len(names_missing) / len(question.names) if question.names else 0.0,
        names_unknown=float(any(name in question.names and name not in with_other_form for name in unknown)),
        # A bare number elsewhere may mean anything; SIDS4 and "fourth" are names.
        figures_missing=float(
            any(not weights.covered(stem(f), section if f.isdigit() else around) for f in question.figures)
        ),
        kind_missing=float(not best.has_asked_kind),
    )


def chapter(best: Hit, hits: Sequence[Hit]) -> frozenset[str]:
    """Return the terms of the paragraphs found under the best one's heading: they share its topic."""
    place = (best.document.id, best.section.heading)
    texts = [h.section.text for h in hits if (h.document.id, h.section.heading) == place]
    return frozenset(terms(" ".join([best.section.heading, best.section.text, *texts])))


def probability(found: Features) -> float:
    """Return the probability that the sentences answer the question."""
    weights = asdict(_COEFFICIENTS)
    z = _INTERCEPT + sum(weights[name] * value for name, value in asdict(found).items())
    return 1.0 / (1.0 + math.exp(-z))
