"""An answer without a model: the sentences themselves that answer, each with its citation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.candidates import Candidate
from bot.question import Question

_MOST = 4
# A single fact needs no more than what is nearly as good as the best; an open question takes more in.
_NEAR_FACT = 0.75
_NEAR_OPEN = 0.6
_FACTS = frozenset({"when", "where", "who", "how many", "how much", "how long"})


@dataclass(frozen=True, slots=True)
class Scored:
    candidate: Candidate
    score: float


def score(candidate: Candidate) -> float:
    """Return how well a sentence answers: its vector, its words, its section, and the shape asked for."""
    return (
        candidate.cosine
        + 0.5 * candidate.coverage
        + 0.5 * candidate.hit.score
        + (0.25 if candidate.shaped else 0.0)
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
