"""Answers in the documents' own sentences, and the refusal if these do not answer the question.

The probability that they do is a logistic regression. `python -m tests.tools.quality.calibrate` fits it on marked
questions and prints its numbers; docs/evaluation.md says on which questions, and how it does on others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from bot.answers import remarks
from bot.answers.answer import Answer, Nearest
from bot.answers.choosing import choose, newest_first, overview, preface, versions, with_revocations
from bot.answers.citations import cite, with_subject
from bot.answers.ranking import RankedSentence, Weights, rank, weigh
from bot.question import Question, topic_words
from store.records import Hit
from store.search import SearchResult
from store.terms import stem, terms

# Below the first probability the question is refused; below the second the confidence is low.
REFUSE_BELOW = 0.52
LOW_BELOW = 0.68
# The least share of a follow-up question's own terms in its answer, and of those of its context around that.
_LEAST_OF_TURN = 0.5
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences found for a question.

    `ranked` are all of them, best first; `chosen` those that answer; `versions` those of each document on the point of
    the best one, newest document first. `sentences` are the chosen ones in the order of the answer, with what older
    documents say on the point.
    """

    question: Question
    found: SearchResult
    weights: Weights
    ranked: Sequence[RankedSentence]
    chosen: Sequence[RankedSentence]
    versions: Sequence[RankedSentence]
    sentences: Sequence[RankedSentence]


def select(question: Question, found: SearchResult) -> Selection:
    """Return the sentences of the found sections that answer the question."""
    weights = weigh(question, found)
    ranked = rank(question, found, weights)
    chosen, of_documents = choose(question, ranked), versions(ranked)
    return Selection(
        question,
        found,
        weights,
        ranked=ranked,
        chosen=chosen,
        versions=of_documents,
        sentences=newest_first(chosen, of_documents),
    )


def extractive_answer(draft: Answer, selection: Selection, *, best_only: bool = False) -> Answer:
    """Return the draft with the selected sentences and their citations, or a refusal.

    With `best_only` they are the best sentence, and what revokes it or what older documents say.
    """
    if not selection.chosen:
        return refusal(draft, selection)
    likely = probability(features(selection))
    if likely < REFUSE_BELOW or _misses_turn(selection):
        return refusal(draft, selection)
    ranked, sentences = selection.ranked, selection.sentences
    if best_only:
        sentences = newest_first(with_revocations(ranked[:1], ranked), selection.versions)
    else:
        superseded = {s.hit.document.id for s in selection.versions[1:]}
        current = [s for s in ranked if s.hit.document.id not in superseded]
        if topic := overview(selection.question, selection.weights, current):
            sentences = [*topic, *(s for s in sentences if s.superseded)]
    text, citations = cite(
        [
            (preface(s, draft.as_of) + (with_subject(s) if n == 0 or s.superseded else s.text), s)
            for n, s in enumerate(sentences)
        ]
    )
    return replace(
        draft,
        text=text,
        answered=True,
        confidence="high" if likely >= LOW_BELOW else "low",
        citations=citations,
    )


def _misses_turn(selection: Selection) -> bool:
    """Return whether the sentences have the words of the context and not those of the turn itself, or only the latter.

    What a turn such as "How many pages does it have?" asks about is named in its context alone, so something under the
    best sentence's heading has to be about that.
    """
    question, chosen, coverage = selection.question, selection.chosen, selection.weights.coverage
    own = question.own_terms
    if not own:
        return False
    held = {term for s in chosen for term in terms(f"{s.hit.section.heading} {s.text}")}
    if coverage(held, own) < _LEAST_OF_TURN:
        return True
    context = [term for term in question.terms if term not in own]
    if not context or question.names.intersection(own):
        return False
    return coverage(_chapter(chosen[0].hit, selection.found.hits), context) < _LEAST_OF_TURN


def refusal(draft: Answer, selection: Selection) -> Answer:
    """Return the remark that the documents do not answer, with the best sentences of the nearest sections."""
    return replace(
        draft,
        text=remarks.no_answer(topic_words(selection.question.subject), draft.basis),
        reason="no evidence",
        nearest=nearest(selection.ranked),
    )


def nearest(ranked: Sequence[RankedSentence]) -> tuple[Nearest, ...]:
    """Return the best sentence of each of the nearest sections, each section once; `ranked` is best first."""
    found: dict[tuple[str, str], Nearest] = {}
    for sentence in sorted(ranked, key=lambda s: s.place):
        document, section = sentence.hit.document, sentence.hit.section
        place = document.source, section.number
        if place not in found and len(found) < _NEAREST:
            found[place] = Nearest(*place, section.heading, section.quote(sentence.start, sentence.end))
    return tuple(found.values())


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


def features(selection: Selection) -> Features:
    """Return the features of an answer made of the chosen sentences."""
    question, found, weights, chosen = (
        selection.question,
        selection.found,
        selection.weights,
        selection.chosen,
    )
    best, idf = chosen[0], weights.idf
    total = sum(idf.values()) or 1.0
    heading = best.hit.section.heading
    section = frozenset(terms(f"{heading} {best.hit.section.text}"))
    sentences = frozenset(terms(f"{heading} {' '.join(s.text for s in chosen)}"))
    around = _chapter(best.hit, found.hits)
    relations = [t for t in question.terms if t not in question.names and t in weights.related]
    names_missing = [name for name in question.names if not weights.covered(name, around)]
    with_other_form = {stem(word) for name in found.names for word in name.split()} | set(weights.forms)
    unknown = {t for t in question.terms if not found.frequencies.get(t)} - with_other_form
    return Features(
        coverage=best.coverage,
        section_coverage=best.section_coverage,
        section_cosine=best.hit.cosine,
        sentence_cosine=best.cosine,
        section_lacks_relations=sum(idf[t] for t in relations if not weights.support(t, section)) / total,
        sentences_lack_relations=sum(idf[t] for t in relations if not weights.support(t, sentences)) / total,
        names_missing=len(names_missing) / len(question.names) if question.names else 0.0,
        names_unknown=float(not unknown.isdisjoint(question.names)),
        # A bare number elsewhere may mean anything; SIDS4 and "fourth" are names.
        figures_missing=float(
            any(not weights.covered(stem(f), section if f.isdigit() else around) for f in question.figures)
        ),
        kind_missing=float(not best.has_asked_kind),
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
