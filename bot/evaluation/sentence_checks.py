"""The hard checks applied to each delivered sentence and the sections that it cites."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.answers import Answer
from bot.grounding import CitedPassage, Violation, other_forms, read_facts, violations
from store.catalog import Catalog

# Takes the id of a section; returns None if it is gone from the catalog.
PassageOf = Callable[[str], CitedPassage | None]

_SENTENCE = re.compile(r"(?P<text>\S.*?)\s*(?P<markers>(?:\[\d+\]\s*)+)(?=\s|$)", re.S)


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A delivered sentence without its markers, its markers, and the first violation of the hard checks, if any.

    `by_model`: a language model wrote it.
    """

    text: str
    markers: tuple[int, ...]
    violation: Violation | None = None
    by_model: bool = False


def delivered_sentences(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Return the sentences of an answer, each with its markers."""
    return [
        (match["text"], tuple(int(n) for n in re.findall(r"\d+", match["markers"])))
        for match in _SENTENCE.finditer(text)
    ]


def check_answer(answer: Answer, passage_of: PassageOf) -> tuple[CheckedSentence, ...]:
    """Return the sentences of an answer, checked against their cited sections; none if it is computed."""
    if not answer.answered or answer.computed:
        return ()
    passages = {c.marker: found for c in answer.citations if (found := passage_of(c.section_id))}
    forms = other_forms(p.section.text for p in passages.values())
    replacements = [one.replaced_by for one in answer.removed if one.replaced_by]
    checked = []
    for text, markers in delivered_sentences(answer.text):
        cited = [passages[n] for n in markers if n in passages]
        wrong = violations(text, read_facts(cited, forms, [answer.as_of])) if cited else [_NOTHING_CITED]
        by_model = answer.judged is not None and not any(replacement in text for replacement in replacements)
        checked.append(CheckedSentence(text, markers, wrong[0] if wrong else None, by_model))
    return tuple(checked)


_NOTHING_CITED = Violation("citation", "what it cites is gone")


def passages_of(catalog: Catalog) -> PassageOf:
    """Return the function that reads the live sections of a catalog. Raises StoreError."""
    documents = {document.id: document for document in catalog.documents()}

    def passage(section_id: str) -> CitedPassage | None:
        section = catalog.section(section_id)
        document = documents.get(section.document_id) if section else None
        return CitedPassage(section, document) if section and document else None

    return passage
