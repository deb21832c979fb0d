"""Sentences as an answer quotes them: with their subject in brackets, with markers, and the citations.

A sentence that opens with "This" or "It" gets its subject in brackets, which is no part of the quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answers.candidates import RUN_IN, Candidate
from store.records import Citation, Document, Section

_OPENS_BARE = re.compile(
    r"^(?:(?:However|Moreover|Additionally|In addition|Also|Furthermore|Subsequently|Notably),?\s+)?"
    r"(?P<pointer>It|This|That|These|Those|They|Its|Their|He|She|His|Her|Both)\b(?P<noun>\s+[a-z]+)?",
    re.I,
)
# "It is not known what …", "It has been decided that …", "This year, …": the pronoun refers to nothing.
_EMPTY = re.compile(
    r"^It (?:is|was|has been|remains)\b[^.;]{0,30}?\b(?:known|clear|unclear|open|expected|hoped|understood|noted|agreed"
    r"|decided|proposed|planned|foreseen|recalled|recogni[sz]ed|possible|likely|important|envisaged|anticipated"
    r"|suggested|recommended)\b[^.;]{0,20}?\b(?:that|what|whether|how|who|when|where)\b"
    r"|^This (?:year|month|week)\b"
)
# A name: capitalised words, with the small words that join them; or an acronym.
_NAME = re.compile(
    r"(?:[A-Z][\w’'/&-]*)(?:\s+(?:(?:of|the|for|and|on|to|in)\s+){0,2}[A-Z0-9][\w’'/&-]*)+|\b[A-Z]{3,}\d*\b"
)


def cite(sentences: Sequence[tuple[str, Candidate]]) -> tuple[str, tuple[Citation, ...]]:
    """Return (text, citations) of sentences, each with the candidate that it quotes.

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
    text = " ".join(
        f"{sentence} [{marker}]" for (sentence, _), marker in zip(sentences, markers, strict=True)
    )
    citations = tuple(
        citation(n, run[0].hit.document, run[0].hit.section, run[0].start, run[-1].end)
        for n, run in enumerate(runs, start=1)
    )
    return text, citations


def adjoins(one: Candidate, other: Candidate) -> bool:
    """Return whether the other sentence follows the one directly."""
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
        document_id=document.id,
        version=document.version,
        digest=document.content_hash,
    )


def with_subject(candidate: Candidate) -> str:
    """Return the sentence, with its subject in brackets if it opens with a pronoun."""
    text = candidate.text
    if not opens_with_pronoun(text):
        return text
    subject = subject_of(candidate.hit.section.text, candidate.start, candidate.hit.section.heading)
    if not subject or subject.casefold() in text.casefold():
        return text
    return f"[{subject}] {text}"


def opens_with_pronoun(text: str) -> bool:
    """Return whether a sentence opens with a pronoun that refers to an earlier sentence."""
    return _OPENS_BARE.match(text) is not None and not _EMPTY.match(text)


def subject_of(section: str, start: int, heading: str) -> str:
    """Return the subject of the sentence at `start`: the run-in title, a name before it, or the heading."""
    label = RUN_IN.match(section)
    if label:
        return label["label"]
    before = section[:start].rstrip()
    names = [m.group() for m in _NAME.finditer(_last_sentence(before))]
    return names[0] if names else heading


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z“‘])", text)[-1]
