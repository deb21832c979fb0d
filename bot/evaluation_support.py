"""Each delivered sentence held against the sections that it cites, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.answer import Answer, Removed
from bot.verification import Passage, Verifier, Written
from store.catalog import Catalog

# By the id of a section; None where it is gone from the catalog.
PassageOf = Callable[[str], Passage | None]

_SENTENCE = re.compile(r"(?P<said>\S.*?)\s*(?P<markers>(?:\[\d+\]\s*)+)(?=\s|$)", re.S)


@dataclass(frozen=True, slots=True)
class Judged:
    """A delivered sentence without its markers, what they are, and why what they mean does not support it, or None."""

    text: str
    markers: tuple[int, ...]
    why: str | None = None


def delivered(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Return the sentences of an answer, each with its markers."""
    return [
        (match["said"], tuple(int(n) for n in re.findall(r"\d+", match["markers"])))
        for match in _SENTENCE.finditer(text)
    ]


def judge(answer: Answer, passage_of: PassageOf) -> tuple[Judged, ...]:
    """Return the sentences of an answer as bot.verification judges them against their cited sections alone."""
    if not answer.answered:
        return ()
    passages: list[Passage] = []
    places: dict[int, int] = {}
    for cited in answer.citations:
        passage = passage_of(cited.section_id)
        if passage is not None:
            places[cited.marker] = len(passages)
            passages.append(passage)
    verifier = Verifier(passages)
    return tuple(_judged(verifier, places, text, markers) for text, markers in delivered(answer.text))


def _judged(verifier: Verifier, places: dict[int, int], text: str, markers: tuple[int, ...]) -> Judged:
    own = {places[marker] for marker in markers if marker in places}
    checked = verifier.check(Written(text, tuple(sorted(own))))
    if isinstance(checked, Removed):
        return Judged(text, markers, checked.why)
    # The verifier gives a sentence to another passage where its own does not say it.
    return Judged(text, markers, None if own.issuperset(checked.cites) else "another section says it")


def passages_of(catalog: Catalog) -> PassageOf:
    """Return what reads the live sections of a catalog. Raises StoreError, as the catalog does."""
    documents = {document.id: document for document in catalog.documents()}

    def passage(section_id: str) -> Passage | None:
        section = catalog.section(section_id)
        document = documents.get(section.document_id) if section else None
        return Passage(section, document) if section and document else None

    return passage
