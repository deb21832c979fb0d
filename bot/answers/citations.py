"""Citations, and sentences as an answer quotes them: with markers, and with their subject in brackets.

A sentence that opens with "This" or "It" gets its subject in brackets, which is no part of the quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.answers.ranking import RUN_IN, is_sentence
from bot.question.lexicon import alternatives, table
from bot.register import EntryMention, RegisterEntry
from ingest.document.sentences import split
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
_GOES_ON = re.compile(rf"{alternatives(table('answering')['connectives'])}\b", re.I)
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


def cite(sentences: Sequence[tuple[str, Sentence]]) -> tuple[str, tuple[Citation, ...]]:
    """Return (text, citations) of sentences, each with the one of the document that it quotes.

    Neighbouring sentences of a section share one marker, whose quote runs from the first to the last. The lines of a
    section stay, without their bullets; each section is on lines of its own. A heading above a sentence has no marker.
    """
    runs: list[list[tuple[str, Sentence]]] = []
    for each in sentences:
        if runs and adjoins(runs[-1][-1][1], each[1]):
            runs[-1].append(each)
        else:
            runs.append([each])
    written, citations, before = "", list[Citation](), None
    for marker, run in enumerate(runs, start=1):
        stated = any(is_sentence(text) for text, _ in run)
        for text, sentence in run:
            gap = _between(before, sentence) if before else ""
            is_heading = stated and not gap.strip() and not is_sentence(text)
            written += ("\n" if "\n" in gap else " ") + (text if is_heading else f"{text} [{marker}]")
            before = sentence
        first, last = run[0][1], run[-1][1]
        citations.append(citation(marker, first.hit.document, first.hit.section, first.start, last.end))
    return written.lstrip(), tuple(citations)


def _between(sentence: Sentence, following: Sentence) -> str:
    """Return the text between two sentences that adjoin, a space if they do not, a line break for two sections."""
    section = sentence.hit.section
    if section.id != following.hit.section.id:
        return "\n"
    return section.text[sentence.end : following.start] if adjoins(sentence, following) else " "


def adjoins(sentence: Sentence, following: Sentence) -> bool:
    """Whether nothing but white space and bullets is between two sentences of a section."""
    section = sentence.hit.section
    if section.id != following.hit.section.id or following.start < sentence.end:
        return False
    return re.search(r"[^\W_]", section.text[sentence.end : following.start]) is None


_Sentence = TypeVar("_Sentence", bound=Sentence)


def in_context(sentences: Sequence[_Sentence]) -> list[tuple[str, _Sentence]]:
    """Return the sentences with their texts, each so that it can be read: after the one that it refers to.

    A sentence that goes on from one that is not there gets its subject in brackets, or that sentence before it; an item
    of a list gets the line above the list in brackets.
    """
    shown: list[tuple[str, _Sentence]] = []
    for sentence in sentences:
        if any(sentence.hit.section.id == s.hit.section.id and sentence.start == s.start for _, s in shown):
            continue
        follows = bool(shown) and adjoins(shown[-1][1], sentence)
        if not opens_with_pronoun(sentence.text):
            # A connective alone needs no more than that something of the paragraph is there.
            follows = follows or any(s.hit.section.id == sentence.hit.section.id for _, s in shown)
        if not follows and (before := _referred_to(sentence)):
            shown.append((with_subject(before), before))
            follows = True
        shown.append((sentence.text if follows else with_subject(sentence), sentence))
    return shown


def _referred_to(sentence: _Sentence) -> _Sentence | None:
    """Return the sentence before one that opens with a pronoun; None if the paragraph's title can say what is meant."""
    section = sentence.hit.section
    if not opens_with_pronoun(sentence.text) or RUN_IN.match(section.text):
        return None
    spans = [span for span in split(section.text) if span[1] <= sentence.start]
    before = replace(sentence, start=spans[-1][0], end=spans[-1][1]) if spans else None
    return before if before and adjoins(before, sentence) else None


def stands_alone(sentence: Sentence) -> bool:
    """Whether a sentence can be read without the one before, or with the line above its list."""
    return line_above(sentence) != "" or not leans_back(sentence.text)


def leans_back(text: str) -> bool:
    """Whether a sentence goes on from an earlier one: by a pronoun, a connective, or in small letters."""
    return opens_with_pronoun(text) or text[:1].islower() or _GOES_ON.match(text) is not None


def line_above(sentence: Sentence) -> str:
    """Return the line above a list, if a sentence is in an item of the list, else ""."""
    above = sentence.hit.section.text.partition("\n")[0]
    return above if above.endswith(":") and sentence.start > len(above) else ""


def with_subject(sentence: Sentence) -> str:
    """Return the sentence, with its subject in brackets if it goes on from an earlier one, or is an item of a list."""
    text, section = sentence.text, sentence.hit.section
    if above := line_above(sentence):
        return f"[{above}] {text}"
    if not leans_back(text):
        return text
    # The run-in title, or the first name in the sentence before it.
    if label := RUN_IN.match(section.text):
        subject = label["label"]
    else:
        before = re.split(r"(?<=[.!?])\s+(?=[A-Z“‘])", section.text[: sentence.start].rstrip())[-1]
        name = _NAME.search(before) if opens_with_pronoun(text) else None
        subject = name.group() if name else ""
    return text if not subject or subject.casefold() in text.casefold() else f"[{subject}] {text}"


def opens_with_pronoun(text: str) -> bool:
    """Whether a sentence opens with a pronoun that refers to an earlier sentence."""
    return _OPENS_BARE.match(text) is not None and not _EMPTY.match(text)
