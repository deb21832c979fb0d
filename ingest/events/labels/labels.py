"""Labels of the dates of a section: the grammar finds the expressions, a language model describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from store.records import Kind

Outcome = Literal["planned", "done", "postponed", "cancelled", "proposed"]


@dataclass(frozen=True, slots=True)
class DatedSection:
    """Input of a labeller: a section of a document, or a part of a long one, and its date expressions.

    `heading` and `text` have each expression marked where it stands, "[3: 14 May 2025]"; the numbers run from `first`
    in the order of `expressions`. `dated` is the document's date in words, "" where it has none.
    """

    document: str
    dated: str
    heading: str
    text: str
    expressions: tuple[str, ...]
    first: int = 1


@dataclass(frozen=True, slots=True)
class Label:
    """The event that expression `number` dates; `event` is false for a date that is none.

    `replaces` is the number of the expression whose date this one replaces.
    """

    number: int
    event: bool
    title: str = ""
    kind: Kind = "milestone"
    place: str | None = None
    outcome: Outcome = "planned"
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Reply of a labeller for a section. `labels` is None where nothing is usable, and `why` is the reason.

    `read` and `wrote` count tokens.
    """

    labels: tuple[Label, ...] | None
    why: str = ""
    read: int = 0
    wrote: int = 0


class Labeller(Protocol):
    """Somebody who reads sections and says what their dates are. Used by several threads at a time.

    `name` stands for who is asked and what: what was said under one name is kept for it. `model` is shown to people.
    """

    @property
    def name(self) -> str:
        """The key under which replies are stored."""
        ...

    @property
    def model(self) -> str:
        """The model's name for people."""
        ...

    def label(self, section: DatedSection) -> Reply:
        """Return at most one label for each expression; without labels, the rules decide."""
        ...
