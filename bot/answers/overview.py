"""Answers to open questions: the sentences most relevant to the topic, without repetition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.answers.candidates import Weights
from bot.answers.citations import adjoins, opens_with_pronoun
from bot.answers.ranking import NEAR_OPEN, Scored, with_revocations
from bot.question import Question
from store.terms import terms

_MOST = 5
_OPEN = frozenset({"what", "how", "whether", "overview"})
# The share of the question's terms, by idf, of a sentence that has all that matter.
_FULL_COVERAGE = 0.95
# The least share of the question's names, by idf, in a section: ITU, which is in half of the sections, may be missing.
_NAMED = 0.75
# Maximal marginal relevance: the penalty for similarity to a chosen sentence, and the least relevance after it.
_REPEATS = 0.35
_LEAST = 0.55
# The subject of a sentence: its run-in title, or what it defines.
_SUBJECT = re.compile(r"(?P<subject>[^.:;,]{2,90}?)(?::\s| (?:is|are) (?:an?|the|one)\b)")


def overview(question: Question, weights: Weights, ranked: Sequence[Scored]) -> list[Scored]:
    """Return the sentences that answer an open question; none for a single fact, or if no score is positive.

    A question is open if it asks for a summary, or if it asks for no fact and several sentences have all its terms.
    `ranked` is best first. The answer has at most five sentences, and those that revoke them: first the one that
    introduces the topic, then those under the best one's heading, then the others, the older document first.
    """
    if not _is_open(question, ranked) or ranked[0].score <= 0:
        return []
    best = ranked[0]
    near = _on_topic([s for s in ranked if s.score >= NEAR_OPEN * best.score], question, weights)
    introduction = next((s for s in near if _introduces(s, question, weights)), None)
    # Both are in the answer, however similar they are.
    first = [s for s in near if s in (introduction, best) and not opens_with_pronoun(s.candidate.text)]
    runs = _diverse(near, first)
    runs.sort(
        key=lambda run: (run[0] is not introduction, _chapter(run[0]) != _chapter(best), _position(run[0]))
    )
    return with_revocations([s for run in runs for s in run], ranked)


def _is_open(question: Question, ranked: Sequence[Scored]) -> bool:
    if not ranked or not set(question.asks) <= _OPEN:
        return False
    if "overview" in question.asks:
        return True
    # A single sentence, or a yes or no, is a single fact.
    return "whether" not in question.asks and sum(s.candidate.coverage >= _FULL_COVERAGE for s in ranked) > 1


def _on_topic(near: Sequence[Scored], question: Question, weights: Weights) -> list[Scored]:
    """Return the sentences whose section has the question's names; the first one always.

    Words of a name that are adjacent in the first one's section must be so in the others.
    """
    wanted = question.names.intersection(question.terms)
    sections = {s.candidate.hit_index: s.candidate.hit.section for s in near}
    held = {place: terms(f"{section.heading}. {section.text}") for place, section in sections.items()}
    together = [pair for pair in pairwise(held[near[0].candidate.hit_index]) if set(pair) <= wanted]

    def named(place: int) -> bool:
        here, pairs = set(held[place]), set(pairwise(held[place]))
        scattered = any(set(pair) <= here and pair not in pairs for pair in together)
        return not scattered and weights.coverage(here, sorted(wanted)) >= (_NAMED if wanted else 0)

    on_topic = {place for place in sections if named(place)}
    return [s for s in near if s is near[0] or s.candidate.hit_index in on_topic]


def _introduces(sentence: Scored, question: Question, weights: Weights) -> bool:
    match = _SUBJECT.match(sentence.candidate.text)
    held = set(terms(match["subject"])) if match else set()
    return all(weights.covered(term, held) for term in question.terms)


def _diverse(near: Sequence[Scored], first: Sequence[Scored]) -> list[list[Scored]]:
    """Return `first` and the sentences of the greatest maximal marginal relevance to add; `near` is best first.

    A sentence that opens with a pronoun follows the one that it refers to, in the same list.
    """
    runs = [[s] for s in first]
    left = [s for s in near if s not in first]
    for _ in range(_MOST - len(runs)):
        chosen = [s for run in runs for s in run]
        possible = [
            (_relevance(s, near[0], chosen), s, run) for s in left if (run := _run(s, runs)) is not None
        ]
        relevance, following, run = max(possible, key=lambda p: p[0], default=(0.0, None, []))
        if following is None or relevance < _LEAST:
            break
        run.append(following)
        if len(run) == 1:
            runs.append(run)
        left.remove(following)
    return runs


def _relevance(sentence: Scored, best: Scored, chosen: Sequence[Scored]) -> float:
    """Return the score as a share of the best one, less a penalty for similarity to chosen ones of other sections."""
    vector, place = sentence.candidate.vector, sentence.candidate.hit_index
    elsewhere = [c.candidate.vector for c in chosen if c.candidate.hit_index != place]
    likeness = max((float(vector @ other) for other in elsewhere), default=0.0)
    return sentence.score / best.score - _REPEATS * likeness


def _run(sentence: Scored, runs: Sequence[list[Scored]]) -> list[Scored] | None:
    """Return the run that a sentence continues, or a new one; None if its pronoun refers to no chosen sentence."""
    if not opens_with_pronoun(sentence.candidate.text):
        return []
    return next((run for run in runs if adjoins(run[-1].candidate, sentence.candidate)), None)


def _chapter(sentence: Scored) -> tuple[str, str]:
    hit = sentence.candidate.hit
    return hit.document.id, hit.section.heading


def _position(sentence: Scored) -> tuple[str, str, int, int]:
    hit = sentence.candidate.hit
    return str(hit.document.date), hit.document.id, hit.section.position, sentence.candidate.start
