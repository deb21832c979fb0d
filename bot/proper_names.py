"""The proper names and document symbols of a sentence, and whether a text knows them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from bot.lexicon import acronyms, aliases, countries, relations
from bot.predicates import lexicon
from bot.question import ORDINALS
from store.terms import STOP_WORDS, stem, words

# A/RES/76/307, C24/67, C24/INF/9, ITU-T L.1470, resolution 75/1.
_SYMBOL = re.compile(
    r"\b(?:[A-Z]+(?:/[A-Z0-9.]+){1,5}(?:/\d+)+|[A-Z]{1,4}\d{2}/(?:[A-Z]+/)?\d+(?:\([^)]*\))?|\d{1,3}/\d{1,4}\b"
    r"|[A-Z]\.\d{2,4}\b)"
)
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'&/-]*(?:\s+(?:(?:of|for|on|the|de|da)\s+){0,2}[A-ZÀ-Þ][\w’'&/-]*)*")
_SMALL = frozenset("of for on the and to de da in a an".split())
_MONTHS = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday".split()
)
_TITLES = frozenset("mr ms mrs dr prof mme h e amb".split())
_OPENERS = frozenset(
    """among amongst whether despite besides unlike like within without towards throughout upon via per regarding
    concerning thanks instead although though since yet also another several many much three four five six seven eight
    nine ten around about nearly almost roughly currently previously originally initially overall altogether please
    according ahead prior later earlier today together moreover however therefore thus hence meanwhile
    additionally""".split()
)
# How far apart the words of one name may stand in a source, in words: titles and brackets come between.
_REACH = 14
# Endings of ordinary words that may open a sentence.
_ORDINARY = re.compile(
    r"(?:ing|ed|ly|tions?|sions?|ments?|ness|ities|ity|ances?|ences?|als?|ers|ies|ives?|ous|ful|able|ths?)$"
)


@dataclass(frozen=True, slots=True)
class Name:
    """`words` are folded, without small words; `span` is the place in the sentence."""

    text: str
    words: tuple[str, ...]
    span: tuple[int, int]


class Names:
    """What a text names, and what stands for what: acronyms that the passages introduce, aliases of the field."""

    def __init__(self, text: str, forms: Mapping[str, Collection[str]] = MappingProxyType({})) -> None:
        self._forms = forms
        tokens = [(word, token) for token in text.split() for word in words(token)]
        self._words = [word for word, _ in tokens]
        self._capitals = frozenset(
            place for place, (_, token) in enumerate(tokens) if token.lstrip("([“‘\"'")[:1].isupper()
        )
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            self._places.setdefault(word, []).append(place)
        self._joined = f" {' '.join(self._words)} "
        self._symbols = set(symbols(text))
        self.all = frozenset(self._words)
        # What is written small somewhere is no name where it opens a sentence.
        self.small = frozenset(w for token in re.findall(r"\b[a-zà-þ][\w’-]*", text) for w in words(token))

    def with_forms(self, forms: Mapping[str, Collection[str]]) -> Names:
        """Return the same names with what stands for what."""
        other = copy(self)
        other._forms = forms
        return other

    def knows(self, name: Name) -> bool:
        """Whether the words of a name stand together in the text, in this form or another."""
        return (
            self._together(name.words)
            or self._edition(name.words)
            or any(self._together(tuple(form.split())) for form in self._other_forms(name.words))
        )

    def knows_symbol(self, symbol: str) -> bool:
        return symbol in self._symbols

    def _edition(self, spoken: tuple[str, ...]) -> bool:
        """Whether the text spells out a name with an edition: SIDS4 is the fourth conference on SIDS."""
        parts: list[str] = []
        for word in spoken:
            match = re.fullmatch(r"([a-z]{2,})(\d{1,2})", word)
            if match is None or word in self._places:
                parts.append(word)
                continue
            number = int(match[2])
            spelt = {f"{number}th", f"{number}st", f"{number}nd", f"{number}rd"}
            spelt |= {ORDINALS[number - 2]} if 2 <= number < 2 + len(ORDINALS) else set()
            if not spelt & self.all:
                return False
            parts.append(match[1])
        return tuple(parts) != spoken and self._together(tuple(parts))

    def _other_forms(self, spoken: tuple[str, ...]) -> Iterable[str]:
        joined = " ".join(spoken)
        for start in range(len(spoken)):
            for end in range(len(spoken), start, -1):
                part = " ".join(spoken[start:end])
                for form in self._forms.get(part, ()):
                    yield f" {joined} ".replace(f" {part} ", f" {form} ").strip()

    def _together(self, spoken: tuple[str, ...]) -> bool:
        if f" {' '.join(spoken)} " in self._joined:
            return True
        wanted = [w for w in spoken if w not in _SMALL]
        if not wanted:
            return True
        places = [self._places_of(word) for word in wanted]
        if not all(places):
            return False
        return any(
            all(any(abs(p - first) <= _REACH for p in others) for others in places[1:]) for first in places[0]
        )

    def _initials(self, word: str) -> list[int]:
        """Return where words in a row begin with the letters of an acronym: CSTD, of which the text has the words."""
        return [
            place
            for place, first in enumerate(self._words)
            if place in self._capitals
            and first[0] == word[0]
            and _begin(self._initials_from(place, 2 * len(word)), word)
        ]

    def _initials_from(self, place: int, reach: int) -> list[str]:
        """Return the initials of a name that begins at a place: of small words none, and a stop where it ends."""
        return [
            self._words[at][0] if at in self._capitals else "" if self._words[at] in _SMALL else "."
            for at in range(place, min(place + reach, len(self._words)))
        ]

    def _places_of(self, word: str) -> list[int]:
        found = self._places.get(word, [])
        if not found and 3 <= len(word) <= 8:
            found = self._initials(word)
        if found or len(word) < 5:
            return found
        return [
            p
            for other, places in self._places.items()
            if stem(word) == stem(other) or inflected(word, other)
            for p in places
        ]


def _begin(initials: Iterable[str], letters: str) -> bool:
    return "".join(initials).startswith(letters)


def inflected(one: str, other: str) -> bool:
    """Whether one is the other's plural or adjective: Brazil and Brazilian, but not Niger and Nigeria."""
    short, long = sorted((one, other), key=len)
    if (
        len(short) < 5
        or not long.startswith(short[:-1] if short.endswith("y") else short)
        or len(long) - len(short) > 4
    ):
        return False
    return not (short in _country_words() and long in _country_words())


