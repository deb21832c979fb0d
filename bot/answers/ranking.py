"""Candidate sentences scored and ranked, and those of them that make an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.answer import Nearest
from bot.answers.candidates import Candidate
from bot.question import Question

_MOST = 4
_NEAREST = 3
# The least scores of further sentences, as shares of the best score: for a fact in the same section and in another
# one, and for an open question.
_NEAR_FACT = 0.92
_NEAR_ELSEWHERE = 0.95
NEAR_OPEN = 0.85
_REVOKES = re.compile(
    r"(?:However|But|Nevertheless|Nonetheless|Yet|Unfortunately|Since then)\b"
    r"|.{0,80}\b(?:postponed|cancelled|canceled|rescheduled|no longer|will not take place)\b",
    re.S,
)
_FACTS = frozenset({"when", "where", "who", "how many", "how much", "how long"})


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score."""

    candidate: Candidate
    score: float


def score(candidate: Candidate) -> float:
    """Return how well a sentence answers, by its vector, its words, its section and the kind of answer.

    The weights are those of a pairwise logistic regression, rounded.
    """
    return (
        candidate.cosine
        + 1.25 * candidate.coverage
        + 1.25 * candidate.hit.score
        + 0.7 * candidate.section_coverage
        + (1.0 if candidate.has_asked_kind else 0.0)
        + candidate.fit
    )


def rank(candidates: Sequence[Candidate]) -> list[Scored]:
    """Return the candidates with their scores, best first."""
    return sorted((Scored(c, score(c)) for c in candidates), key=lambda s: -s.score)


def choose(question: Question, candidates: Sequence[Candidate]) -> list[Scored]:
    """Return the sentences of the answer: the best first, the others in reading order; at most four.

    A sentence that the next one revokes ("However, this has now been postponed") is always followed by it.
    """
    ranked = rank(candidates)
    if not ranked:
        return []
    best = ranked[0]
    others = [s for s in ranked[1:_MOST] if s.score >= best.score * _needed(question, best, s)]
    others.sort(key=lambda s: (s.candidate.hit_index, s.candidate.start))
    return with_revocations([best, *others], ranked)[:_MOST]


def with_revocations(sentences: Sequence[Scored], ranked: Sequence[Scored]) -> list[Scored]:
    """Return the sentences, each followed by the next one if that revokes it."""
    chosen: list[Scored] = []
    for one in sentences:
        chosen += [s for s in (one, *_revocation(one, ranked)) if s not in chosen]
    return chosen


def _needed(question: Question, best: Scored, other: Scored) -> float:
    """Return the share of the best score that another sentence needs."""
    facts = set(question.asks) & _FACTS
    if not facts:
        return NEAR_OPEN
    if len(question.asks) > 1 or other.candidate.hit_index == best.candidate.hit_index:
        return _NEAR_FACT
    return _NEAR_ELSEWHERE


def _revocation(one: Scored, ranked: Sequence[Scored]) -> list[Scored]:
    """Return the next sentence if it revokes this one."""
    place, end = one.candidate.hit_index, one.candidate.end
    behind = [s for s in ranked if s.candidate.hit_index == place and s.candidate.start >= end]
    following = min(behind, key=lambda s: s.candidate.start, default=None)
    if following is None or not _REVOKES.match(following.candidate.text):
        return []
    return [following]


def nearest(ranked: Sequence[Scored]) -> tuple[Nearest, ...]:
    """Return the best sentence of each of the nearest sections, each section once; `ranked` is best first."""
    found: dict[tuple[str, str], Nearest] = {}
    for candidate in sorted((s.candidate for s in ranked), key=lambda c: c.hit_index):
        document, section = candidate.hit.document, candidate.hit.section
        place = document.source, section.number
        if place not in found and len(found) < _NEAREST:
            quote = section.quote(candidate.start, candidate.end)
            found[place] = Nearest(*place, section.heading, quote)
    return tuple(found.values())
