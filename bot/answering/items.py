"""Items: the citable things that the look-ups give, for a model's prompt, for a person and for the check. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from bot.answering.citations import citation
from bot.register import RegisterEntry
from ingest.text.sentences import split
from store.records import Citation, Hit
from store.terms import terms

ItemKind = Literal["paragraph", "date", "change", "document", "about"]


@dataclass(frozen=True, slots=True)
class Item:
    """One citable thing; its words are verbatim or computed, never a model's.

    paragraph   a paragraph, verbatim
    date        an entry of the register as of the day, in words, with what is computed of it
    change      what is new, gone, reworded or moved in a document
    document    a document, or a heading of one with the first words below it
    about       what the assistant says of itself; it has no citation
    """

    kind: ItemKind
    text: str
    citations: tuple[Citation, ...] = ()
    """Without numbers."""
    hits: tuple[Hit, ...] = ()
    """The paragraphs behind it."""
    score: float = 0.0
    entry: RegisterEntry | None = None
    best: tuple[int, int] | None = None
    """Where the sentence nearest to what was searched stands in a paragraph's text."""

    @property
    def key(self) -> tuple[str, ...]:
        """Identifies it among the items of one answer."""
        return (self.kind, self.text, *(hit.section.id for hit in self.hits))

    @property
    def evidence(self) -> tuple[Hit, ...]:
        """The paragraphs that a statement on it is held against; what is computed stands above them."""
        if self.kind == "paragraph":
            return self.hits
        return tuple(
            replace(hit, section=replace(hit.section, text=f"{self.text}\n{hit.section.text}"))
            for hit in self.hits
        )


def paragraph(hit: Hit, best: tuple[int, int] | None = None) -> Item:
    """Return the item of a paragraph; `best` is its sentence nearest to what was searched."""
    start, end = best or (0, len(hit.section.text))
    cited = citation(0, hit.document, hit.section, start, end)
    return Item("paragraph", hit.section.text, (cited,), (hit,), score=hit.score, best=best)


@lru_cache(maxsize=512)
def sentences(text: str) -> Sequence[tuple[int, int]]:
    """Return the (start, end) of a paragraph's sentences; the whole text if there are none."""
    return split(text) or [(0, len(text))]


def nearest_sentence(statement: str, text: str) -> tuple[int, int]:
    """Return the (start, end) of the sentence that shares most terms with a statement; the whole text if none does.

    A term counts less, the more sentences have it.
    """
    spans = sentences(text)
    own = [set(terms(text[start:end])) for start, end in spans]
    wanted = set(terms(statement))
    count = Counter(term for each in own for term in each)
    shared = [sum(1 / count[term] for term in wanted & each) for each in own]
    best = max(range(len(spans)), key=lambda n: (shared[n], -n))
    return spans[best] if shared[best] else (0, len(text))


def overlap(text: str, other: str) -> float:
    """Return the share of the first text's terms that the second one has, 0..1."""
    first = set(terms(text))
    return len(first & set(terms(other))) / len(first) if first else 0.0
