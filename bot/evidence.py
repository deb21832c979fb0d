"""Whether what was found says what was asked: a calibrated probability, and the features it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from bot.candidates import Candidate, Weights
from bot.question import Question
from store.terms import terms

# A logistic regression (see docs/evaluation.md for how it is fitted and what it reaches).
_INTERCEPT = -5.02
_COEFFICIENTS = (3.35, 6.61, -3.16, -1.11)

# Below the first there is no answer; between the two it is given as the closest passages.
REFUSE_BELOW = 0.30
LOW_BELOW = 0.60


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against an answer.

    `coverage`: share of the question's terms, by idf, in the best sentence; `cosine`: mean of the best
    section's and the best sentence's; `names_missing`: share of the question's names that the best section
    lacks; `shape_missing`: 1 where no chosen sentence holds what was asked for.
    """

    coverage: float
    cosine: float
    names_missing: float
    shape_missing: float


def features(question: Question, weights: Weights, chosen: Sequence[Candidate]) -> Features:
    """Return the features of an answer made of the chosen sentences, the best of them first."""
    best = chosen[0]
    held = set(terms(f"{best.hit.section.heading} {best.hit.section.text}"))
    missing = [name for name in question.names if not weights.covered(name, held)]
    return Features(
        coverage=max(c.coverage for c in chosen),
        cosine=(best.hit.cosine + best.cosine) / 2,
        names_missing=len(missing) / len(question.names) if question.names else 0.0,
        shape_missing=0.0 if any(c.shaped for c in chosen) else 1.0,
    )


def probability(found: Features) -> float:
    """Return the probability that the sentences answer the question."""
    z = _INTERCEPT + sum(w * x for w, x in zip(_COEFFICIENTS, astuple(found), strict=True))
    return 1.0 / (1.0 + math.exp(-z))
