"""Chosen sentences into an answer's text with markers, and the citations that resolve them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.candidates import Candidate
from store.records import Citation, Document, Section


def cite(sentences: Sequence[tuple[str, Candidate]]) -> tuple[str, tuple[Citation, ...]]:
    """Return (text, citations) of sentences and what each rests on.

    Neighbouring sentences of a section share one marker, whose quote runs from the first to the last.
    """
    runs: list[list[Candidate]] = []
    markers: list[int] = []
    for _, candidate in sentences:
        if runs and adjoins(runs[-1][-1], candidate):
            runs[-1].append(candidate)
        else:
            runs.append([candidate])
        markers.append(len(runs))
    text = " ".join(f"{said} [{marker}]" for (said, _), marker in zip(sentences, markers, strict=True))
    citations = tuple(
        citation(n, run[0].hit.document, run[0].hit.section, run[0].start, run[-1].end)
        for n, run in enumerate(runs, start=1)
    )
    return text, citations


def adjoins(one: Candidate, other: Candidate) -> bool:
    """Whether the other sentence stands directly behind the one."""
    section = one.hit.section
    if section.id != other.hit.section.id or other.start < one.end:
        return False
    return not section.text[one.end : other.start].strip()


def citation(marker: int, document: Document, section: Section, start: int, end: int) -> Citation:
    """Return the citation of `section.text[start:end]`."""
    return Citation(
        marker=marker,
        source=document.source,
        document=document.title,
        symbol=document.symbol,
        section=section.number,
        heading=section.heading,
        page=section.page,
        quote=section.quote(start, end),
        section_id=section.id,
    )
