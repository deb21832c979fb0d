"""Which document is the edition before another in a series of reports. Pure.

A report to Council has a symbol of its own each year, so that no version of it links it with last year's: only its
title does, without what changes every year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from bot.register.date_format import MONTHS
from store.records import Document, Section
from store.terms import terms

_MONTHS = "|".join(MONTHS)
_ORDINAL = (
    r"(?:\d{1,3}(?:st|nd|rd|th)|(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty-)?"
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|\w+tieth))"
)
# What differs between the titles of two editions: symbols, days, years, and the count of an edition.
_OF_ONE_EDITION = re.compile(
    rf"\b[A-Z][A-Z0-9.]*(?:/[A-Z0-9.()\-]+)+|\b(?:\d{{1,2}}\s+)?(?i:{_MONTHS})\s+(?=(?:19|20)\d\d)"
    rf"|\b(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)\d\d|\d\d))?\b"
    rf"|\b(?i:{_ORDINAL}\s+(?:annual\s+)?(?=edition|report|session|meeting|issue))"
    rf"|\b(?i:(?:edition|revision|version|rev\.|issue)\s*(?:no\.?\s*)?\d+)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_COUNCIL_YEAR = re.compile(r"C(\d\d)/")
# A title of one word ("Agenda") names a kind of paper, no series.
_LEAST_WORDS = 2
# Of the paragraphs, or of the headings, of the shorter one so much has a counterpart: "Report by the Secretary-General"
# is the title of many papers that have nothing in common.
_SHARED_PARAGRAPHS = 0.15
_SHARED_HEADINGS = 0.5


def series(title: str) -> frozenset[str] | None:
    """Return what the titles of all editions have in common; None where a title is too short to tell."""
    found = frozenset(terms(_OF_ONE_EDITION.sub(" ", title)))
    return found if len(found) >= _LEAST_WORDS else None


def editions_before(document: Document, others: Iterable[Document]) -> list[Document]:
    """Return the earlier editions among `others`, in the same language, the latest first."""
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
    return sorted(found, key=lambda other: (year_of(other) or 0, other.date or date.min), reverse=True)


def is_successor(before: Sequence[Section], after: Sequence[Section], matched: int) -> bool:
    """Whether two papers of one title are editions of one report; `matched` paragraphs of theirs correspond."""
    if matched >= _SHARED_PARAGRAPHS * min(len(before), len(after)):
        return True
    old, new = ({" ".join(terms(s.heading)) for s in some} - {""} for some in (before, after))
    return bool(old and new) and len(old & new) >= _SHARED_HEADINGS * min(len(old), len(new))


def year_of(document: Document) -> int | None:
    """Return the year of an edition, as its title, its symbol, its date or its file's name gives it."""
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


def _is_earlier(one: Document, other: Document) -> bool:
    first, second = year_of(one), year_of(other)
    if first is not None and second is not None and first != second:
        return first < second
    return one.date is not None and other.date is not None and one.date < other.date
