"""Citations of paragraphs and of entries of the register. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.register import EntryMention, RegisterEntry
from store.records import Citation, Document, Section


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

    # Of the versions of one document, the one nearest to the language is cited.
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
