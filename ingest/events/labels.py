"""Labels: the grammar finds the date expressions of a section, and a language model describes them.

The expressions are numbered and marked in the text that a labeller reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ingest.dates import DateExpression
from ingest.events.dating import NumberedDates
from store.records import Document, Kind

# A section with more dates, or more text around them, is divided into parts: replies stay short, and if one part fails,
# the others still have labels.
_MAX_DATES = 30
_MAX_CHARS = 5_000
# Context before the first date and after the last.
_CONTEXT_CHARS = 2_000
# Text of the document must not look like a mark.
_FALSE_MARK = re.compile(r"\[(?=\s*\d+\s*:)")

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


def to_dated_sections(document: Document, numbered: NumberedDates) -> Iterator[tuple[str, DatedSection]]:
    """Yield (section id, input of the labeller): nothing without dates, several parts for a long section."""
    section = numbered.section
    dated = f"{document.date:%-d %B %Y}" if document.date else ""
    heading = _marked(section.heading, numbered.heading, 0, len(section.heading), 1)
    in_heading = tuple(expression.text for expression in numbered.heading)
    if not numbered.text:
        if in_heading:
            text = _marked(section.text, (), 0, min(len(section.text), _CONTEXT_CHARS), 0)
            yield section.id, DatedSection(document.title, dated, heading, text, in_heading)
        return
    number = len(in_heading) + 1
    for start, end, expressions in _parts(section.text, numbered.text):
        text = _marked(section.text, expressions, start, end, number)
        own = tuple(expression.text for expression in expressions)
        # The heading's dates go with the first part.
        yield (
            section.id,
            DatedSection(document.title, dated, heading, text, (*in_heading, *own), number - len(in_heading)),
        )
        number += len(own)
        heading, in_heading = _marked(section.heading, (), 0, len(section.heading), 0), ()


def _parts(
    text: str, expressions: Sequence[DateExpression]
) -> Iterator[tuple[int, int, list[DateExpression]]]:
    """Yield parts of a text, cut at line breaks, as (start, end, their dates); text far from dates is left out."""
    groups: list[list[DateExpression]] = [[]]
    cuts = [0]
    line = searched = 0  # the start of the last line before `searched`
    for expression in expressions:
        own, begin = groups[-1], expression.span[0]
        line = max(line, text.rfind("\n", searched, begin) + 1)
        searched = begin
        full = len(own) >= _MAX_DATES or (own and expression.span[1] - own[0].span[0] > _MAX_CHARS)
        if full and line > own[-1].span[0]:
            groups.append([])
            cuts.append(line)
        groups[-1].append(expression)
    for own, low, high in zip(groups, cuts, [*cuts[1:], len(text)], strict=True):
        end = max(e.span[1] for e in own)
        yield max(low, own[0].span[0] - _CONTEXT_CHARS), min(high, end + _CONTEXT_CHARS), own


def _marked(text: str, expressions: Sequence[DateExpression], start: int, end: int, number: int) -> str:
    parts, at = list[str](), start
    for expression in expressions:
        begin, stop = expression.span
        if begin < at:
            # An expression within another ("six weeks before 3 March") is marked directly after it.
            parts.append(f" [{number}: {expression.text}]")
        else:
            parts += [_FALSE_MARK.sub("(", text[at:begin]), f"[{number}: {expression.text}]"]
            at = stop
        number += 1
    parts.append(_FALSE_MARK.sub("(", text[at:end]))
    return "".join(parts)
