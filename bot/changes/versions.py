"""Chooses the versions to compare: the last two of a document, else a report and its previous edition.

A report to Council has another symbol each year, so its editions are linked by their title, without the parts that
change every year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from bot.changes.comparison import Changes, Version, compare
from bot.errors import UnknownDocument
from bot.question.lexicon import MONTHS, ORDINALS
from bot.register.repository import apply_corrections
from store.catalog import Catalog, Snapshot
from store.records import Document, Section
from store.terms import terms

_MONTHS = "|".join(MONTHS)
_ORDINAL = (
    r"(?:\d{1,3}(?:st|nd|rd|th)|(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty-)?"
    rf"(?:{'|'.join(ORDINALS)}|\w+teenth|\w+tieth))"
)
# The parts of a title that differ between editions: symbols, days, years, the number of the edition.
_OF_ONE_EDITION = re.compile(
    rf"\b[A-Z][A-Z0-9.]*(?:/[A-Z0-9.()\-]+)+|\b(?:\d{{1,2}}\s+)?(?i:{_MONTHS})\s+(?=(?:19|20)\d\d)"
    rf"|\b(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)\d\d|\d\d))?\b"
    rf"|\b(?i:{_ORDINAL}\s+(?:annual\s+)?(?=edition|report|session|meeting|issue))"
    rf"|\b(?i:(?:edition|revision|version|rev\.|issue)\s*(?:no\.?\s*)?\d+)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_COUNCIL_YEAR = re.compile(r"C(\d\d)/")
# A title of one word ("Agenda") names a kind of document, not a series.
_LEAST_WORDS = 2
# Least shares of the shorter edition's paragraphs, or headings, with a counterpart: many unrelated documents are called
# "Report by the Secretary-General".
_LEAST_PARAGRAPHS = 0.15
_LEAST_HEADINGS = 0.5


def read_changes(catalog: Catalog, name: str | None = None) -> Changes:
    """Return the last changes of the document with this source name, symbol or id.

    Without an earlier version, or with an equal one, the document is compared with its previous edition: the document
    of the same title of an earlier year. Without a name, it is the document that changed last; if none changed, the
    last one ingested that has an earlier edition, or just the last one. Raises UnknownDocument, NoStore.
    """
    with catalog.snapshot() as snapshot:
        documents = snapshot.documents()
        chosen = [d for d in documents if name is None or name in (d.source, d.symbol, d.id)]
        if not chosen:
            raise UnknownDocument(name or "")
        for after in sorted(chosen, key=_recency, reverse=True):
            found = _last_change(snapshot, after, documents)
            if found.before is not None:
                return found
        return Changes(None, max(chosen, key=_recency))


def series(title: str) -> frozenset[str] | None:
    """Return the terms that the titles of all editions share; None for a title that is too short to name a series."""
    found = frozenset(terms(_OF_ONE_EDITION.sub(" ", title)))
    return found if len(found) >= _LEAST_WORDS else None


def earlier_editions(document: Document, others: Iterable[Document]) -> list[Document]:
    """Return the earlier editions of a document among `others`, in the same language, the latest first."""
    own = series(document.title)
    if own is None:
        return []
    found = [
        other
        for other in others
        if other.id != document.id
        and other.language == document.language
        and _is_earlier(other, document)
        and series(other.title) == own
    ]
    return sorted(found, key=lambda other: (_year_of(other) or 0, other.date or date.min), reverse=True)


def _is_successor(before: Sequence[Section], after: Sequence[Section], matched: int) -> bool:
    """Whether documents of one title, with `matched` paragraphs in common, are editions of one report."""
    if matched >= _LEAST_PARAGRAPHS * min(len(before), len(after)):
        return True
    old, new = ({" ".join(terms(s.heading)) for s in some} - {""} for some in (before, after))
    return bool(old and new) and len(old & new) >= _LEAST_HEADINGS * min(len(old), len(new))


def _year_of(document: Document) -> int | None:
    """Return the year of an edition from its title, symbol, date or file name."""
    if (named := _YEAR.findall(document.title)) and len(set(named)) == 1:
        return int(named[0])
    if document.symbol and (council := _COUNCIL_YEAR.match(document.symbol)):
        return 2000 + int(council[1])
    if document.date and document.found.get("date") != "properties":
        return document.date.year
    named = _YEAR.findall(document.source)
    if named:
        return int(named[-1])
    return document.date.year if document.date else None


def _last_change(snapshot: Snapshot, after: Document, documents: Sequence[Document]) -> Changes:
    """Return the changes from the previous version, else from the previous edition; without both, no `before`."""
    earlier = [d for d in snapshot.versions(after.id) if d.version < after.version]
    versions = compare(_version(snapshot, earlier[-1]), _version(snapshot, after)) if earlier else None
    if versions:
        return versions
    for before in earlier_editions(after, documents):
        old, new = _version(snapshot, before), _version(snapshot, after)
        found = compare(old, new)
        if _is_successor(old.sections, new.sections, found.matched):
            return found
    return Changes(None, after) if versions is None else versions


def _recency(document: Document) -> tuple[bool, float, str]:
    ingested = document.ingested_at.timestamp() if document.ingested_at else 0.0
    return document.version > 1, ingested, document.source


def _version(snapshot: Snapshot, document: Document) -> Version:
    sections = snapshot.sections_of(document.id, document.version)
    events = snapshot.events_of(document.id, document.version)
    by_id = {section.id: section for section in sections}
    return Version(document, sections, apply_corrections(events, by_id, snapshot.corrections()))


def _is_earlier(document: Document, other: Document) -> bool:
    first, second = _year_of(document), _year_of(other)
    if first is not None and second is not None and first != second:
        return first < second
    return document.date is not None and other.date is not None and document.date < other.date
