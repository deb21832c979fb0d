"""Chooses the versions to compare: the last two of a document, else a report and its previous edition.

A report to Council has another symbol each year, so its editions are linked by their title, without the parts that
change every year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from babel.dates import get_month_names

from bot.changes.comparison import Changes, Version, compare
from bot.errors import UnknownDocument
from bot.locales import LANGUAGES
from bot.register.repository import apply_corrections
from store.catalog import Catalog, Snapshot
from store.records import Document, Section
from store.terms import terms

# The parts of a title that differ between editions: symbols, years.
_OF_ONE_EDITION = re.compile(
    r"\b[A-Z][A-Z0-9.]*(?:/[A-Z0-9.()\-]+)+|\b(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)\d\d|\d\d))?\b"
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


def series(document: Document) -> frozenset[str] | None:
    """Return the terms that the titles of all editions share; None for a title that is too short to name a series."""
    locale = document.language if document.language in LANGUAGES else "en"
    months = {term for month in get_month_names(locale=locale).values() for term in terms(month)}
    found = frozenset(terms(_OF_ONE_EDITION.sub(" ", document.title)))
    if found & months:
        found -= months | {term for term in found if term.isdecimal()}
    return found if len(found) >= _LEAST_WORDS else None


def earlier_editions(document: Document, others: Iterable[Document]) -> list[Document]:
    """Return the earlier editions of a document among `others`, in the same language, the latest first."""
    own = series(document)
    if own is None:
        return []
    year, written = _edition_key(document)
    found = [
        other
        for other in others
        if other.language == document.language
        and ((0, date.min) < _edition_key(other) < (year, written))
        and series(other) == own
    ]
    return sorted(found, key=_edition_key, reverse=True)


def _edition_key(document: Document) -> tuple[int, date]:
    """Return the year of an edition (by its title, symbol, date or file name; 0 if unknown) and its date."""
    council = _COUNCIL_YEAR.match(document.symbol or "")
    stated = document.date if document.found.get("date") != "properties" else None
    in_title, in_source = (_YEAR.findall(text) for text in (document.title, document.source))
    years = (
        in_title[0] if len(set(in_title)) == 1 else None,
        council and f"20{council[1]}",
        stated and stated.year,
        *in_source[-1:],
        document.date and document.date.year,
    )
    return int(next(filter(None, years), 0)), document.date or date.min


def _is_successor(before: Sequence[Section], after: Sequence[Section], matched: int) -> bool:
    """Whether documents of one title, with `matched` paragraphs in common, are editions of one report."""
    if matched >= _LEAST_PARAGRAPHS * min(len(before), len(after)):
        return True
    old, new = ({" ".join(terms(s.heading)) for s in some} - {""} for some in (before, after))
    return bool(old and new) and len(old & new) >= _LEAST_HEADINGS * min(len(old), len(new))


def _last_change(snapshot: Snapshot, after: Document, documents: Sequence[Document]) -> Changes:
    """Return the changes from the previous version, else from the previous edition; without both, no `before`."""
    found = Changes(None, after)
    earlier = [d for d in snapshot.versions(after.id) if d.version < after.version]
    editions = earlier_editions(after, documents)
    if not (earlier or editions):
        return found

    new = _read_version(snapshot, after)
    if earlier:
        found = compare(_read_version(snapshot, earlier[-1]), new)
        if found:
            return found
    for before in editions:
        old = _read_version(snapshot, before)
        changes = compare(old, new)
        if _is_successor(old.sections, new.sections, changes.matched):
            return changes
    return found


def _recency(document: Document) -> tuple[bool, float, str]:
    ingested = document.ingested_at.timestamp() if document.ingested_at else 0.0
    return document.version > 1, ingested, document.source


def _read_version(snapshot: Snapshot, document: Document) -> Version:
    sections = snapshot.sections_of(document.id, document.version)
    events = snapshot.events_of(document.id, document.version)
    by_id = {section.id: section for section in sections}
    return Version(document, sections, apply_corrections(events, by_id, snapshot.corrections()))
