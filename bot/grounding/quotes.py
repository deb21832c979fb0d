"""The sentence of a passage that is nearest to a statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from bot.grounding.interface import Passage
from ingest.document.sentences import split
from store.terms import terms


def nearest_sentence(text: str, passage: Passage) -> tuple[int, int]:
    """Return the (start, end) of the sentence that shares most of the statement's terms; of equals the first.

    A term counts for less, the more sentences of the passage hold it.
    """
    spans = sentences(passage.section.text)
    held = [set(_terms(passage.section.text[start:end])) for start, end in spans]
    count = Counter(term for terms_held in held for term in terms_held)
    shared = [sum(1 / count[term] for term in set(_terms(text)) & own) for own in held]
    return spans[max(range(len(spans)), key=lambda n: (shared[n], -n))]


def overlap(one: str, other: str) -> float:
    """Return the share of the first text's terms that the second one holds, 0..1."""
    wanted, held = set(_terms(one)), set(_terms(other))
    return len(wanted & held) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=512)
def sentences(text: str) -> Sequence[tuple[int, int]]:
    """Return the spans of a passage's sentences; the whole text where there are none."""
    return split(text) or [(0, len(text))]


@lru_cache(maxsize=4096)
def _terms(text: str) -> Sequence[str]:
    return terms(text)
