"""Who holds which office: "co-chair for ITU", "former co-facilitators for the Compact"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from store.terms import STOP_WORDS, stem, words

_OFFICE = (
    r"(?:co-?|vice-?)?(?:facilitator|chair|chairman|chairwoman|chairperson|lead|leader|coordinator|director|head|president"
    r"|secretariat|host|minister|ambassador|rapporteur|envoy|moderator|organi[sz]er|focal point"
    r"|knowledge partner|representative)s?"
)
_HELD = re.compile(
    rf"\b(?P<office>{_OFFICE})\s+(?:for|of|to|on)\s+(?:the\s+)?(?P<of>[A-Z0-9][\w-]*(?:\s+(?:(?:of|the|for|on|and)\s+){{0,2}}[A-Z][\w-]*)*)",
    re.I,
)
_NAME = re.compile(r"\b[A-ZÀ-Þ][\wÀ-ÿ-]+(?:\s[A-ZÀ-Þ][\wÀ-ÿ-]+)*")
_BOUNDARY = re.compile(r"[.;](?=\s|$)")
_FORMER = re.compile(r"\b(?:former|previous|outgoing|ex-\w+|predecessor)\b", re.I)
_CURRENT = re.compile(r"\b(?:current|present|new|newly|incumbent|now)\b", re.I)
_REACH = 80


@dataclass(frozen=True, slots=True)
class _Held:
    office: str
    of: frozenset[str]
    span: tuple[int, int]


def held_office(sentence: str, there: str, forms: Mapping[str, Collection[str]]) -> str | None:
    """Return what the sentence gets wrong of offices in the paragraph: whose they are, or who held them before."""
    return _of_another(sentence, there, forms) or _tenure(sentence, there)


def _offices(text: str) -> list[_Held]:
    found = []
    for match in _HELD.finditer(text):
        if not match["of"][0].isupper():
            continue
        office = re.sub(r"^(co|vice)-?", r"\1", stem(words(match["office"])[-1]))
        found.append(_Held(office, frozenset(stem(w) for w in words(match["of"])), match.span()))
    return found


def _of_another(sentence: str, there: str, forms: Mapping[str, Collection[str]]) -> str | None:
    known = _offices(there)
    for said in _offices(sentence):
        offices = [held for held in known if held.office == said.office]
        holders = [m for m in _NAME.finditer(sentence) if not _overlap(m.span(), said.span)]
        mine = [held for held in offices if _same(held.of, said.of, forms)]
        if not mine or len(mine) == len(offices):
            continue
        for holder in holders:
            stems = frozenset(stem(w) for w in words(holder.group()))
            if holder.group().casefold() in STOP_WORDS or _same(stems, said.of, forms):
                continue
            places = [m.span() for m in _NAME.finditer(there) if stems <= {stem(w) for w in words(m.group())}]
            if not places:
                continue
            near = [_nearest(place, offices, there) for place in places]
            linked = [held for held in near if held is not None]
            if linked and not any(held in mine for held in linked):
                return f"“{holder.group()}” holds that office of something else there"
    return None


def _nearest(place: tuple[int, int], offices: Sequence[_Held], text: str) -> _Held | None:
    """Return the office that a name stands beside in its sentence."""
    best: tuple[int, _Held] | None = None
    for held in offices:
        gap = max(held.span[0] - place[1], place[0] - held.span[1], 0)
        between = text[min(place[1], held.span[1]) : max(place[0], held.span[0])]
        if _overlap(place, held.span):
            return held  # "the co-facilitators of Sweden": what of is not said
        if _BOUNDARY.search(between) or gap > 3 * _REACH:
            continue
        if best is None or gap < best[0]:
            best = (gap, held)
    return best[1] if best else None


def _same(one: frozenset[str], other: frozenset[str], forms: Mapping[str, Collection[str]]) -> bool:
    if one <= other or other <= one:
        return True
    for short, long in ((one, other), (other, one)):
        for word in short:
            for form in forms.get(word, ()):
                stems = {stem(w) for w in words(form)}
                if len(stems & long) >= max(1, len(stems) - 1):
                    return True
    return False


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _tenure(sentence: str, there: str) -> str | None:
    """Return which name is called former, or current, against the paragraph."""
    if not _FORMER.search(there):
        return None
    for clause in re.split(r"[,;]\s+(?:and\s+|while\s+|but\s+)?(?=[A-Z])|\bwhile\b|\bwhereas\b", sentence):
        former, current = _FORMER.search(clause), _CURRENT.search(clause)
        if not re.search(rf"\b{_OFFICE}\b|\bones?\b", clause, re.I) or bool(former) == bool(current):
            continue
        for match in _NAME.finditer(clause):
            if match.group().casefold() in STOP_WORDS:
                continue
            places = list(re.finditer(rf"\b{re.escape(match.group())}\b", there))
            called = [_called_former(there, place.start()) for place in places]
            if former and called and not any(called):
                return f"“{match.group()}” is not called former there"
            if current and called and all(called):
                return f"“{match.group()}” is called former there"
    return None


def _called_former(text: str, start: int) -> bool:
    before = text[max(0, start - 2 * _REACH) : start]
    cues = list(_FORMER.finditer(before))
    return bool(cues) and _BOUNDARY.search(before[cues[-1].end() :]) is None
