"""Answers in the documents' own sentences, and the refusal if these do not answer the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answers import remarks
from bot.answers.answer import Answer, Confidence
from bot.answers.answerability import LOW_BELOW, REFUSE_BELOW, chapter, features, probability
from bot.answers.candidates import Weights, candidates, weigh
from bot.answers.citations import cite, with_subject
from bot.answers.newest import DatedSentence, newest_first, without_superseded
from bot.answers.overview import overview
from bot.answers.ranking import Scored, choose, nearest, rank, with_revocations
from bot.question import Question, topic_words
from store.search import SearchResult
from store.terms import terms

# The least share of a follow-up question's own terms in its answer, and of those of its context around that.
_LEAST_OF_TURN = 0.5


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences found for a question.

    `ranked` are all of them, best first; `chosen` those that answer; `sentences` the chosen ones in the order of the
    answer, with what older documents say on the point.
    """

    question: Question
    found: SearchResult
    weights: Weights
    ranked: Sequence[Scored]
    chosen: Sequence[Scored]
    sentences: Sequence[DatedSentence]


def select(question: Question, found: SearchResult, as_of: date) -> Selection:
    """Return the sentences of the found sections that answer the question as of a day."""
    weights = weigh(question, found)
    possible = candidates(question, found, weights)
    chosen, ranked = choose(question, possible), rank(possible)
    return Selection(question, found, weights, ranked, chosen, newest_first(chosen, ranked, as_of))


def extractive_answer(draft: Answer, selection: Selection, *, best_only: bool = False) -> Answer:
    """Return the draft with the selected sentences and their citations, or a refusal.

    With `best_only` they are the best sentence, and what revokes it or what older documents say.
    """
    question, chosen = selection.question, selection.chosen
    if not chosen:
        return refusal(draft, selection)
    answering = [scored.candidate for scored in chosen]
    likely = probability(features(question, selection.found, selection.weights, answering))
    if likely < REFUSE_BELOW or _misses_turn(selection):
        return refusal(draft, selection)
    sentences = selection.sentences
    if best_only:
        best = with_revocations(chosen[:1], selection.ranked)
        sentences = newest_first(best, selection.ranked, draft.as_of)
    elif topic := overview(question, selection.weights, without_superseded(selection.ranked)):
        sentences = [
            *(DatedSentence.of(scored.candidate, draft.as_of) for scored in topic),
            *(s for s in sentences if s.superseded),
        ]
    text, citations = cite(
        [
            (
                s.preface + (with_subject(s.candidate) if n == 0 or s.superseded else s.candidate.text),
                s.candidate,
            )
            for n, s in enumerate(sentences)
        ]
    )
    confidence: Confidence = "high" if likely >= LOW_BELOW else "low"
    return replace(draft, text=text, answered=True, confidence=confidence, citations=citations)


def _misses_turn(selection: Selection) -> bool:
    """Return whether the sentences have the words of the context and not those of the turn itself, or only the latter.

    What a turn such as "How many pages does it have?" asks about is named in its context alone, so something under the
    best sentence's heading has to be about that.
    """
    question, chosen = selection.question, [scored.candidate for scored in selection.chosen]
    own, coverage = question.own_terms, selection.weights.coverage
    if not own:
        return False
    held = {term for c in chosen for term in terms(f"{c.hit.section.heading} {c.text}")}
    if coverage(held, own) < _LEAST_OF_TURN:
        return True
    context = [term for term in question.terms if term not in own]
    if not context or question.names.intersection(own):
        return False
    return coverage(chapter(chosen[0].hit, selection.found.hits), context) < _LEAST_OF_TURN


def refusal(draft: Answer, selection: Selection) -> Answer:
    """Return the remark that the documents do not answer, with the best sentences of the nearest sections."""
    return replace(
        draft,
        text=remarks.no_answer(topic_words(selection.question.subject), draft.basis),
        reason="no evidence",
        nearest=nearest(selection.ranked),
    )
