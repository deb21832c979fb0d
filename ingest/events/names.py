"""Finds the names of gatherings, and the places where they are held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.dates.words import GATHERINGS, MONTHS
from ingest.events.words import DETERMINERS, is_gathering, singular

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
# After the noun of a gathering, these introduce what it is about.
_BEFORE_TOPIC = frozenset(["of", "on", "for", "with", "about", "to", "among", "between"])
_NEVER_LAST = _LINKS | _STOP
# Words before the noun, or after it.
_NAME_WORDS = 14


@dataclass(frozen=True, slots=True)
class GatheringName:
    """The name of a gathering at `start` to `end` of a text; `noun` is its main noun; `proper`: it is a proper name."""

    text: str
    start: int
    end: int
    noun: str
    proper: bool


@dataclass(frozen=True, slots=True)
class _NameWord:
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
    words = [_NameWord(m.group(), m.group().casefold(), m.start(), m.end()) for m in places]
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


def _name_start(words: Sequence[_NameWord], head: int) -> int:
    """Return the place of the first word of the name whose noun is at `head`."""
    start = head
    while start > 0 and head - start < _NAME_WORDS:
        before = _extended_left(words, start)
        if before is None:
            break
        start = before
    return start


def _extended_left(words: Sequence[_NameWord], start: int) -> int | None:
    """Return where a name begins with the word before `start`, or with more; None if these are not part of it."""
    word, named = words[start - 1], words[start].named
    if word.fold in _LINKS and word.fold not in ("to", "in", "the") and start > 1:
        return start - 2 if named and _belongs(words, start - 2, word.fold) else None
    if word.fold == "the" and start > 2 and words[start - 2].fold in ("of", "on", "for"):
        return start - 3 if _belongs(words, start - 3, words[start - 2].fold) else None
    if word.fold in _STOP or not word.text[-1].isalnum():
        return None
    # Before a capitalised word, only an ordinal may be in lower case: "third World Summit".
    if named and not word.named and not _ORDINAL.fullmatch(word.fold):
        return None
    return start - 1


def _belongs(words: Sequence[_NameWord], k: int, link: str) -> bool:
    """Whether the word before a link is part of the name: "Council Working Group on", not "Preparations for"."""
    if is_gathering(words[k].text) or _ACRONYM.match(words[k].text):
        return True
    return words[k].named and (link in ("of", "and", "&") or k > 0) and link != "for"


def _name_end(words: Sequence[_NameWord], head: int) -> int:
    """Return the place after the last word of the name whose noun is at `head`."""
    end = head + 1
    while end < len(words) and end - head < _NAME_WORDS:
        after = _extended_right(words, end, head)
        if after is None:
            break
        end = after
    while end > head + 1 and words[end - 1].fold in _NEVER_LAST:
        end -= 1
    return end


def _extended_right(words: Sequence[_NameWord], end: int, head: int) -> int | None:
    """Return where a name ends that has the word at `end` too, or more; None if these are not part of it."""
    word, follows_noun = words[end], end == head + 1
    if word.text == "(":
        close = next((k for k in range(end + 1, min(end + 8, len(words))) if words[k].text == ")"), None)
        if close is None or not all(_ACRONYM.match(w.text) for w in words[end + 1 : close]):
            return None
        return close + 1
    if word.text in '“"«' and not follows_noun:
        close = next((k for k in range(end + 1, min(end + 16, len(words))) if words[k].text in '”"»'), None)
        return None if close is None else close + 1
    if word.fold in _BEFORE_TOPIC and follows_noun:
        return end + 1 + (end + 1 < len(words) and words[end + 1].fold in DETERMINERS)
    if word.fold in _LINKS - {"in", "to"} and end + 1 < len(words):
        following = _skip_the(words, end + 1)
        linked = words[following].named or (word.fold in ("of", "and") and not words[end - 1].named)
        return following if linked else None
    if word.fold in _STOP or not word.text[-1].isalnum():
        return None
    if follows_noun and not (word.named or is_gathering(word.text)):
        return None
    return None if words[end - 1].named and not word.named else end + 1


def _skip_the(words: Sequence[_NameWord], k: int) -> int:
    """Return the place of the word at `k`, or of the next one if that is "the"."""
    return k + (words[k].fold == "the" and k + 1 < len(words))


def _trimmed(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" ,;:–-")
    return text[:1].upper() + text[1:]


def proper_names(text: str) -> Iterator[str]:
    """Yield the proper names of gatherings in `text`, in order."""
    for name in gatherings(text):
        if name.proper:
            yield name.text


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
    """Whether the whole text is the name of a place."""
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
