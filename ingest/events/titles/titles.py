"""Titles of dated events: from the row and column, the list item, the label, the heading or the clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.events.locations import is_location, location_line, split_location
from ingest.events.structure import Piece
from ingest.events.titles.clauses import of_clause
from ingest.events.titles.topics import EventTitle, Topics
from ingest.events.titles.trimming import joined, names_something, plain, says_nothing, shortened
from ingest.events.titles.words import DUE, LIMIT, PUBLICATION, STEP, is_gathering, singular

Span = tuple[int, int]

_PLACE_COLUMN = re.compile(r"(?:places?|venues?|locations?|city|where|host|country)\b", re.I)
# A cell without a match is a number or a code, which identifies the row but is no title.
_SAYS = re.compile(r"[^\W\d_]{3}|[A-Z]{2}|[A-Z]+ \d")
_DATE_WORD = re.compile(r"(?i)\b(?:key |important )?(?:dates?|when|time|period|days?)\b.*")
_CONNECTS = re.compile(r"(?:and|or|to|now|then|until|from|\W)*", re.I)
_NO_PLACE = (LIMIT, DUE, STEP, PUBLICATION)
# Shorter titles without a name ("Option 1") get their heading in front.
_SHORT_TITLE_WORDS = 5


def title_of(text: str, piece: Piece, span: Span, others: Sequence[Span], topics: Topics) -> EventTitle:
    """Return the title of the event dated at `span` of the text; `others` are the piece's other dates, in order."""
    if piece.form == "row":
        named = _of_row(text, piece, span, others, topics)
    elif piece.form == "line":
        named = _of_line(text, (piece.start, piece.end), span, others, piece.lines_above, topics)
    else:
        named = of_clause(text, piece, span, others, topics)
    if len(named.title.split()) <= _SHORT_TITLE_WORDS and not names_something(named.title):
        title = shortened(joined(topics.context(piece.lines_above), named.title))
        return replace(named, title=title or topics.document)
    return named


def _of_row(text: str, piece: Piece, span: Span, others: Sequence[Span], topics: Topics) -> EventTitle:
    own = next((c for c in piece.cells if c.start <= span[0] < c.end), None)
    subject, place = "", None
    for cell in piece.cells:
        words = text[cell.start : cell.end].strip()
        dated = cell is own or any(cell.start <= first < cell.end for first, _ in others)
        if _PLACE_COLUMN.match(cell.label):
            place = words if is_location(words) else None
        elif not subject and not dated and _SAYS.search(words) and not says_nothing(words):
            subject = words
    label = "" if own is None or says_nothing(own.label) else own.label
    if own is not None:
        inside = [s for s in others if own.start <= s[0] < own.end]
        within = _of_line(text, (own.start, own.end), span, inside, (), topics)
        said = within.title.casefold() != topics.document.casefold() and not is_location(within.title)
        if said and (not subject or len(within.title.split()) >= 3):
            subject = joined(subject, within.title) if len(subject) < 60 else within.title
        place = within.place or place
    if not subject:
        return EventTitle(shortened(joined(topics.subject(piece.lines_above), label)), place)
    tidy, trailing = split_location(subject)
    return EventTitle(shortened(joined(tidy, label)), place or trailing, _gathers(tidy))


def _of_line(
    text: str, whole: Span, span: Span, others: Sequence[Span], above: Sequence[str], topics: Topics
) -> EventTitle:
    """Return the title of a date in a line such as "DATE: what", "what: DATE", "City (DATE), city (DATE)"."""
    start, end = whole
    venue = location_line(text[start:end], span[0] - start, span[1] - start)
    if venue is not None and not any(pattern.search(venue) for pattern in _NO_PLACE):
        # "Geneva, 1 June 2025" below the name of one gathering is its place.
        subject = above[0] if above else topics.document
        if any(
            is_gathering(word) and word.casefold() == singular(word.casefold()) for word in subject.split()
        ):
            return EventTitle(shortened(subject), venue, True)
    before = max([stop for _, stop in others if start <= stop <= span[0]], default=start)
    after = min([first for first, _ in others if first >= span[1]], default=end)
    first = min([first for first, _ in others], default=span[0])
    opening = plain(text[start : min(first, span[0])])
    left = plain(text[before : span[0]])
    if opening:
        what = left if before > start and left and not _CONNECTS.fullmatch(left) else opening
    else:
        what = plain(text[span[1] : after]) or plain(text[span[1] : end])
    if says_nothing(what):
        title = shortened(joined(topics.subject(above), _DATE_WORD.sub("", what).strip(" :")))
        return EventTitle(title, None, _gathers(title))
    head, _, city = what.rpartition(": ")
    if is_location(city) and text[span[1] : span[1] + 1] == ")":
        # As in "Seminars: Bucharest (18-20 April), Algiers (16-18 May)".
        beyond = head or opening.rpartition(": ")[0] or topics.subject(above)
        return EventTitle(shortened(f"{beyond}, {city}" if beyond else city), city, True)
    tidy, place = split_location(what)
    if (bare := topics.resolved(tidy)) is not None:
        return EventTitle(bare or topics.subject(above), place, True)
    return EventTitle(shortened(tidy), place, _gathers(tidy))


def _gathers(title: str) -> bool:
    return any(map(is_gathering, title.split()))
