"""The paragraph behind a citation as the store has it now, with its neighbours, and where a quote is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from store.catalog import Catalog
from store.records import Citation, Document, Section


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A paragraph of a document whose present version is `live`.

    `shown` is the version that has the paragraph: the cited one, else the newest; None if none of the stored ones has
    it. `before` and `after` are its neighbours there. `still_there`: the present version has it too, unchanged.
    """

    live: Document
    shown: Document | None = None
    section: Section | None = None
    before: Section | None = None
    after: Section | None = None
    still_there: bool = False


def read_source(catalog: Catalog, citation: Citation, section_id: str = "") -> SourcePage | None:
    """Return the cited paragraph, or the one with `section_id` in the same document.

    None: the catalog's audiences do not see the document, or it was removed. Raises StoreError.
    """
    with catalog.snapshot() as snapshot:
        wanted = section_id or citation.section_id
        section = snapshot.sections([wanted]).get(wanted)
        document_id = section.document_id if section else citation.document_id
        versions = {document.version: document for document in snapshot.versions(document_id)}
        live = snapshot.live_version(document_id)
        if live is None or live not in versions:
            return None
        if section is None or not (
            numbers := [n for n in snapshot.versions_with(section.id) if n in versions]
        ):
            return SourcePage(versions[live])
        cited = (number for number in numbers if is_cited(versions[number], citation))
        shown = next(cited, max(numbers))
        ids = snapshot.section_ids(document_id, shown)
        place = ids.index(section.id)
        near = snapshot.sections([*ids[max(place - 1, 0) : place], *ids[place + 1 : place + 2]])
        return SourcePage(
            versions[live],
            versions[shown],
            section,
            before=near.get(ids[place - 1]) if place else None,
            after=near.get(ids[place + 1]) if place + 1 < len(ids) else None,
            still_there=live in numbers,
        )


def is_cited(document: Document, citation: Citation) -> bool:
    """Whether this is the version of the document that was cited."""
    return (document.version, document.content_hash) == (citation.version, citation.digest)


def find_quote(section: Section, quote: str) -> tuple[str, int, int]:
    """Return a text of the section with the start and the end of `quote` in it; both 0 if it is nowhere.

    The quote is verbatim from the raw text, whose white space may differ from that of the displayed text. If the
    displayed text does not contain it, the raw text is returned.
    """
    words = r"\s+".join(re.escape(word) for word in quote.split())
    for body in (section.text, section.raw):
        found = re.search(words, body) if words else None
        if found:
            return body, found.start(), found.end()
    return section.text, 0, 0
