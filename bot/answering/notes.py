"""What a reader has to know beside an answer: corrections, corrigenda, and versions that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.answering import remarks
from bot.answering.tools import Tools
from bot.locales import commas, noted, semicolons
from bot.register.versions import differing_dates
from bot.register.wording import status, title, when
from store.records import Citation

_MOST_CORRECTIONS = 3


def notes_on(citations: Sequence[Citation], tools: Tools) -> Iterator[str]:
    """Yield the notes on some citations. Raises StoreError."""
    if tools.view.snapshot.corrections():
        yield from _corrections(citations, tools)
    if tools.view.has_versions(citations):
        symbols = {document.source: document.neutral_symbol for document in tools.view.documents}
        places = [(symbol, c.section) for c in citations if (symbol := symbols.get(c.source))]
        yield from differing_dates(tools.register, tools.view.documents, places)
    yield from _corrigenda(citations, tools)


def _corrections(citations: Sequence[Citation], tools: Tools) -> Iterator[str]:
    """Yield the note on dates in the quoted sentences that a person has corrected in the register."""
    quoted = [(citation.section_id, citation.quote) for citation in citations]
    corrected = [
        noted(commas([title(entry), when(entry)]), status(entry))
        for entry in tools.register
        if entry.corrected
        and any(
            quote and section == mention.section_id and (mention.quote in quote or quote in mention.quote)
            for section, quote in quoted
            for mention in entry.mentions
        )
    ]
    if corrected:
        yield remarks.corrected_dates(semicolons(corrected[:_MOST_CORRECTIONS]))


def _corrigenda(citations: Sequence[Citation], tools: Tools) -> Iterator[str]:
    """Yield a note on each corrigendum to a cited document, with the cited paragraphs that it names."""
    documents = {document.id: document for document in tools.view.documents}
    for corrigendum in documents.values():
        symbol = corrigendum.corrected_symbol
        if symbol is None:
            continue
        cited = [
            each.section
            for each in citations
            if (of := documents.get(each.document_id)) and of.unrevised_symbol == symbol
        ]
        if cited:
            text = " ".join(each.section.text for each in tools.paragraphs.of_document(corrigendum))
            named = [section for section in dict.fromkeys(cited) if _names(text, section)]
            yield remarks.corrected(corrigendum.symbol or corrigendum.source, named)


def _names(text: str, number: str) -> bool:
    """Whether a text has the number of a paragraph, and not within a longer number."""
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\.?\d)", text) is not None
