"""Answers in the documents' own sentences, and the refusal if these do not answer the question.

Of the ranked sentences, one or a few answer a question about a fact, several give a summary. For any other question,
paragraphs are quoted: a reader sees which of their sentences answers. If documents differ on a point, the newer one
answers and the older one is named.

The probability that they answer is a logistic regression. `python -m tests.tools.quality.calibrate` fits it on marked
questions and prints its numbers; docs/explanation/evaluation.md says on which questions, and how it does on others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from bot.answers import remarks
from bot.answers.answer import Answer, Confidence
from bot.answers.citations import adjoins, citation, cite, in_context, stands_alone
from bot.answers.ranking import RankedSentence, Weights, rank, weigh
from bot.locales import _, joined
from bot.question import Question, topic_words
from bot.question.lexicon import word_list
from bot.register.wording import day
from ingest.document.sentences import split
from store.records import Citation, Document, Hit
from store.search import SearchResult
from store.terms import stem, terms, words

# The most sentences of an answer about a fact, and of an overview; those that revoke them are added.
_MOST_OF_FACT = 4
_MOST_OPEN = 5
# The least scores of further sentences, as shares of the best score: for a fact in the same section and in another
# one, and for an open question.
_LEAST_IN_SECTION = 0.92
_LEAST_ELSEWHERE = 0.95
_LEAST_OPEN = 0.85
# Two paragraphs of so many words have more of the marked facts than three of half as many.
_MOST_PASSAGES = 2
_MOST_WORDS = 150
# The least score of a further paragraph's best sentence, as a share of the best score.
_LEAST_PASSAGE = 0.9
_REVOKES = re.compile(
    r".{0,80}\b(?:postponed|cancelled|canceled|rescheduled|no longer|will not take place)\b", re.S
)
_ASKS_FACT = frozenset({"when", "where", "who", "how many", "how much", "how long"})
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
# The least sum of the coverage and the cosine of a sentence that has to do with a question.
_LEAST_RELATED = 0.25
_VAGUE = word_list("vague")
# A question with so few topic words, or fewer, is about each of them.
_FEW_WORDS = 2


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
    ranked, sentences, asks = selection.ranked, selection.sentences, selection.question.asks
    if best_only:
        sentences = newest_first(_with_revocations(ranked[:1], ranked), selection.versions)
    elif _ASKS_FACT.isdisjoint(asks):
        newest, *others = selection.versions
        older = {s.hit.document.id for s in others}
        current = [s for s in ranked if s.hit.document.id not in older]
        if "overview" in asks:
            quoted = _with_revocations(_on_topic(current, _MOST_OPEN), current)
        else:
            quoted = passages([newest, *(s for s in current if s is not newest)])
        sentences = [*quoted, *(s for s in sentences if s.superseded)]
    return _quoting(draft, sentences, confidence="high" if likely >= _LOW_BELOW else "low")


def topic_answer(draft: Answer, selection: Selection, most: int, title: str) -> Answer:
    """Return the draft with so many of the best sentences on a topic, below a title, if it has one."""
    standing = [s for s in selection.ranked if stands_alone(s)]
    chosen = _on_topic(standing, most) if standing else selection.ranked[:1]
    reply = _quoting(draft, _with_revocations(chosen, selection.ranked))
    return replace(reply, text=f"{title}\n{reply.text}" if title else reply.text)


def _quoting(draft: Answer, sentences: Sequence[RankedSentence], confidence: Confidence = "high") -> Answer:
    """Return the draft with sentences, each with its context and its citation."""
    text, citations = cite(
        [
            ((superseded_preface(s.hit.document) if s.superseded else "") + text, s)
            for text, s in in_context(sentences)
        ]
    )
    reply = replace(draft, text=text, answered=True, confidence=confidence, citations=citations)
    past = past_note(sentences, draft.as_of)
    return reply.noted(past) if past else reply


def past_note(sentences: Sequence[RankedSentence], as_of: date) -> str:
    """Return the note that days which some of the sentences announce are past, "" if none is."""
    is_past = any(s.announced_until and s.announced_until < as_of for s in sentences)
    said = _("Some of these dates were ahead when this was written, and are past on {day}.", day=day(as_of))
    return said if is_past else ""


def nearest_passages(draft: Answer, selection: Selection) -> Answer:
    """Return the draft with the passages nearest to a question in another language, or a refusal if there are none.

    Whether they answer it is not known: it has few words in common with them.
    """
    if not selection.ranked:
        return refusal(draft, selection)
    return _quoting(draft, passages(selection.ranked, least=0.0), confidence="low")


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
    """Return the remarks that the documents do not answer and which words they lack, with the nearest sections."""
    question, found = selection.question, selection.found
    typed = [word for word in topic_words(question.subject) if word.casefold() not in _VAGUE]
    if question.language != "en" or len(typed) > _FEW_WORDS:
        # The words that were looked for are another language's, or some are only words of asking.
        typed = [word for word in typed if word[0].isalpha() and not question.names.isdisjoint(terms(word))]
    missing = [word for word in typed if not any(found.frequencies.get(term) for term in terms(word))]
    said = [remarks.no_answer(draft.basis)]
    if missing and draft.basis.documents:
        said.append(remarks.missing(missing))
    near = nearest(selection.ranked)
    lines = [joined(*said), *([] if near or not draft.basis.documents else [remarks.how_to_ask()])]
    return replace(draft, text="\n".join(lines), reason="no evidence", nearest=near)


def nearest(ranked: Sequence[RankedSentence]) -> tuple[Citation, ...]:
    """Return the best sentence of each of the nearest sections, each section once; `ranked` is best first."""
    best: dict[tuple[str, str], RankedSentence] = {}

    def order(sentence: RankedSentence) -> tuple[bool, float]:
        return not stands_alone(sentence), -sentence.nearness

    related = [s for s in ranked if s.coverage + s.cosine >= _LEAST_RELATED]
    for sentence in sorted(related, key=order):
        best.setdefault((sentence.hit.document.source, sentence.hit.section.number), sentence)
    # Those that the search found first, in the order of their sentences.
    kept = sorted(best, key=lambda section: best[section].place)[:_MOST_NEAREST]
    chosen = [sentence for section, sentence in best.items() if section in kept]
    return tuple(
        citation(marker, s.hit.document, s.hit.section, s.start, s.end) for marker, s in enumerate(chosen, 1)
    )


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
        as_good = other.score >= _AS_GOOD * best.score and (other.has_asked_kind or not best.has_asked_kind)
        if document in found or not as_good:
            continue
        is_same_section = other.hit.section.id == corresponding.get(document)
        if is_same_section or _overlap(best.text, other.text) >= _SAME_SENTENCE:
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


def superseded_preface(document: Document) -> str:
    """Return the words in brackets before a sentence of an older document."""
    name = document.symbol or document.title
    if document.date is None:
        return "[" + _("Earlier, {document}:", document=name) + "] "
    return "[" + _("Earlier, {document} of {date}:", document=name, date=day(document.date)) + "] "


def passages(ranked: Sequence[RankedSentence], least: float = _LEAST_PASSAGE) -> list[RankedSentence]:
    """Return the best paragraphs, of a long one the sentences around its best one.

    `ranked` is best first, but for the first sentence, whose paragraph comes first. Each of the others has a sentence
    with at least the share `least` of its score. Of a paragraph in several documents, the newest is taken.
    """
    heads: list[RankedSentence] = []
    for sentence in ranked:
        if len(heads) == _MOST_PASSAGES or (heads and sentence.score < least * ranked[0].score):
            break
        if not any(_is_same_place(sentence, other) for other in heads):
            heads.append(_newest(sentence, ranked))
    parts = [_around(head, ranked) for head in heads]
    return [s for part in parts for s in (*part[:-1], *_with_revocations(part[-1:], ranked))]


def _newest(sentence: RankedSentence, ranked: Sequence[RankedSentence]) -> RankedSentence:
    """Return the sentence, or the best one of the paragraph that corresponds to its own in a newer document.

    Unlike in `best_of_each_document`, it need not have what is asked for: the whole paragraph is quoted.
    """
    others = [
        s
        for s in ranked
        if s.hit.document.id != sentence.hit.document.id and s.score >= _AS_GOOD * sentence.score
    ]
    same = _corresponding(sentence.hit, others).values()
    versions = [sentence, *(s for s in others if s.hit.section.id in same)]
    return max(versions, key=lambda s: s.hit.document.date or date.min)


def _around(head: RankedSentence, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return a sentence with the other lines of its paragraph, of a long one those nearest to the question.

    Headings and other lines that are no sentences are the first to be left out at the ends.
    """
    known = {s.start: s for s in ranked if s.place == head.place}
    part = [
        known.get(start)
        or replace(head, start=start, end=end, cosine=-1.0, coverage=0.0, announced_until=None)
        for start, end in split(head.hit.section.text)
    ]
    count = sum(len(words(s.text)) for s in part)
    while len(part) > 1 and count > _MOST_WORDS:
        far = min((s for s in (part[0], part[-1]) if s is not head), key=lambda s: s.nearness)
        part.remove(far)
        count -= len(words(far.text))
    return part


def _on_topic(ranked: Sequence[RankedSentence], most: int) -> list[RankedSentence]:
    """Return so many of the best sentences, in the order of an overview."""
    best = ranked[0]
    chosen: list[RankedSentence] = []
    for sentence in ranked:
        if len(chosen) == most or sentence.score < _LEAST_OPEN * best.score:
            break
        if stands_alone(sentence) or any(adjoins(before, sentence) for before in chosen):
            chosen.append(sentence)

    def place(sentence: RankedSentence) -> tuple[bool, str, str, int, int]:
        document, section = sentence.hit.document, sentence.hit.section
        elsewhere = (document.id, section.heading) != (best.hit.document.id, best.hit.section.heading)
        return elsewhere, str(document.date), document.id, section.position, sentence.start

    return sorted(chosen, key=place)


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