@lru_cache(maxsize=1)
def _country_words() -> frozenset[str]:
    return frozenset(word for name in countries() for word in words(name))


@lru_cache(maxsize=1)
def _ordinary_words() -> frozenset[str]:
    return frozenset(relations()) | STOP_WORDS


def symbols(text: str) -> list[str]:
    """Return the document symbols of a text, in order."""
    return [match.group().rstrip(".").upper() for match in _SYMBOL.finditer(text)]


def proper_names(sentence: str, known: Collection[str] = frozenset()) -> list[Name]:
    """Return the names of a sentence, in order; `known` are folded words that the passages write small.

    The first word of a sentence is a name unless it is a word that is written small elsewhere.
    """
    found = []
    for match in _NAME.finditer(sentence):
        text, start = match.group(), match.start()
        if _opens(sentence, start):
            first = text.split()[0]
            rest = text[len(first) :].lstrip()
            if _is_ordinary(first, known) and not (first.isupper() and len(first) > 1):
                start += len(text) - len(rest)
                text = rest
        text = _trimmed(text)
        spoken = tuple(w for w in words(text.replace("’s", "").replace("'s", "")) if w not in _TITLES)
        if spoken and not set(spoken) <= _SMALL | _MONTHS and not all(w.isdigit() for w in spoken):
            found.append(Name(text, tuple(w for w in spoken if w not in _MONTHS), (start, start + len(text))))
    return found


def _opens(sentence: str, start: int) -> bool:
    before = sentence[:start].rstrip("\"'“‘«([ ")
    return not before or before[-1] in ".!?:;"


def _is_ordinary(word: str, known: Collection[str]) -> bool:
    folded = words(word)
    if not folded or folded[0] in known or folded[0] in STOP_WORDS or folded[0] in _MONTHS | _OPENERS:
        return True
    if folded[0] in _country_words() or any(c.isupper() for c in word[1:]):
        return False
    stemmed = stem(folded[0])
    return (
        folded[0] in lexicon().forms
        or stemmed in _ordinary_words()
        or _ORDINARY.search(folded[0]) is not None
    )


def _trimmed(text: str) -> str:
    parts = text.split()
    while parts and (parts[0].casefold() in _SMALL or parts[0].casefold() in STOP_WORDS):
        parts = parts[1:]
    while parts and parts[-1].casefold() in _SMALL:
        parts = parts[:-1]
    return " ".join(parts)


_SHORT = 3
_BRACKETED = re.compile(r"\(([A-Za-z][A-Za-z0-9&/-]{1,14})\)")


def other_forms(texts: Iterable[str]) -> dict[str, set[str]]:
    """Return folded name -> its other forms: acronyms that these texts introduce, and aliases of the field."""
    forms: dict[str, set[str]] = {}
    for text in texts:
        for match in _BRACKETED.finditer(text):
            short = match.group(1)
            if sum(c.isupper() for c in short) < 2:
                continue
            long = _spelt_out(words(text[max(0, match.start() - 140) : match.start()]), words(short))
            if long:
                key = " ".join(words(short))
                forms.setdefault(key, set()).add(long)
                forms.setdefault(long, set()).add(key)
    for phrase, other in (*aliases().items(), *acronyms().items()):
        folded = " ".join(words(other))
        forms.setdefault(phrase, set()).add(folded)
        forms.setdefault(folded, set()).add(phrase)
    return forms


def _spelt_out(before: list[str], short: list[str]) -> str:
    """Return the words whose initials the short form begins with, nearest to its brackets."""
    letters = "".join(c for c in "".join(short) if c.isalpha()).removesuffix("s")
    for length in range(1, min(len(before), 12) + 1):
        tail = before[-length:]
        # "AI Advisory Body (AIAB)": what is short already stands there whole.
        initials = "".join(w[0] for w in tail if w not in _SMALL)
        whole = "".join(w if len(w) <= _SHORT else w[0] for w in tail if w not in _SMALL)
        if (
            len(tail) > 1
            and tail[0] not in _SMALL
            and (
                whole == letters
                or (initials[: len(letters)] == letters and len(initials) <= len(letters) + 1)
            )
        ):
            return " ".join(tail)
    return ""
