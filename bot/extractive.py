"""An answer without a model: the sentences themselves that answer, each with its citation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.candidates import Candidate
from bot.question import Question

_MOST = 4
# A single fact needs no more than what is nearly as good as the best; an open question takes more in.
_NEAR_FACT = 0.88
_NEAR_OPEN = 0.8
_FACTS = frozenset({"when", "where", "who", "how many", "how much", "how long"})


@dataclass(frozen=True, slots=True)
class Scored:
    candidate: Candidate
    score: float


def score(candidate: Candidate) -> float:
    """Return how well a sentence answers: its vector, its words, its section, and the shape asked for.

    The weights are those of a pairwise logistic regression, rounded.
    """
    return (
        candidate.cosine
        + 1.25 * candidate.coverage
        + 1.25 * candidate.hit.score
        + 0.7 * candidate.around
        + (1.0 if candidate.shaped else 0.0)
    )


def choose(question: Question, candidates: Sequence[Candidate]) -> list[Scored]:
    """Return the sentences of the answer: the best first, the others in reading order; at most four."""
    ranked = sorted((Scored(c, score(c)) for c in candidates), key=lambda s: -s.score)
    if not ranked:
        return []
    near = _NEAR_FACT if set(question.asks) & _FACTS else _NEAR_OPEN
    best, others = ranked[0], ranked[1:_MOST]
    chosen = [s for s in others if s.score >= near * best.score]
    return [best, *sorted(chosen, key=lambda s: (s.candidate.place, s.candidate.start))]
