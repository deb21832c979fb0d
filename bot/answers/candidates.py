"""The sentences that may answer a question, with their features."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from bot.answers.asked_kinds import fit, matches, other_edition
from bot.question import Question
from bot.question.lexicon import relations
from store.records import Event, Hit, Section
from store.search import SearchResult
from store.terms import stem, terms, words
from store.vectors import Vector

# Shorter ones are headings or labels of forms.
_LEAST_WORDS = 4
# A title in the same line as its paragraph: "Summit of the Future: Preparations are …".
RUN_IN = re.compile(r"^(?P<label>[A-Z][^.:;]{2,70}):\s")
_POINTS_BACK = re.compile(
    r"^(?:However, )?(?:It|Its|They|Their|He|She|This|That|These|Those)\b"
    r"|\b[Tt]h(?:is|ese) [A-Za-z]|\b[Tt]he (?:latter|former)\b|^(?:An?|The) (?:\w+ )?ones?\b"
)
# Weights in `fit`: of the kind of answer, and of an event that the question names and the sentence dates.
_KIND_WEIGHT = 0.4
_EVENT_WEIGHT = 0.3
_EVENT_ASKS = frozenset({"when", "where"})
# The weight of a related word; the word itself has 1.
_RELATED = 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """The sentence `hit.section.text[start:end]`. Shares and scores are in 0..1."""

    hit: Hit
    hit_index: int
    """Index of the hit in the search result."""
    start: int
    end: int
    cosine: float
    """Cosine of the vectors of the sentence and of the question."""
    coverage: float
    """Share of the question's terms, weighted by idf, that the sentence has."""
    section_coverage: float
    """The same of the section with its heading."""
    has_asked_kind: bool
    """Whether it has what is asked for: a date, a place, a number, a name."""
    fit: float = 0.0
    """How well it has that, and whether the question names the event that it dates."""
    announced_until: date | None = None
    """The last day of what it announces."""
    vector: Vector = field(kw_only=True, compare=False, repr=False)
    """Its unit vector."""

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.section.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the question's terms, and their equivalents.

    `idf` is over the live sections; `forms` are other forms of the name that a term belongs to, and count as the term;
    `related` are terms for the same relation, and count a little less.
    """

    idf: Mapping[str, float]
    forms: Mapping[str, Collection[frozenset[str]]]
    related: Mapping[str, Collection[frozenset[str]]]

    def coverage(self, present: AbstractSet[str], wanted: Sequence[str]) -> float:
        """Return the share of `wanted` terms, weighted by idf, that `present` terms cover."""
        total = sum(self.idf[term] for term in wanted)
        if total == 0:
            return 0.0
        return sum(self.idf[term] * self.support(term, present) for term in wanted) / total

    def support(self, term: str, present: AbstractSet[str]) -> float:
        """Return 1 if the term or another form is in `present`, less if only a related one is, or 0."""
        if self.covered(term, present):
            return 1.0
        return _RELATED if any(form <= present for form in self.related.get(term, ())) else 0.0

    def covered(self, term: str, present: AbstractSet[str]) -> bool:
        """Return whether `present` has the term, or another form of the name that it belongs to."""
        return term in present or any(form <= present for form in self.forms.get(term, ()))


def weigh(question: Question, found: SearchResult) -> Weights:
    """Return the weights of the question's terms (BM25's idf, never below a tenth)."""
    n = max(found.section_count, 1)
    idf = {
        term: max(0.1, math.log(1 + (n - df + 0.5) / (df + 0.5)))
        for term in question.terms
        for df in (found.frequencies.get(term, 0),)
    }
    forms: dict[str, list[frozenset[str]]] = {}
    for name, others in (*found.names.items(), *question.others.items()):
        for word in words(name):
            forms.setdefault(stem(word), []).extend(frozenset(terms(other)) for other in others)
    known = relations()
    return Weights(idf, forms, {term: known[term] for term in question.terms if term in known})


def candidates(question: Question, found: SearchResult, weights: Weights) -> list[Candidate]:
    """Return the complete sentences of the found sections, in reading order within each section."""
    titles, ahead, dating = _titles(found.events), _ahead(found), dating_events(found.events)
    ids = [hit.section.id for hit in found.hits]
    named, others = _named_events(question, weights, found.events)
    made: list[Candidate] = []
    section_coverages: dict[int, float] = {}
    before = ""
    for sentence in found.sentences:
        section = found.hits[sentence.hit].section
        text = section.text[sentence.start : sentence.end]
        context, before = before if sentence.start else "", text
        if len(text.split()) < _LEAST_WORDS or not _is_sentence(text) or other_edition(question.text, text):
            continue
        if sentence.hit not in section_coverages:
            present = set(terms(f"{section.heading} {section.text}"))
            section_coverages[sentence.hit] = weights.coverage(present, question.terms)
        if not (context and _POINTS_BACK.search(text)):
            context = ""
        place = ids[sentence.hit], sentence.start
        dated = titles.get(place, "")
        around = f"{section.heading} {context} {text}"
        made.append(
            Candidate(
                hit=found.hits[sentence.hit],
                hit_index=sentence.hit,
                start=sentence.start,
                end=sentence.end,
                cosine=sentence.cosine,
                coverage=_coverage(weights, question, section, f"{text} {dated}", context),
                section_coverage=section_coverages[sentence.hit],
                has_asked_kind=not any(title in text.casefold() for title in others)
                and ("where" not in question.asks or may_be_at(around, named, dating.get(place, frozenset())))
                and all(matches(ask, text, question) for ask in question.asks),
                fit=_fit(weights, question, text, dated),
                announced_until=ahead.get(place),
                vector=sentence.vector,
            )
        )
    return made


def _titles(events: Sequence[Event]) -> dict[tuple[str, int], str]:
    """Return (section id, start of a sentence) -> titles of the events that the sentence dates."""
    titles: dict[tuple[str, int], str] = {}
    for event in events:
        for mention in event.mentions:
            place = (mention.section_id, mention.sentence_start)
            titles[place] = f"{titles.get(place, '')} {event.title}"
    return titles


def _named_events(
    question: Question, weights: Weights, events: Sequence[Event]
) -> tuple[Mapping[str, str], frozenset[str]]:
    """Return id -> title of the events that the question names in full, and the titles, casefolded, of longer names.

    "The Ministerial for the Summit of the Future" has another day than the Summit of the Future.
    """
    wanted, topic = set(question.terms), {term for term in question.terms if term not in weights.related}
    if not topic or not _EVENT_ASKS & set(question.asks):
        return {}, frozenset()
    alike = [(event, held) for event in events if topic <= (held := set(terms(event.title)))]
    named = {event.id: event.title for event, held in alike if held <= wanted}
    return named, frozenset(e.title.casefold() for e, held in alike if named and not held <= wanted)


def dating_events(events: Sequence[Event]) -> Mapping[tuple[str, int], AbstractSet[str]]:
    """Return (section id, start of a sentence) -> ids of the events that the sentence dates."""
    found: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for event in events:
        for mention in event.mentions:
            found[mention.section_id, mention.sentence_start].add(event.id)
    return found


def may_be_at(text: str, named: Mapping[str, str], dated: AbstractSet[str]) -> bool:
    """Return whether a sentence may state where events are: it dates one of them, or names one and dates no other.

    `named` are the events, id -> title, and `dated` the ids of those that the sentence dates; True if none is named.
    """
    if not named:
        return True
    if dated:
        return not dated.isdisjoint(named)
    present = set(terms(text))
    return any(set(terms(title)) <= present for title in named.values())


def _ahead(found: SearchResult) -> dict[tuple[str, int], date]:
    """Return (section id, start of a sentence) -> last day of what it announces; past as of its document: none."""
    written = {hit.section.id: hit.document.date for hit in found.hits}
    last: dict[tuple[str, int], date] = {}
    for mention in (m for event in found.events for m in event.mentions if m.cue in (None, "planned")):
        known, until = written.get(mention.section_id), mention.end or mention.start
        if known and until and until > known:
            place = (mention.section_id, mention.sentence_start)
            last[place] = max(until, last.get(place, until))
    return last


def _fit(weights: Weights, question: Question, text: str, dated: str) -> float:
    """Return how well a sentence fits: the kind of answer, and the event that it dates."""
    kind_fit = max((fit(ask, text, question) for ask in question.asks), default=0.0)
    if not dated or not _EVENT_ASKS & set(question.asks):
        return _KIND_WEIGHT * kind_fit
    return _KIND_WEIGHT * kind_fit + _EVENT_WEIGHT * weights.coverage(set(terms(dated)), question.terms)


def _coverage(weights: Weights, question: Question, section: Section, text: str, context: str) -> float:
    """Return the coverage of a sentence with its titles, and half of what the sentence that it points back to adds."""
    label = RUN_IN.match(section.text)
    present = set(terms(f"{section.heading} {label['label'] if label else ''} {text}"))
    covered = weights.coverage(present, question.terms)
    if not context:
        return covered
    return (covered + weights.coverage(present | set(terms(context)), question.terms)) / 2


def _is_sentence(text: str) -> bool:
    return text.rstrip("'\"’”)]")[-1:] in ".!?:;" or len(text.split()) > 8
