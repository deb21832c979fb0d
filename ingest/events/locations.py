"""Finds the location of an event in its sentence or title."""

from __future__ import annotations

import re

from ingest.dates.text.words import GATHERINGS, MONTHS
from ingest.events.words import singular

_NAME = r"(?:[A-Z][\w’'.-]*[\w]|UN|USA|UK|UAE)"
_PLACE = rf"(?:the )?{_NAME}(?:(?: |, (?=[A-Z])| (?:and|of|the|des|de|du|da|in) (?=[A-Z])){_NAME}){{0,6}}"
_AFTER = re.compile(rf"^[,\s(]*(?:\d\d:\d\d[^,]{{0,20}},? )?(?:(?:to be |and )?held |at |in )+({_PLACE})")
_BEFORE = re.compile(
    rf"\b(?:in|at)\s+({_PLACE})[,\s]*+(?:\(?(?:from|on|in|for|between|of|by|,|the"
    rf"|take place|is|was|scheduled|held|to be|\s)*+)$"
)
_BRACKET = re.compile(rf"\(({_PLACE}),\s*$")
_LISTED = re.compile(rf"[\w)”],\s+({_PLACE}),\s*$")
_BARE = re.compile(rf"^,\s+({_PLACE})\s*(?:[.);]|$)")
_LINE = re.compile(rf"^\s*({_PLACE}),?\s*$")
_PLACE_AND = re.compile(rf"^\s*({_PLACE}),\s*$")
_ONLINE = re.compile(r"(?:online|virtual(?:ly)?|hybrid|remote(?:ly)?|place to be|to be|tbc|tbd)\b", re.I)
_NO_PLACE = frozenset(MONTHS) | frozenset(
    """
    q1 q2 q3 q4
    council unga member states secretary general itu wsis response accordance addition line resolution
    decision annex
    """.split()
)


def location_line(sentence: str, begin: int, stop: int) -> str | None:
    """Return the place of a `sentence` that consists of a place and the date: "Geneva, 17-27 June 2025"."""
    match = _PLACE_AND.match(sentence[:begin])
    return _clean(match[1]) if match and not sentence[stop:].strip(" .") else None


def location_of(sentence: str, begin: int, stop: int) -> str | None:
    """Return the place next to the date at `sentence[begin:stop]`: "Kigali, Rwanda"."""
    for match in (
        _BRACKET.search(sentence[:begin]),
        _BEFORE.search(sentence[:begin]),
        _LISTED.search(sentence[:begin]),
        _AFTER.match(sentence[stop:]),
        _BARE.match(sentence[stop:]),
    ):
        if match and (place := _clean(match[1])):
            return place
    return None


def _clean(text: str) -> str | None:
    text = text.removeprefix("the ").strip(" ,.")
    text = re.sub(r"\bUN Headquarters in ", "UN Headquarters, ", text)
    words = re.findall(r"[\w’'-]+", text)
    if not words or any(w.casefold() in _NO_PLACE or singular(w.casefold()) in GATHERINGS for w in words):
        return None
    if len(words) == 1 and words[0].isupper() and words[0] not in ("USA", "UK", "UAE"):
        return None
    return text if not any(c.isdigit() for c in text) else None


def is_location(text: str) -> bool:
    """Return whether the whole text is the name of a place."""
    match = _LINE.match(text.strip(" ,.()"))
    return match is not None and len(match[1].split()) <= 5 and _clean(match[1]) is not None


def split_location(title: str) -> tuple[str, str | None]:
    """Return the title without the place that it ends in ("Workshop, Suva, Fiji"), and the place."""
    parts = re.split(r"(?<=[\w)”’]), |(?<=[\w)”’]) \((?=[A-Z])", title)
    place: list[str] = []
    while len(parts) > 1 and (_ONLINE.match(parts[-1]) or is_location(parts[-1].strip(" )"))):
        last = parts.pop().strip(" )")
        if not _ONLINE.match(last):
            place.insert(0, last)
    kept = title[: len(title) if not place else title.find(place[0])].rstrip(" ,(") if place else title
    return (kept, ", ".join(place)) if place and kept else (title, None)
