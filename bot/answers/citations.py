"""Citations, and sentences as an answer quotes them: with markers, and with their subject in brackets.

A sentence that opens with "This" or "It" gets its subject in brackets, which is no part of the quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.answers.ranking import RUN_IN
from bot.register import EntryMention, RegisterEntry
from store.records import Citation, Document, Section
from store.search import Sentence

_OPENS_BARE = re.compile(
    r"^(?:(?:However|Moreover|Additionally|In addition|Also|Furthermore|Subsequently|Notably),?\s+)?"
    r"(?:It|This|That|These|Those|They|Its|Their|He|She|His|Her|Both)\b",
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


def citation(marker: int, document: Document, section: Section, start: int, end: int) -> Citation:
    """Return the citation of `section.text[start:end]`."""
    return _citation(
        marker,
        document,
        section=section.number,
        heading=section.heading,
        page=section.page,
        quote=section.quote(start, end),
        section_id=section.id,
    )


def entry_citations(
    entry: RegisterEntry, documents: Mapping[str, Document], language: str = "en"
) -> Iterator[Citation]:
    """Yield the paragraph that dates an entry, and one of each other document (by source) that mentions it.

    Of a document in several languages it is the version in `language`, else in English, else the first. They are
    without a number.
    """
    known = {entry.source: Document("", entry.source, entry.document, version=0), **documents}
    first: dict[tuple[str, str], tuple[Document, EntryMention]] = {}
    for mention in entry.mentions:
        document = known.get(mention.source)
        if document is None:
            continue
        key = document.audience, document.neutral_symbol or document.source
        better = document.distance_of_language(language)
        if key not in first or better < first[key][0].distance_of_language(language):
            first[key] = document, mention
    for document, mention in first.values():
        yield _citation(
            0,
            document,
            section=mention.section,
            heading=mention.heading,
            page=mention.page,
            quote=mention.quote,
            section_id=mention.section_id,
        )


def _citation(
    marker: int,
    document: Document,
    *,
    section: str,
    heading: str,
    page: int | None,
    quote: str,
    section_id: str,
) -> Citation:
    return Citation(
        marker=marker,
        source=document.source,
        document=document.title,
        symbol=document.symbol,
        section=section,
        heading=heading,
        page=page,
        quote=quote,
        section_id=section_id,
        document_id=document.id,
        version=document.version,
        digest=document.content_hash,
    )


def cite(sentences: Sequence[tuple[str, Sentence]], separator: str = " ") -> tuple[str, tuple[Citation, ...]]:
    """Return (text, citations) of sentences, each with the one of the document that it quotes.

    Neighbouring sentences of a section share one marker, whose quote runs from the first to the last.
    """
    runs: list[list[Sentence]] = []
    parts: list[str] = []
    for text, sentence in sentences:
        if runs and adjoins(runs[-1][-1], sentence):
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
        parts.append(f"{text} [{len(runs)}]")
    citations = tuple(
        citation(n, run[0].hit.document, run[0].hit.section, run[0].start, run[-1].end)
        for n, run in enumerate(runs, start=1)
    )
    return separator.join(parts), citations


def adjoins(sentence: Sentence, following: Sentence) -> bool:
    """Whether nothing but white space is between two sentences of a section."""
    section = sentence.hit.section
    if section.id != following.hit.section.id or following.start < sentence.end:
        return False
    return not section.text[sentence.end : following.start].strip()


def with_subject(sentence: Sentence) -> str:
    """Return the sentence, with its subject in brackets if it opens with a pronoun."""
    text, section = sentence.text, sentence.hit.section
    if not opens_with_pronoun(text):
        return text
    # The run-in title, the first name in the sentence before it, or the heading.
    if label := RUN_IN.match(section.text):
        subject = label["label"]
    else:
        before = re.split(r"(?<=[.!?])\s+(?=[A-Z“‘])", section.text[: sentence.start].rstrip())[-1]
        name = _NAME.search(before)
        subject = name.group() if name else section.heading
    return text if not subject or subject.casefold() in text.casefold() else f"[{subject}] {text}"


def opens_with_pronoun(text: str) -> bool:
    """Whether a sentence opens with a pronoun that refers to an earlier sentence."""
    return _OPENS_BARE.match(text) is not None and not _EMPTY.match(text)
