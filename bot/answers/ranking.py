"""The sentences that may answer a question, with what is found about each, best first."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from bot.answers.asked_kinds import AskedKinds
from bot.question import Question
from bot.question.lexicon import relations
from store.records import Event
from store.search import SearchResult, Sentence
from store.terms import stem, terms, words

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

# (section id, start of a sentence in the section's text)
_Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class RankedSentence(Sentence):
    """A sentence with what is found about it for a question. Shares are in 0..1."""

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
    superseded: bool = False
    """Whether a newer document differs."""

    @property
    def score(self) -> float:
        """How well it answers, by its vector, its words, its section and the kind of answer.

        The weights are those of a pairwise logistic regression, rounded.
        """
        return self.nearness + (1.0 if self.has_asked_kind else 0.0) + self.fit

    @property
    def nearness(self) -> float:
        """How near it is to the question, whatever kind of answer is asked for."""
        return self.cosine + 1.25 * self.coverage + 1.25 * self.hit.score + 0.7 * self.section_coverage


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
        """Whether `present` has the term, or another form of the name that it belongs to."""
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


def rank(question: Question, found: SearchResult, weights: Weights) -> list[RankedSentence]:
    """Return the complete sentences of the found sections, best first."""
    asked = AskedKinds.of(question)
    dated, ahead = dated_events(found.events), _announced(found)
    named, longer = _named_events(question, weights, found.events)
    by_event = not _EVENT_ASKS.isdisjoint(question.asks)
    section_coverages: dict[int, float] = {}
    ranked: list[RankedSentence] = []
    before = ""
    for sentence in found.sentences:
        text, section = sentence.text, sentence.hit.section
        context, before = before if sentence.start else "", text
        if not is_sentence(text) or asked.other_edition(text):
            continue
        if sentence.place not in section_coverages:
            present = set(terms(f"{section.heading} {section.text}"))
            section_coverages[sentence.place] = weights.coverage(present, question.terms)
        if not (context and _POINTS_BACK.search(text)):
            context = ""
        place = section.id, sentence.start
        events = dated.get(place, {})
        label = RUN_IN.match(section.text)
        held = set(terms(f"{section.heading} {label['label'] if label else ''} {text}"))
        coverage = weights.coverage(held, question.terms)
        if context:
            # Half of what the sentence adds that it points back to.
            coverage = (coverage + weights.coverage(held | set(terms(context)), question.terms)) / 2
        fit = _KIND_WEIGHT * asked.fit(text)
        if events and by_event:
            titles = set(terms(" ".join(events.values())))
            fit += _EVENT_WEIGHT * weights.coverage(titles, question.terms)
        ranked.append(
            RankedSentence(
                hit=sentence.hit,
                place=sentence.place,
                start=sentence.start,
                end=sentence.end,
                cosine=sentence.cosine,
                coverage=coverage,
                section_coverage=section_coverages[sentence.place],
                has_asked_kind=not any(title in text.casefold() for title in longer)
                and (
                    "where" not in question.asks
                    or may_be_at(f"{section.heading} {context} {text}", named, events)
                )
                and asked.are_in(text),
                fit=fit,
                announced_until=ahead.get(place),
            )
        )
    return best_first(ranked)


def best_first(sentences: Iterable[RankedSentence]) -> list[RankedSentence]:
    """Return sentences by their scores; of equals, in the given order."""
    return sorted(sentences, key=lambda sentence: -sentence.score)


def dated_events(events: Sequence[Event]) -> Mapping[_Place, Mapping[str, str]]:
    """Return place of a sentence -> the events that it dates, id -> title."""
    found: defaultdict[_Place, dict[str, str]] = defaultdict(dict)
    for event in events:
        for mention in event.mentions:
            found[mention.section_id, mention.sentence_start][event.id] = event.title
    return found


def may_be_at(text: str, named: Mapping[str, str], dated: Mapping[str, str]) -> bool:
    """Whether a sentence may state where events are: it dates one of them, or names one and dates no other.

    `named` are these events, and `dated` those that the sentence dates, id -> title each; True if none is named.
    """
    if not named or dated:
        return not named or not named.keys().isdisjoint(dated)
    present = set(terms(text))
    return any(set(terms(title)) <= present for title in named.values())


def _named_events(
    question: Question, weights: Weights, events: Sequence[Event]
) -> tuple[Mapping[str, str], frozenset[str]]:
    """Return id -> title of the events that the question names in full, and the titles, casefolded, of longer names.

    "The Ministerial for the Summit of the Future" has another day than the Summit of the Future.
    """
    wanted, topic = set(question.terms), {term for term in question.terms if term not in weights.related}
    if not topic or _EVENT_ASKS.isdisjoint(question.asks):
        return {}, frozenset()
    alike = [(event, held) for event in events if topic <= (held := set(terms(event.title)))]
    named = {event.id: event.title for event, held in alike if held <= wanted}
    return named, frozenset(e.title.casefold() for e, held in alike if named and not held <= wanted)


def _announced(found: SearchResult) -> Mapping[_Place, date]:
    """Return place of a sentence -> last day of what it announces; what was past for its document: none."""
    written = {hit.section.id: hit.document.date for hit in found.hits}
    last: dict[_Place, date] = {}
    for mention in (m for event in found.events for m in event.mentions if m.cue in (None, "planned")):
        known, until = written.get(mention.section_id), mention.end or mention.start
        if known and until and until > known:
            place = (mention.section_id, mention.sentence_start)
            last[place] = max(until, last.get(place, until))
    return last


def is_sentence(text: str) -> bool:
    """Whether a text is no heading and no label of a form."""
    return text.rstrip("'\"’”)]»）》」』")[-1:] in ".!?:;…。！？：；؟؛" or len(text.split()) > 8
