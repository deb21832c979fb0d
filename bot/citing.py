"""Chosen sentences into an answer's text with markers, and the citations that resolve them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.candidates import Candidate
from store.records import Citation, Document, Section


def cite(sentences: Sequence[tuple[str, Candidate]]) -> tuple[str, tuple[Citation, ...]]:
    """Return (text, citations) of sentences and what each rests on.

    Neighbouring sentences of a section share one marker, whose quote runs from the first to the last.
    """
    runs: list[tuple[Candidate, int, int]] = []
    markers: list[int] = []
    for _, candidate in sentences:
        if runs and _adjoins(runs[-1], candidate):
            first, start, _ = runs[-1]
            runs[-1] = (first, start, candidate.end)
        else:
            runs.append((candidate, candidate.start, candidate.end))
        markers.append(len(runs))
    text = " ".join(f"{said} [{marker}]" for (said, _), marker in zip(sentences, markers, strict=True))
    citations = tuple(
        citation(n, c.hit.document, c.hit.section, start, end)
        for n, (c, start, end) in enumerate(runs, start=1)
    )
    return text, citations


def _adjoins(run: tuple[Candidate, int, int], candidate: Candidate) -> bool:
    first, _, end = run
    section = first.hit.section
    if section.id != candidate.hit.section.id or candidate.start < end:
        return False
    return not section.text[end : candidate.start].strip()


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
