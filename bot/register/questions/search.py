"""Searches register entries by the words of their titles, places and quotes. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

from bot.question.lexicon import ORDINALS, abbreviations
from bot.register import RegisterEntry
from store.terms import STOP_WORDS, stem, words

# Weight of a word in the quote or the heading; in the title or the place it is 1.
_QUOTE_WEIGHT = 0.7
# Words for kinds of events count little: a meeting may be called a conference in its paper.
_KIND_WEIGHT = 0.15
_KIND_WORDS = frozenset(
    stem(word)
    for word in """meeting conference event session summit forum gathering consultation date deadline workshop seminar
    symposium call publication release""".split()
)
# A lower-case word that no entry has may not belong to the topic: it counts half.
_CASUAL_WEIGHT = 0.5
_LEAST_SIMILARITY = 85
_LEAST_LETTERS = 4
_LONG_WORD = 6
_NTH = re.compile(r"(\d{1,3})(?:st|nd|rd|th)$")
_NOISE = STOP_WORDS | {"un", "united", "nations"}
_CODE = re.compile(r"([a-z]{2,})(\d{1,3})$")


@dataclass(frozen=True, slots=True)
class EntryMatch:
    """An entry that has words of a topic. The shares, in 0..1, are weighted by rarity."""

    entry: RegisterEntry
    score: float
    """Share of the topic's words in the entry; those in its quote count less."""
    titled: float
    """Share of the topic's words in its title and place."""
    whole: float = 0.0
    """Share of its title's words in the topic, not weighted."""

    @property
    def rank(self) -> float:
        """Sort key, in 0..2."""
        return self.score + self.titled


