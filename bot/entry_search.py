"""Finding an event of the register by the words that a question has for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.register import RegisterEntry

# What the field's short names stand for, so that a question's "LLDC" finds a title that spells it out.
# Only what UN and ITU papers write both ways.
_SHORT = {
    "aiab": "advisory body",
    "cop": "conference parties",
    "csw": "commission status women",
    "gdc": "global digital compact",
    "hlpf": "high-level political forum",
    "igf": "internet governance forum",
    "ldc": "least developed countries",
    "lldc": "landlocked",
    "pp": "plenipotentiary",
    "ra": "radiocommunication assembly",
    "sids": "small island",
    "unga": "general assembly",
    "wrc": "world radiocommunication conference",
    "wsis": "world summit information society",
    "wtdc": "world telecommunication development conference",
    "wtsa": "world telecommunication standardization assembly",
}
_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?:19|20|21)\d\d")
_ORDINALS = _WORD.findall("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_EMPTY = frozenset(
    _WORD.findall("a an and are at be for in is it of on or s the this to un united nations with next event")
)

_SORTS = frozenset(
    _WORD.findall("meeting conference event session summit forum gathering consultation date deadline")
)


@dataclass(frozen=True, slots=True)
class _Words:
    title: frozenset[str]
    all: frozenset[str]


def _stem(word: str) -> str:
    word = word.casefold()
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORD.findall(text)) - _EMPTY


def _words(entry: RegisterEntry) -> _Words:
    title = _stems(f"{entry.title} {entry.location or ''}")
    quotes = [entry.quote, *(mention.quote for mention in entry.mentions)]
    return _Words(title, title | _stems(" ".join(quotes)))


def _has(words: frozenset[str], wanted: str) -> bool:
    """Say whether an entry's words hold one word of the question, spelled out or numbered as it may be."""
    if wanted in words:
        return True
    found = re.fullmatch(r"([a-z]+?)s?(\d{1,3})?", wanted)
    if not found:
        return False
    name, number = found[1], found[2]
    spelled = _SHORT.get(name) or _SHORT.get(name + "s")
    if number is not None:
        if any(re.fullmatch(rf"{name}s?\d+", word) for word in words):
            return False  # CSW66 is not CSW68
        ordinals = {_ORDINALS[int(number) - 1]} if 0 < int(number) <= len(_ORDINALS) else set()
        ordinals |= {f"{number}{suffix}" for suffix in ("st", "nd", "rd", "th")} | {number}
        others = {
            word for word in words if word in _ORDINALS or re.fullmatch(r"\d{1,3}(?:st|nd|rd|th)", word)
        }
        if others and not ordinals & words:
            return False
    stands = any(re.fullmatch(rf"{name}s?\d*", word) for word in words)
    return stands or (spelled is not None and all(_stem(part) in words for part in _WORD.findall(spelled)))


def _years(entry: RegisterEntry, words: _Words) -> set[int]:
    dated = {value.year for value in (entry.start, entry.end) if value}
    return dated | {int(word) for word in words.title if _YEAR.fullmatch(word)}


def _initials(title: str) -> str:
    return "".join(word[0] for word in _WORD.findall(title) if word[0].isupper()).casefold()


def is_short_name(word: str) -> bool:
    """Say whether a word is a short name of the field, written small as people type it ("wsis", "lldcs")."""
    name = re.sub(r"\d+$", "", word.casefold())
    return name in _SHORT or name.removesuffix("s") in _SHORT


def about(
    entries: Iterable[RegisterEntry], topic: str, place: str = "", *, titles_only: bool = False
) -> list[RegisterEntry]:
    """Return the entries that a topic names, best first: all its words, in the title before the quotes.

    A year among them is the entry's own, or stands in its words.
    """
    wanted = _stems(topic)
    years = {int(word) for word in wanted if _YEAR.fullmatch(word)}
    wanted = frozenset(word for word in wanted if not _YEAR.fullmatch(word)) or wanted
    # "the LLDC meeting" is the one that its paper calls a conference; "the WSIS Forum" is no other WSIS event.
    names = (wanted - _SORTS) or wanted
    found: list[tuple[int, float, int, RegisterEntry]] = []
    for order, entry in enumerate(entries):
        words = _words(entry)
        if place and not _stems(place) <= words.title:
            continue
        if years and not years & _years(entry, words):
            continue
        short = {_initials(entry.title)}
        ways = [(words.title, wanted), (words.title, names)]
        ways += [] if titles_only else [(words.all, wanted), (words.all, names)]
        tier = next(
            (n for n, (held, asked) in enumerate(ways) if all(w in short or _has(held, w) for w in asked)),
            None,
        )
        if tier is not None:
            extra = len(words.title - wanted) / max(len(words.title), 1)
            found.append((tier, extra, order, entry))
    found.sort(key=lambda item: item[:3])
    return [item[3] for item in found if item[0] == found[0][0]]
