"""Types of labels: the grammar finds the date expressions of a section, and a language model describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from store.records import Kind

LabelOutcome = Literal["planned", "done", "postponed", "cancelled", "proposed"]


@dataclass(frozen=True, slots=True)
class DatedSection:
    """Input of a labeller: a section of a document, or a part of a long one, and its date expressions."""

    document: str
    """Title of the document."""
    dated: str
    """The document's date in words, "" without one."""
    heading: str
    text: str
    """As `heading`, with each expression marked by its number: "[3: 14 May 2025]"."""
    expressions: tuple[str, ...]
    """In the order of their numbers."""
    first: int = 1
    """Number of the first expression."""


@dataclass(frozen=True, slots=True)
class Label:
    """A labeller's description of the event that a numbered expression dates."""

    number: int
    event: bool
    """False for a date that is no event."""
    title: str = ""
    kind: Kind = "milestone"
    place: str | None = None
    outcome: LabelOutcome = "planned"
    replaces: int | None = None
    """Number of the expression whose date this one replaces."""


@dataclass(frozen=True, slots=True)
class LabellerReply:
    """Reply of a labeller for a section."""

    labels: tuple[Label, ...] | None
    """None if nothing is usable."""
    why: str = ""
    """The reason, if nothing is usable."""
    read: int = 0
    wrote: int = 0
    """Tokens of the reply; `read` are those of the prompt."""


class Labeller(Protocol):
    """Labels the dates of sections. Several threads use it at once."""

    @property
    def name(self) -> str:
        """The key under which replies are stored: another model or another prompt has another one."""
        ...

    @property
    def model(self) -> str:
        """The model's name for people."""
        ...

    def label(self, section: DatedSection) -> LabellerReply:
        """Return at most one label for each expression; without labels, the rules decide."""
        ...