class EntrySearch:
    """Searches entries by words weighted by inverse document frequency; indexes them at the first search."""

    def __init__(self, entries: Sequence[RegisterEntry]) -> None:
        self.entries = entries

    @cached_property
    def places(self) -> frozenset[str]:
        """The words of the entries' places."""
        located = (entry.location for entry in self.entries if entry.location)
        return frozenset(word for location in located for word in _stem_set(location) if word.isalpha())

    @cached_property
    def _indexed(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        return [_entry_words(entry) for entry in self.entries]

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(word for title, quoted in self._indexed for word in title | quoted)

    @cached_property
    def _title_words(self) -> frozenset[str]:
        return frozenset(word for title, _ in self._indexed for word in title)

    def knows(self, word: str) -> bool:
        """Return whether an entry has this word in any form."""
        return any(self._forms_known(stem) for stem in _stem_set(word))

    def matches(self, topic: str, place: str = "") -> list[EntryMatch]:
        """Return the entries with words of the topic and all words of the place, best first.

        Names with a short form are searched in both forms.
        """
        best: dict[str, EntryMatch] = {}
        for way in _variants(topic):
            for match in self._matches(way, place):
                known = best.get(match.entry.id)
                if known is None or match.rank > known.rank:
                    best[match.entry.id] = match
        return sorted(best.values(), key=lambda match: (-match.rank, -match.whole))

    def _matches(self, topic: str, place: str) -> Iterator[EntryMatch]:
        wanted = {word: self._weight(word) for word in _stem_words(topic)}
        casual = {_stem(word) for word in topic.split() if word.isalpha() and word.islower()}
        for word in casual & wanted.keys():
            wanted[word] *= 1 if self._forms_known(word) else _CASUAL_WEIGHT
        located = _stem_set(place)
        corrected = {word: self._corrected(word) for word in wanted}
        total = sum(wanted.values())
        for entry, (title, quoted) in zip(self.entries, self._indexed, strict=True):
            if located and not all(_contains(title, word, "") for word in located):
                continue
            titled = score = 0.0
            named = set()
            for word, weight in wanted.items():
                # "met" is the beginning of three words of some title; "MET" may be short for them.
                initials = _initials(entry.title, word in casual)
                word = corrected[word]
                if _is_another_edition(title | quoted, word):
                    continue
                if _contains(title, word, initials) or (_CODE.match(word) and word in quoted):
                    titled += weight
                    score += weight
                    named.add(word)
                elif _contains(quoted, word, _initials(entry.quote, True)):
                    score += _QUOTE_WEIGHT * weight
            if not wanted:
                yield EntryMatch(entry, 1.0, 1.0)
            elif score:
                whole = len(named) / max(len(title), len(named))
                yield EntryMatch(entry, score / total, titled / total, whole)

    def _weight(self, word: str) -> float:
        if word in _KIND_WORDS:
            return _KIND_WEIGHT
        return math.log(1 + len(self.entries) / (1 + self._counts[word]))

    def _forms_known(self, word: str) -> bool:
        if word in self._counts or self._corrected(word) != word:
            return True
        return any(
            _contains(title | quoted, word, _initials(f"{entry.title} , {entry.quote}", True))
            for entry, (title, quoted) in zip(self.entries, self._indexed, strict=True)
        )

    def _corrected(self, word: str) -> str:
        """Return the title word that an unknown word misspells or begins, else the word."""
        if word in self._counts or len(word) < _LEAST_LETTERS or not word.isalpha() or word in _long_forms():
            return word
        begun = [
            known for known in self._title_words if known.startswith(word) and len(word) > _LEAST_LETTERS
        ]
        if begun:
            return min(begun)
        like = process.extractOne(word, self._title_words, scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILARITY)
        return str(like[0]) if like and len(word) >= _LONG_WORD else word


def _entry_words(entry: RegisterEntry) -> tuple[frozenset[str], frozenset[str]]:
    quoted = {entry.quote, *(m.quote for m in entry.mentions), *(m.heading for m in entry.mentions)}
    years = {str(value.year) for value in (entry.start, entry.end) if value}
    title, quotes = _stem_set(f"{entry.title} {entry.location or ''}"), _stem_set(" ".join(sorted(quoted)))
    return _with_code_names(title) | years, _with_code_names(quotes)


def _with_code_names(stems: frozenset[str]) -> frozenset[str]:
    """Return words with the names that codes among them begin with: "pp" of "pp26"."""
    return stems | {match[1] for word in stems if (match := _CODE.match(word))}


@lru_cache(maxsize=20_000)
def _stem_set(text: str) -> frozenset[str]:
    return frozenset(_stem_words(text))


def _stem_words(text: str) -> list[str]:
    """Return the stems of a text without stop words: "#2" for "2nd", "pp26" for "PP-26"."""
    text = re.sub(r"(?i)\b([a-z]+)4([a-z]+)\b", r"\1 for \2", text)
    found = []
    for word in words(re.sub(r"\b([A-Za-z]{2,})[-+ ](\d{2,3})\b", r"\1\2", text)):
        nth, code = _NTH.match(word), _CODE.match(word)
        if nth or word in ORDINALS:
            found.append(f"#{nth[1] if nth else ORDINALS.index(word) + 1}")
        elif code:
            found.append(f"{_stem(code[1])}{int(code[2])}")
        elif word not in _NOISE:
            found.append(_stem(word))
    return found


def _stem(word: str) -> str:
    """Return the stem of a word; a short word, which may be a name, loses only a plural s."""
    return stem(word) if len(word) > 5 else word[:-1] if word.endswith("s") and len(word) > 3 else word


def _contains(stems: frozenset[str], wanted: str, initials: str) -> bool:
    """Return whether stems contain a word of the question, or its long, short or numbered form."""
    if wanted in stems or (2 < len(wanted) < 8 and wanted in initials):
        return True
    code = _CODE.match(wanted)
    if code is None:
        # Stems of one word may differ by a last letter: "regist", "registr".
        akin = len(wanted) >= _LONG_WORD and any(w[:-1] == wanted or w == wanted[:-1] for w in stems)
        return akin or any(form <= stems for form in _long_forms().get(wanted, ()))
    # "PP26" is of 2026, and "SIDS4" the fourth.
    counted = [word for word in stems if word.startswith("#")]
    return _contains(stems, code[1], "") and (not counted or bool({f"#{code[2]}", f"20{code[2]}"} & stems))


def _is_another_edition(stems: frozenset[str], wanted: str) -> bool:
    """Return whether stems have the code with other numbers only: CSW68 is not CSW66."""
    code = _CODE.match(wanted)
    numbers = {m[2] for word in stems if code and (m := _CODE.match(word)) and m[1] == code[1]}
    return bool(code and numbers and code[2] not in numbers)


@lru_cache(maxsize=1)
def _long_forms() -> dict[str, tuple[frozenset[str], ...]]:
    """Return short name -> sets of stems with the same meaning, from the acronyms and aliases."""
    found: dict[str, list[frozenset[str]]] = {}
    for short, full in abbreviations():
        if " " not in short:
            found.setdefault(_stem(short), []).append(_stem_set(full))
        for name in full.split():
            if name.isupper():
                found.setdefault(_stem(name.casefold()), []).append(_stem_set(short))
    return {short: tuple(forms) for short, forms in found.items()}


def _variants(topic: str) -> list[str]:
    """Return a topic as it is, and with the short forms of the names in it: "zero draft GDC"."""
    folded = f" {' '.join(words(topic))} "
    names = (
        (short, f" {' '.join(words(full))} ") for short, full in abbreviations() if len(short) < _LONG_WORD
    )
    return [topic, *(folded.replace(full, f" {short.upper()} ") for short, full in names if full in folded)]


@lru_cache(maxsize=20_000)
def _initials(text: str, capitals: bool) -> str:
    """Return the first letters of words, as in "sf sof sotf" for "Summit of the Future".

    Words without a capital give a space instead where only `capitals` count.
    """
    found = re.findall(r"[^\W_]+", text)
    ways = (
        [w for w in found if w.casefold() not in STOP_WORDS],
        [w for w in found if w.casefold() not in {"the", "a", "an"}],
        found,
    )
    return " ".join(
        "".join(w[0] if not capitals or w[0].isupper() else " " for w in way) for way in ways
    ).casefold()
