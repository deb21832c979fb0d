"""Whether what is said to be in a place is there in the paragraph, and from whom to whom something passes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.bindings import belongs_elsewhere, spot
from bot.dates_agreement import matching
from bot.vocabulary import verbs_like
from bot.wording import MONTHS
from ingest.dates import DateExpression

_PLACE = re.compile(
    rf"\b(?:in|at)\s(?!(?:{'|'.join(MONTHS)})\b)(?P<name>[A-ZÀ-Þ][\w’'-]+(?:\s(?:and\s)?[A-ZÀ-Þ][\w’'-]+)*)\b(?!\s(?:19|20)\d\d)"
)
_CLAUSE_END = re.compile(r"[,;:]\s|\.(?:\s|$)|\s(?:and|but|while|whereas)\s")
_FROM_TO = re.compile(r"\bfrom\s(?:the\s)?(?P<one>[A-ZÀ-Þ][\w-]*)\sto\s(?:the\s)?(?P<other>[A-ZÀ-Þ][\w-]*)")
# Characters between two names that are one place: "at Palexpo, Geneva".
_BESIDE = 4


def place_of_another(
    text: str, dates: Collection[DateExpression], there: str, there_dates: Collection[DateExpression]
) -> str | None:
    """Return the place that is another thing's there: "PP-22 in Bucharest and WTDC-22 in Kigali", exchanged."""
    spots = [
        (m, spot(there, m.span(), [p.span() for p in _PLACE.finditer(there)])) for m in _PLACE.finditer(there)
    ]
    mine = [m.span() for m in _PLACE.finditer(text)]
    for match in _PLACE.finditer(text):
        near = [m.span() for m in re.finditer(rf"\b{re.escape(match['name'])}\b", there)]
        others = [
            around
            for place, around in spots
            if place["name"] != match["name"]
            and not any(abs(a - place.end()) < _BESIDE or abs(place.start() - b) < _BESIDE for a, b in near)
        ]
        own = [spot(there, span, [p.span() for p, _ in spots]) for span in near]
        if belongs_elsewhere(spot(text, match.span(), mine), own, others, verbs_like):
            return f"“{match['name']}” belongs to something else there"
    return _at_another_time(text, dates, there, there_dates)


def turned_round(text: str, there: str) -> str | None:
    """Return from whom to whom something passes the other way there."""
    ways = {(m["one"], m["other"]) for m in _FROM_TO.finditer(there)}
    for match in _FROM_TO.finditer(text):
        way = (match["one"], match["other"])
        if way not in ways and way[::-1] in ways:
            return "it goes the other way there"
    return None


def _at_another_time(
    text: str, dates: Collection[DateExpression], there: str, there_dates: Collection[DateExpression]
) -> str | None:
    """Return the place of which a clause gives a date that the paragraph gives of another place."""
    clauses = list(_clauses(there))
    for start, end in _clauses(text):
        places = [m["name"] for m in _PLACE.finditer(text, start, end)]
        told = [d for d in dates if start <= d.span[0] < end]
        if len(places) != 1 or len(told) != 1:
            continue
        here, elsewhere = False, False
        other_date = False
        for a, b in clauses:
            names = [m["name"] for m in _PLACE.finditer(there, a, b)]
            found = [matching(told[0], d) for d in there_dates if a <= d.span[0] < b]
            if places[0] in there[a:b]:
                here = here or any(found)
                other_date = other_date or bool(found)
            elif names and any(found):
                elsewhere = True
        if elsewhere and other_date and not here:
            return f"“{places[0]}” has another date there"
    return None


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _CLAUSE_END.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)
