"""Answers in the documents' own sentences, and the refusal if these do not answer the question.

Of the ranked sentences, one or a few answer a question about a fact, several an open one. If documents differ on a
point, the newer one answers and the older one is named.

The probability that they answer is a logistic regression. `python -m tests.tools.quality.calibrate` fits it on marked
questions and prints its numbers; docs/evaluation.md says on which questions, and how it does on others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from bot.answers import remarks
from bot.answers.answer import Answer
from bot.answers.citations import adjoins, citation, cite, opens_with_pronoun, with_subject
from bot.answers.ranking import RankedSentence, Weights, rank, weigh
from bot.locales import _, joined
from bot.question import Question, topic_words
from bot.register.wording import day
from store.records import Citation, Document, Hit
from store.search import SearchResult
from store.terms import stem, terms

# The most sentences of an answer about a fact, and of an overview; those that revoke them are added.
_MOST_OF_FACT = 4
_MOST_OPEN = 5
# The least scores of further sentences, as shares of the best score: for a fact in the same section and in another
# one, and for an open question.
_LEAST_IN_SECTION = 0.92
_LEAST_ELSEWHERE = 0.95
_LEAST_OPEN = 0.85
_REVOKES = re.compile(
    r".{0,80}\b(?:postponed|cancelled|canceled|rescheduled|no longer|will not take place)\b", re.S
)
_ASKS_FACT = frozenset({"when", "where", "who", "how many", "how much", "how long"})
_ASKS_OVERVIEW = frozenset({"what", "how", "whether", "overview"})
# The share of the question's terms, by idf, of a sentence that has all that matter.
_FULL_COVERAGE = 0.95
# The least score of another document's sentence on the same point, as a share of the best score.
_AS_GOOD = 0.6
# The least overlap of paragraphs that correspond, under the same heading and under another one.
_SAME_HEADING = 0.2
_OTHER_HEADING = 0.5
# The least overlap of two sentences on the same point in other paragraphs.
_SAME_SENTENCE = 0.6
# The least share of common terms at which a different word is a change, and not another point.
_LEAST_IN_COMMON = 0.6
_MOST_OLDER = 2
_NUMBER_OR_NAME = re.compile(r"\d[\d.,]*|\b[A-Z][\w’'-]+")
# Below the first probability the question is refused; below the second the confidence is low.
_REFUSE_BELOW = 0.52
_LOW_BELOW = 0.68
# The least share of a follow-up question's own terms in its answer, and of those of its context around that.
_LEAST_OF_TURN = 0.5
_MOST_NEAREST = 3


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
    chosen, versions = choose(question, ranked), best_of_each_document(ranked)
    return Selection(
        question,
        found,
        weights,
        ranked=ranked,
        chosen=chosen,
        versions=versions,
        sentences=newest_first(chosen, versions),
    )


def extractive_answer(draft: Answer, selection: Selection, *, best_only: bool = False) -> Answer:
    """Return the draft with the selected sentences and their citations, or a refusal.

    With `best_only` they are the best sentence, and what revokes it or what older documents say.
    """
    if not selection.chosen:
        return refusal(draft, selection)
    likely = probability(features(selection))
    if likely < _REFUSE_BELOW or _misses_turn(selection):
        return refusal(draft, selection)
    ranked, sentences = selection.ranked, selection.sentences
    if best_only:
        sentences = newest_first(_with_revocations(ranked[:1], ranked), selection.versions)
    else:
        superseded = {s.hit.document.id for s in selection.versions[1:]}
        current = [s for s in ranked if s.hit.document.id not in superseded]
        if topic := overview(selection.question, current):
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
        confidence="high" if likely >= _LOW_BELOW else "low",
        citations=citations,
    )


def nearest_sentences(draft: Answer, selection: Selection) -> Answer:
    """Return the draft with the best sentences for a question in another language, each of another section.

    Whether they answer it is not known: it has few words in common with them. Of a section in several versions, the
    best one is taken. A refusal if there are none.
    """
    best: list[RankedSentence] = []
    for sentence in selection.ranked:
        if len(best) < _MOST_NEAREST and not any(_is_same_place(sentence, other) for other in best):
            best.append(sentence)
    if not best:
        return refusal(draft, selection)
    sentences = _with_revocations(best, selection.ranked)
    text, citations = cite(
        [(preface(s, draft.as_of) + with_subject(s), s) for s in sentences], separator="\n"
    )
    return replace(draft, text=text, answered=True, confidence="low", citations=citations)


def _is_same_place(sentence: RankedSentence, other: RankedSentence) -> bool:
    """Whether two sentences are of one section, or of sections of two documents that correspond."""
    if sentence.hit.document.id == other.hit.document.id:
        return sentence.place == other.place
    return sentence.hit.section.id in _corresponding(other.hit, [sentence]).values()


def _misses_turn(selection: Selection) -> bool:
    """Whether the sentences have the words of the context and not those of the turn itself, or only the latter.

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
    question = selection.question
    # Of a question in another language, the words that were looked for are another one's.
    sought = topic_words(question.subject) if question.language == "en" else ()
    return replace(
        draft,
        text=remarks.no_answer(draft.basis),
        note=joined(draft.note or "", remarks.sought(sought) if sought else "") or None,
        reason="no evidence",
        nearest=nearest(selection.ranked),
    )


