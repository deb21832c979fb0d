"""What the documents have on a topic: the sentences about it, of the newest document first, and its dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from bot.answers.ranking import weigh
from bot.grounding.grounder import overlap, sentences
from bot.question import Question, understand
from bot.register import RegisterEntry
from bot.register.following import on_topic
from store.records import Document, Hit, Section
from store.search import SearchView, Sentence
from store.terms import terms

if TYPE_CHECKING:
    from bot.wiring import Services

# Documents that are read for one topic.
_DOCUMENTS = 6
_HITS = 20
# Of the hits on a paragraph so many, with this share of their terms in it, may say what holds now.
_NEAR = 4
_LEAST_SHARED = 0.2
# A text is about a topic if it has this share of the topic's terms, weighted by idf; of a heading less is enough.
_LEAST_COVERAGE = 0.4
_LEAST_COVERAGE_OF_HEADING = 0.2
# A sentence with this share has the topic's whole name.
_COVERAGE_OF_NAME = 0.6
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*\b")


@dataclass(frozen=True, slots=True)
class Material:
    """The sentences about a topic, and the entries of the register on it, also former ones, as of a day.

    `found` are the paragraphs that the search finds, best first.
    """

    topic: Question
    as_of: date
    sentences: Sequence[Sentence]
    entries: Sequence[RegisterEntry]
    documents: Sequence[Document]
    found: Sequence[Hit]

    @property
    def hits(self) -> Sequence[Hit]:
        """The paragraphs of the sentences."""
        return list({sentence.hit.section.id: sentence.hit for sentence in self.sentences}.values())


def gather(services: Services, topic: str, as_of: date) -> Material:
    """Return what the documents have on a topic. Raises QuestionError, StoreError."""
    question = understand(topic)
    with services.search.view() as view:
        found = view.search(topic, count=_HITS)
        weights = weigh(question, found)
        acronyms = _acronyms(topic, found.names)

        def coverage(text: str) -> float:
            own = 1.0 if not acronyms.isdisjoint(_ACRONYM.findall(text)) else 0.0
            return max(own, weights.coverage(set(terms(text)), question.terms))

        documents = list({hit.document.id: hit.document for hit in found.hits}.values())[:_DOCUMENTS]
        documents.sort(key=lambda document: document.date or date.min, reverse=True)
        about = [
            sentence
            for document in documents
            for sentence in _sentences(topic, document, view.snapshot.sections_of(document.id), coverage)
        ]
        register = services.register(as_of, view.snapshot)
        quotes = {(s.hit.section.id, " ".join(s.text.split())) for s in about}
        named = {entry.id for entry in on_topic(register, view.documents, topic)}
        entries = [
            entry
            for entry in register
            if entry.id in named
            or any((m.section_id, " ".join(m.quote.split())) in quotes for m in entry.mentions)
        ]
        return Material(question, as_of, about, entries, view.documents, found.hits)


def with_newer(services: Services, material: Material) -> Material:
    """Return the material, in `found` first the paragraphs of newer documents on the same matter as one of its own.

    Their words may not name the topic. Each paragraph takes a search. Raises StoreError.
    """
    with services.search.view() as view:
        return replace(material, found=[*_newer(view, material), *material.found])


def _newer(view: SearchView, material: Material) -> Iterator[Hit]:
    for hit in {hit.section.id: hit for hit in (*material.hits, *material.found)}.values():
        for other in view.search(hit.section.text, count=_NEAR).hits:
            is_newer = (other.document.date or date.min) > (hit.document.date or date.min)
            if is_newer and overlap(other.section.text, hit.section.text) >= _LEAST_SHARED:
                yield other


def _sentences(
    topic: str, document: Document, sections: Sequence[Section], coverage: Callable[[str], float]
) -> Iterator[Sentence]:
    """Yield the sentences about a topic; of a heading whose first paragraph is about it, all of them.

    That paragraph names what the others call "the Group" and "its session". Elsewhere "the Summit" is enough, if the
    document speaks of no other one.
    """
    texts = [section.text[slice(*span)] for section in sections for span in sentences(section.text)]
    is_named = any(coverage(text) >= _COVERAGE_OF_NAME for text in texts)
    short = short_forms(topic, texts) if is_named else frozenset()
    for heading, group in groupby(sections, lambda section: section.heading):
        under = list(group)
        first = f"{heading} {under[0].text}"
        whole = coverage(heading) >= _LEAST_COVERAGE_OF_HEADING and coverage(first) >= _LEAST_COVERAGE
        for section in under:
            hit = Hit(section, document, score=0.0, cosine=0.0)
            about, last = False, 0
            for start, end in sentences(section.text):
                # What follows in the same line goes on about it; the next row of a table does not.
                goes_on = about and "\n" not in section.text[last:start]
                text = section.text[start:end]
                named = coverage(text) >= _LEAST_COVERAGE or any(
                    name[0] in short for name in _names(text, short) if len(name) == 1
                )
                about = whole or goes_on or named
                last = end
                if about:
                    yield Sentence(hit, 0, start, end, 0.0)


def short_forms(topic: str, texts: Iterable[str]) -> frozenset[str]:
    """Return the words of a topic's name by which sentences mean it: "Summit", unless they name another one."""
    own = {word for name in _names(topic, set()) for word in name}
    alone: set[str] = set()
    others: set[str] = set()
    for text in texts:
        for name in _names(text, own):
            if len(name) == 1:
                alone.update(name)
            elif 2 * len(own.intersection(name)) < len(own):
                others.update(name)
    return frozenset(word for word in alone & own - others if not word.isupper())


def _names(sentence: str, known: Collection[str]) -> Iterator[list[str]]:
    """Yield the words of each name: capitalised ones, joined by short ones; an opening word only if it is `known`."""
    for match in _NAME.finditer(sentence):
        name = _CAPITALISED.findall(match.group())
        if known and not sentence[: match.start()].strip() and name[0] not in known:
            name = name[1:]
        if name:
            yield name


_CAPITALISED = re.compile(r"[^\W\d_a-z]\w*")
_NAME = re.compile(rf"\b{_CAPITALISED.pattern}(?:[ -](?:[a-z]{{1,3}} ){{0,2}}{_CAPITALISED.pattern})*")


def _acronyms(topic: str, names: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the acronyms of a topic: those that it has, and those of names in it."""
    forms = [form.upper() for others in names.values() for form in others if " " not in form]
    return frozenset([*_ACRONYM.findall(topic), *forms])
