"""The types of grounding: a statement, the passages it may cite, and its violations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from store.records import Document, Section


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as a model wrote it, without markers; `cites` are indexes of passages, which may not exist."""

    text: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A retrieved section, with its document, whose title, symbol and date are facts too."""

    section: Section
    document: Document


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a statement is not supported: the name of the check that failed, and one clause for the user."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """A statement with the indexes of the passages that support it, and the quoted span of each one's text."""

    text: str
    cites: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


# Cosine of two texts' vectors, -1..1.
Similarity = Callable[[str, str], float]