def nearest(ranked: Sequence[RankedSentence]) -> tuple[Citation, ...]:
    """Return the best sentence of each of the nearest sections, each section once; `ranked` is best first."""
    found: dict[tuple[str, str], Citation] = {}
    for sentence in sorted(ranked, key=lambda s: s.place):
        document, section = sentence.hit.document, sentence.hit.section
        place = document.source, section.number
        if place not in found and len(found) < _MOST_NEAREST:
            found[place] = citation(len(found) + 1, document, section, sentence.start, sentence.end)
    return tuple(found.values())


def choose(question: Question, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return the sentences of the answer: the best first, the others in reading order.

    They are at most four, and those that revoke them: a sentence that the next one revokes ("However, this has now
    been postponed") is always followed by it.
    """
    if not ranked:
        return []
    best, asks_fact = ranked[0], not _ASKS_FACT.isdisjoint(question.asks)

    def needed(other: RankedSentence) -> float:
        if not asks_fact:
            return _LEAST_OPEN
        return _LEAST_IN_SECTION if other.place == best.place else _LEAST_ELSEWHERE

    others = [s for s in ranked[1:_MOST_OF_FACT] if s.score >= best.score * needed(s)]
    others.sort(key=lambda s: (s.place, s.start))
    return _with_revocations([best, *others], ranked)


def _with_revocations(
    sentences: Sequence[RankedSentence], ranked: Sequence[RankedSentence]
) -> list[RankedSentence]:
    """Return the sentences, each followed by the next one of its section if that revokes it."""
    chosen: list[RankedSentence] = []
    for sentence in sentences:
        behind = (s for s in ranked if s.place == sentence.place and s.start >= sentence.end)
        following = min(behind, key=lambda s: s.start, default=None)
        revoked = following is not None and _REVOKES.match(following.text)
        chosen += [s for s in (sentence, following if revoked else None) if s is not None and s not in chosen]
    return chosen


def best_of_each_document(ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return each document's sentence on the point of the best one, the newest document first."""
    if not ranked:
        return []
    best = ranked[0]
    found = {best.hit.document.id: best}
    others = [s for s in ranked if s.hit.document.id not in found]
    corresponding = _corresponding(best.hit, others)
    for other in others:
        document = other.hit.document.id
        same_point = (
            other.hit.section.id == corresponding.get(document)
            or _overlap(best.text, other.text) >= _SAME_SENTENCE
        )
        as_good = other.score >= _AS_GOOD * best.score and (other.has_asked_kind or not best.has_asked_kind)
        if document not in found and same_point and as_good:
            found[document] = other
    # An undated document counts as the oldest.
    return sorted(found.values(), key=lambda s: s.hit.document.date or date.min, reverse=True)


def _corresponding(best: Hit, others: Sequence[RankedSentence]) -> dict[str, str]:
    """Return document id -> id of its section that corresponds to the best hit's, if any."""
    nearest: dict[str, tuple[float, str]] = {}
    heading = set(terms(best.section.heading))
    for hit in {s.hit.section.id: s.hit for s in others}.values():
        same = set(terms(hit.section.heading)) == heading
        near = _overlap(best.section.text, hit.section.text)
        if near >= (_SAME_HEADING if same else _OTHER_HEADING):
            found = (near, hit.section.id)
            nearest[hit.document.id] = max(nearest.get(hit.document.id, found), found)
    return {document: section for document, (_, section) in nearest.items()}


def _overlap(text: str, other: str) -> float:
    """Return the share of the shorter text's terms that both have."""
    first, second = set(terms(text)), set(terms(other))
    return len(first & second) / max(1, min(len(first), len(second)))


def newest_first(
    chosen: Sequence[RankedSentence], by_document: Sequence[RankedSentence]
) -> list[RankedSentence]:
    """Return the chosen sentences of the newest document, and those of older ones that differ, as superseded.

    `by_document` are those on the point of the first one, the newest first. An older sentence that states the same is
    left out.
    """
    if len(by_document) < 2:
        return list(chosen)
    newest, *older = by_document
    own = [s for s in chosen[1:] if s.hit.document.id == newest.hit.document.id and s != newest]
    differing = [s for s in older if _differs(newest, s)]
    return [newest, *own, *(replace(s, superseded=True) for s in differing[:_MOST_OLDER])]


def _differs(newest: RankedSentence, older: RankedSentence) -> bool:
    """Whether one has a number or name that the other's section lacks, or similar sentences differ in words."""
    for stating, other in ((newest, older), (older, newest)):
        known = set(_NUMBER_OR_NAME.findall(other.hit.section.text))
        if any(fact not in known for fact in _NUMBER_OR_NAME.findall(stating.text)):
            return True
    new, old = set(terms(newest.text)), set(terms(older.text))
    return new != old and len(new & old) >= _LEAST_IN_COMMON * len(new | old)


def preface(sentence: RankedSentence, as_of: date) -> str:
    """Return the words in brackets before a sentence: of an older document, or of what is past on a day."""
    if sentence.superseded:
        return superseded_preface(sentence.hit.document)
    until = sentence.announced_until
    return "[" + _("Now past:") + "] " if until is not None and until < as_of else ""


def superseded_preface(document: Document) -> str:
    """Return the words in brackets before a sentence of an older document."""
    name = document.symbol or document.title
    if document.date is None:
        return "[" + _("Earlier, {document}:", document=name) + "] "
    return "[" + _("Earlier, {document} of {date}:", document=name, date=day(document.date)) + "] "


def overview(question: Question, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return the sentences that answer an open question; none for a single fact.

    A question is open if it asks for a summary, or if it asks for no fact and several sentences have all its terms.
    `ranked` is best first. The answer has at most five sentences, and those that revoke them: first those under the
    best one's heading, then the others, the older document first. A sentence that opens with a pronoun is taken only
    after the one that it refers to.
    """
    if not _is_open(question, ranked):
        return []
    best = ranked[0]
    chosen: list[RankedSentence] = []
    for sentence in ranked:
        if len(chosen) == _MOST_OPEN or sentence.score < _LEAST_OPEN * best.score:
            break
        if not opens_with_pronoun(sentence.text) or any(adjoins(before, sentence) for before in chosen):
            chosen.append(sentence)

    def place(sentence: RankedSentence) -> tuple[bool, str, str, int, int]:
        document, section = sentence.hit.document, sentence.hit.section
        elsewhere = (document.id, section.heading) != (best.hit.document.id, best.hit.section.heading)
        return elsewhere, str(document.date), document.id, section.position, sentence.start

    return _with_revocations(sorted(chosen, key=place), ranked)


def _is_open(question: Question, ranked: Sequence[RankedSentence]) -> bool:
    if not ranked or not _ASKS_OVERVIEW.issuperset(question.asks):
        return False
    if "overview" in question.asks:
        return True
    # A single sentence, or a yes or no, is a single fact.
    return "whether" not in question.asks and sum(s.coverage >= _FULL_COVERAGE for s in ranked) > 1


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
