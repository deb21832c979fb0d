"""What the documents have on a topic: the sentences about it, of the newest document first, and its dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from bot.answers.ranking import weigh
from bot.grounding.grounder import sentences
from bot.question import Question, understand
from bot.register import RegisterEntry
from bot.register.following import on_topic
from store.records import Document, Hit, Section
from store.search import Sentence
from store.terms import terms

if TYPE_CHECKING:
    from bot.wiring import Services

# Documents that are read for one topic.
_DOCUMENTS = 6
_HITS = 20
# A text is about a topic if it has this share of the topic's terms, weighted by idf; of a heading less is enough.
_LEAST_COVERAGE = 0.6
_LEAST_COVERAGE_OF_HEADING = 0.2
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*\b")


@dataclass(frozen=True, slots=True)
class Material:
    """The sentences about a topic, and the entries of the register on it, also former ones, as of a day.

    `nearest` are the paragraphs that the search finds, for a refusal.
    """

    topic: Question
    as_of: date
    sentences: Sequence[Sentence]
    entries: Sequence[RegisterEntry]
    documents: Sequence[Document]
    nearest: Sequence[Hit]

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
            for sentence in _sentences(document, view.snapshot.sections_of(document.id), coverage)
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
        return Material(question, as_of, about, entries, view.documents, found.hits[:3])


def _sentences(
    document: Document, sections: Sequence[Section], coverage: Callable[[str], float]
) -> Iterator[Sentence]:
    """Yield the sentences about a topic; of a heading whose first paragraph is about it, all of them.

    That paragraph names what the others call "the Group" and "its session".
    """
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
                about = whole or goes_on or coverage(section.text[start:end]) >= _LEAST_COVERAGE
                last = end
                if about:
                    yield Sentence(hit, 0, start, end, 0.0)


def _acronyms(topic: str, names: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the acronyms of a topic: those that it has, and those of names in it."""
    forms = [form.upper() for others in names.values() for form in others if " " not in form]
    return frozenset([*_ACRONYM.findall(topic), *forms])
