"""Finds the passages that have the facts of a statement, or rejects it; finds the sentence that replaces it then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.grounding.checks import Violation, violations
from bot.grounding.facts import CitedPassage, PassageFacts, days_and_numbers, read_facts
from bot.grounding.names import other_forms
from ingest.document.sentences import split
from store.terms import terms

# A statement is attributed to an uncited passage if one of its sentences has this share of the statement's terms.
_ATTRIBUTED = 0.6
# The least cosine of a statement and the sentence that replaces it.
_LEAST_SIMILARITY = 0.55
_NOTHING_CITED = Violation("citation", "it cites no passage that was found")

# Cosine of two texts' vectors, -1..1.
Similarity = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as a model wrote it, without markers; `cites` are indexes of passages, which may not exist."""

    text: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounded:
    """A sentence with the indexes of the passages that support it, and the quoted span of each one's text.

    `by_model`: the model wrote it; else it is the passage's own. `preface` precedes it in an answer, in brackets.
    """

    text: str
    cites: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    by_model: bool = True
    preface: str = ""


class Grounder:
    """Grounds the statements of one answer, in a language. `request_days` are days that any statement may name."""

    def __init__(
        self,
        passages: Sequence[CitedPassage],
        similarity: Similarity,
        request_days: Collection[date] = (),
        language: str = "en",
    ) -> None:
        self._passages = passages
        self._similarity = similarity
        self._request_days = tuple(request_days)
        self._language = language
        self._forms = other_forms(p.section.text for p in passages)
        # Parsing takes some milliseconds, and the statements of an answer cite the same passages.
        self._facts: dict[tuple[int, ...], PassageFacts] = {}

    def ground(self, statement: Statement) -> Grounded | Violation:
        """Return the statement with the passages that have its facts, or the first violation, which rejects it.

        If the cited passages lack a fact, or none is cited, the statement is attributed to a passage that has all its
        facts and a similar sentence.
        """
        cited = self.cited(statement)
        first: Violation | None = None
        for cites in self._possible(statement.text, cited):
            found = violations(statement.text, self._facts_of(cites))
            if not found:
                spans = tuple(self._nearest(statement.text, self._passages[n]) for n in cites)
                return Grounded(statement.text, cites, spans)
            first = first or found[0]
        return first if cited and first else _NOTHING_CITED

    def cited(self, statement: Statement) -> tuple[int, ...]:
        """Return the indexes of the cited passages that exist, each once."""
        return tuple(n for n in dict.fromkeys(statement.cites) if 0 <= n < len(self._passages))

    def replacement(self, statement: Statement, used: Collection[str]) -> Grounded | None:
        """Return the nearest sentence of the cited passages, verbatim; None if none is near, or it is in `used`."""
        possible = [
            (alike + overlap(statement.text, text), -n, text, span)
            for n in self.cited(statement)
            for span in sentences(self._passages[n].section.text)
            for text in [self._passages[n].section.text[slice(*span)]]
            if (alike := self._similarity(statement.text, text)) >= _LEAST_SIMILARITY
        ]
        if not possible:
            return None
        _, place, text, span = max(possible)
        return None if text in used else Grounded(text, (-place,), (span,), by_model=False)

    def _nearest(self, text: str, passage: CitedPassage) -> tuple[int, int]:
        """Return the span of the sentence that says a statement: in another language by its facts and vector."""
        if self._language == "en":
            return nearest_sentence(text, passage)
        body, document = passage.section.text, passage.document
        claimed = days_and_numbers(text, document.date, self._language)

        def closeness(span: tuple[int, int]) -> tuple[int, float]:
            said = body[slice(*span)]
            stated = days_and_numbers(said, document.date, document.language)
            return len(claimed & stated), self._similarity(text, said)

        return max(sentences(body), key=closeness)

    def _facts_of(self, cites: tuple[int, ...]) -> PassageFacts:
        if cites not in self._facts:
            self._facts[cites] = read_facts(
                [self._passages[n] for n in cites], self._forms, self._request_days, self._language
            )
        return self._facts[cites]

    def _possible(self, text: str, cited: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Yield the cited passages together, then each other one with a similar sentence, the most similar first."""
        if cited:
            yield cited
        others = [
            (overlap(text, passage.section.text[slice(*nearest_sentence(text, passage))]), n)
            for n, passage in enumerate(self._passages)
            if n not in cited
        ]
        for share, n in sorted(others, key=lambda found: (-found[0], found[1])):
            if share >= _ATTRIBUTED:
                yield (n,)


def nearest_sentence(text: str, passage: CitedPassage) -> tuple[int, int]:
    """Return the (start, end) of the sentence that shares most terms with the statement; the first of equals.

    A term counts less, the more sentences of the passage have it.
    """
    spans = sentences(passage.section.text)
    sentence_terms = [set(terms(passage.section.text[start:end])) for start, end in spans]
    wanted = set(terms(text))
    count = Counter(term for own in sentence_terms for term in own)
    shared = [sum(1 / count[term] for term in wanted & own) for own in sentence_terms]
    return spans[max(range(len(spans)), key=lambda n: (shared[n], -n))]


def overlap(text: str, other: str) -> float:
    """Return the share of the first text's terms that the second one has, 0..1."""
    first = set(terms(text))
    return len(first & set(terms(other))) / len(first) if first else 0.0


@lru_cache(maxsize=512)
def sentences(text: str) -> Sequence[tuple[int, int]]:
    """Return the spans of a passage's sentences; the whole text if there are none."""
    return split(text) or [(0, len(text))]
