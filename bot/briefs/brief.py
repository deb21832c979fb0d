"""A brief: one page on a topic, in which each sentence is cited, dates have their status and gaps are named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.answering.answer import Tokens
from bot.locales import N_, _
from store.records import Citation

PartKind = Literal["about", "who", "decided", "dates", "figures", "changed", "missing"]
_HEADINGS: Mapping[PartKind, str] = {
    "about": N_("What it is"),
    "who": N_("Who leads and who takes part"),
    "decided": N_("What was decided"),
    "dates": N_("Dates"),
    "figures": N_("Figures"),
    "changed": N_("What changed"),
    "missing": N_("What the documents do not say"),
}


@dataclass(frozen=True, slots=True)
class BriefLine:
    """A sentence with the markers of its citations; a gap has none."""

    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BriefPart:
    """The lines of one kind; there is at least one."""

    kind: PartKind
    lines: tuple[BriefLine, ...]

    @property
    def heading(self) -> str:
        """Its heading in the language in use."""
        return _(_HEADINGS[self.kind])


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief as of a day; without parts, the documents have nothing on the topic, and `nearest` is what is near.

    `paragraphs` is the number of paragraphs about it, `model` "extractive" or a model's name, `note` a line for the
    reader. `judged`: a judge has read its lines.
    """

    topic: str
    as_of: date
    language: str
    paragraphs: int
    parts: tuple[BriefPart, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    model: str = "extractive"
    judged: bool = False
    note: str | None = None
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class CitedLine:
    """A line before its citations are numbered."""

    text: str
    citations: tuple[Citation, ...] = ()


def numbered(
    parts: Iterable[tuple[PartKind, Iterable[CitedLine]]],
) -> tuple[tuple[BriefPart, ...], tuple[Citation, ...]]:
    """Return the parts that have lines, with their citations numbered in order, each quote once."""
    markers: dict[tuple[str, str, str], int] = {}
    cited: list[Citation] = []

    def marker(citation: Citation) -> int:
        key = (citation.document_id or citation.source, citation.section, citation.quote)
        if key not in markers:
            markers[key] = len(cited) + 1
            cited.append(replace(citation, marker=markers[key]))
        return markers[key]

    found = [
        BriefPart(
            kind,
            tuple(BriefLine(line.text, tuple(dict.fromkeys(map(marker, line.citations)))) for line in lines),
        )
        for kind, lines in parts
    ]
    return tuple(part for part in found if part.lines), tuple(cited)
