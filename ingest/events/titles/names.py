"""Finds the names of gatherings in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.events.titles.words import DETERMINERS, is_gathering, singular

_WORD = re.compile(r"[^\W_](?:[\w&@+/’'.-]*[^\W_])?|[^\w\s]")
_ACRONYM = re.compile(r"[A-Z][A-Za-z]*[A-Z0-9][\w&/.+-]*$")
_ORDINAL = re.compile(
    r"first|second|third|fifth|ninth|twelfth|[a-z-]+th|[a-z]+ieth|[a-z]+-(?:first|second|third)"
)
# Words that are no part of a name and do not describe a noun.
_STOP = DETERMINERS | frozenset(
    """my all both no such in at by from to with within during before after until till under over into onto through via
    between among against towards since as about than per and or but if then when where while which who whom whose
    because although however also not is are was were be been being has have had will shall would could may might must
    can should do does did it they we he she you there here following held scheduled planned upcoming next last
    previous takes took take opens closes begins starts ends meets met""".split()
)
_LINKS = frozenset("of for on and the in & de des du la to".split())
_LONGEST = 14


@dataclass(frozen=True, slots=True)
class GatheringName:
    """The name of a gathering at `start` to `end` of a text; `noun` is its head, `proper`: it is a proper name."""

    text: str
    start: int
    end: int
    noun: str
    proper: bool


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    fold: str
    start: int
    end: int

    @property
    def named(self) -> bool:
        return self.text[0].isupper() or self.text[0].isdigit()


def gatherings(text: str) -> list[GatheringName]:
    """Return the gatherings that `text` names, in order: "Summit of the Future", "an expert group meeting"."""
    places = list(_WORD.finditer(text))
    if not any(is_gathering(place.group()) for place in places):
        return []
    words = [_Word(m.group(), m.group().casefold(), m.start(), m.end()) for m in places]
    found: list[GatheringName] = []
    k = 0
    while k < len(words):
        if not is_gathering(words[k].text):
            k += 1
            continue
        while k + 1 < len(words) and is_gathering(words[k + 1].text) and words[k + 1].text[0].islower():
            k += 1  # "the session meeting": the last noun is the head
        first, stop = _name_start(words, k), _name_end(words, k)
        inside = words[first:stop]
        proper = any(w.named for w in inside[1:]) or (bool(inside) and bool(_ACRONYM.match(inside[0].text)))
        name = _trimmed(text[words[first].start : words[stop - 1].end])
        noun = singular(words[k].fold)
        if name:
            found.append(GatheringName(name, words[first].start, words[stop - 1].end, noun, proper))
        k = max(stop, k + 1)
    return found


def _name_start(words: Sequence[_Word], head: int) -> int:
    i = head
    while i > 0 and head - i < _LONGEST:
        word = words[i - 1]
        if word.text == ")":
            opener = next((j for j in range(i - 2, max(i - 7, -1), -1) if words[j].text == "("), None)
            if opener is None or opener == 0:
                break
            i = opener
            continue
        if word.text in "–-" and i > 1 and words[i - 2].named and words[i].named:
            i -= 1
            continue
        if word.fold in _LINKS and word.fold not in ("to", "in", "the") and i > 1:
            if not (words[i].named and _belongs(words, i - 2, word.fold)):
                break
            i -= 2
            continue
        if word.fold == "the" and i > 2 and words[i - 2].fold in ("of", "on", "for"):
            if not _belongs(words, i - 3, words[i - 2].fold):
                break
            i -= 3
            continue
        if word.text == "," and _in_list(words, i - 1):
            i -= 1
            continue
        if (
            word.fold in _STOP
            or not word.text[-1].isalnum()
            or (words[i].named and not word.named and not _ORDINAL.fullmatch(word.fold))
        ):
            break
        i -= 1
    return i


def _belongs(words: Sequence[_Word], k: int, link: str) -> bool:
    """Return whether the word before a link is part of the name: "Council Working Group on", not "Preparations for"."""
    if is_gathering(words[k].text) or _ACRONYM.match(words[k].text):
        return True
    return words[k].named and (link in ("of", "and", "&") or k > 0) and link != "for"


def _in_list(words: Sequence[_Word], comma: int) -> bool:
    """Return whether the comma is part of a name: "Science, Technology and Innovation Forum"."""
    if comma == 0 or not words[comma - 1].named or not words[comma + 1].named:
        return False
    return any(words[k].fold in ("and", "&") for k in range(comma + 2, min(comma + 4, len(words))))


def _name_end(words: Sequence[_Word], head: int) -> int:
    i = head + 1
    while i < len(words) and i - head < _LONGEST:
        word = words[i]
        if word.text == "(":
            close = next((j for j in range(i + 1, min(i + 8, len(words))) if words[j].text == ")"), None)
            if close is None or not all(_ACRONYM.match(w.text) for w in words[i + 1 : close]):
                break
            i = close + 1
            continue
        if word.text in '“"«' and i > head + 1:
            close = next((j for j in range(i + 1, min(i + 16, len(words))) if words[j].text in '”"»'), None)
            if close is None:
                break
            i = close + 1
            continue
        if word.fold in ("of", "on", "for", "with", "about", "to", "among", "between") and i == head + 1:
            i += 1
            if i < len(words) and words[i].fold in DETERMINERS:
                i += 1
            continue
        if word.fold in _LINKS - {"in", "to"} and i + 1 < len(words):
            following = words[i + 1 + (words[i + 1].fold == "the")] if i + 2 < len(words) else words[i + 1]
            if following.named or (word.fold in ("of", "and") and not words[i - 1].named):
                i += 1 + (words[i + 1].fold == "the" and i + 2 < len(words))
                continue
            break
        if word.fold in _STOP or not word.text[-1].isalnum():
            break
        if i == head + 1 and not (word.named or is_gathering(word.text)):
            break
        if words[i - 1].named and not word.named:
            break
        i += 1
    while i > head + 1 and (
        words[i - 1].fold in _LINKS
        or words[i - 1].fold in _STOP
        or words[i - 1].fold in ("with", "about", "among", "between")
    ):
        i -= 1
    return i


def _trimmed(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" ,;:–-")
    return text[:1].upper() + text[1:]


def proper_names(text: str) -> Iterator[str]:
    """Yield the proper names of gatherings in `text`, in order."""
    for name in gatherings(text):
        if name.proper:
            yield name.text
