"""Searches register entries by the words of their titles, places and quotes, in any of their forms. Pure."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from rapidfuzz import fuzz, process

from bot.question.lexicon import ORDINALS, abbreviations
from bot.register import RegisterEntry
from ingest.dates import MEETINGS
from store.terms import STOP_WORDS, stem, words

LONG_WORD = 6
_NTH = re.compile(r"(\d{1,3})(?:st|nd|rd|th)$")
_CODE = re.compile(r"([a-z]{2,})(\d{1,3})$")
_NOISE = STOP_WORDS | {"un", "united", "nations"}


def stem_set(text: str) -> frozenset[str]:
    """Return the stems of a text without stop words."""
    return frozenset(stem_words(text))


def stem_words(text: str) -> list[str]:
    """Return the stems of a text without stop words: "#2" for "2nd", "pp26" for "PP-26"."""
    text = re.sub(r"(?i)\b([a-z]+)4([a-z]+)\b", r"\1 for \2", text)
    found = []
    for word in words(re.sub(r"\b([A-Za-z]{2,})[-+ ](\d{2,3})\b", r"\1\2", text)):
        nth, numbered = _NTH.match(word), _CODE.match(word)
        if nth or word in ORDINALS:
            found.append(f"#{nth[1] if nth else ORDINALS.index(word) + 1}")
        elif numbered:
            found.append(f"{short_stem(numbered[1])}{int(numbered[2])}")
        elif word not in _NOISE:
            found.append(short_stem(word))
    return found


def short_stem(word: str) -> str:
    """Return the stem of a word; a short word, which may be a name, loses only a plural s."""
    return stem(word) if len(word) > 5 else word[:-1] if word.endswith("s") and len(word) > 3 else word


def code(stemmed: str) -> tuple[str, str] | None:
    """Return the name and the number of a code, ("pp", "26") for "pp26"; None if the word is none."""
    match = _CODE.match(stemmed)
    return (match[1], match[2]) if match else None


def with_code_names(stems: frozenset[str]) -> frozenset[str]:
    """Return words with the names that codes among them begin with: "pp" of "pp26"."""
    return stems | {found[0] for word in stems if (found := code(word))}


@lru_cache(maxsize=1)
def long_forms() -> dict[str, tuple[frozenset[str], ...]]:
    """Return short name -> sets of stems with the same meaning, from the acronyms and aliases."""
    found: dict[str, list[frozenset[str]]] = {}
    for short, full in abbreviations():
        if " " not in short:
            found.setdefault(short_stem(short), []).append(stem_set(full))
        for name in full.split():
            if name.isupper():
                found.setdefault(short_stem(name.casefold()), []).append(stem_set(short))
    return {short: tuple(forms) for short, forms in found.items()}


def variants(topic: str) -> list[str]:
    """Return a topic as it is, and with the short forms of the names in it: "zero draft GDC"."""
    folded = f" {' '.join(words(topic))} "
    names = _short_names()
    return [topic, *(folded.replace(full, short) for full, short in names if full in folded)]


@lru_cache(maxsize=1)
def _short_names() -> tuple[tuple[str, str], ...]:
    """Return the full names with a short form, and that form; each between spaces."""
    return tuple(
        (f" {' '.join(words(full))} ", f" {short.upper()} ")
        for short, full in abbreviations()
        if len(short) < LONG_WORD
    )


def initials(text: str) -> str:
    """Return the first letters of words, as in "sf sof sotf" for "Summit of the Future"."""
    found = re.findall(r"[^\W_]+", text)
    ways = (
        [w for w in found if w.casefold() not in STOP_WORDS],
        [w for w in found if w.casefold() not in {"the", "a", "an"}],
        found,
    )
    return " ".join("".join(w[0] for w in way) for way in ways).casefold()


class StemIndex:
    """Finds texts by their stems."""

    def __init__(self, texts: Iterable[frozenset[str]]) -> None:
        self._places: dict[str, array[int]] = {}
        for place, stems in enumerate(texts):
            for word in stems:
                self._places.setdefault(word, array("i")).append(place)
        self.vocabulary = sorted(self._places)
        """All stems."""
        self._codes: dict[str, list[str]] = {}
        for word in self.vocabulary:
            if found := code(word):
                self._codes.setdefault(found[0], []).append(word)
        self._counted = self._having(word for word in self.vocabulary if word.startswith("#"))

    def frequency(self, word: str) -> int:
        """Return the number of texts with a stem."""
        return len(self._places.get(word, ()))

    def exactly(self, word: str) -> set[int]:
        """Return the texts with a stem."""
        return set(self._places.get(word, ()))

    def containing(self, word: str) -> set[int]:
        """Return the texts with a stem, or with its long, short or numbered form."""
        found = self.exactly(word)
        if (parts := code(word)) is not None:
            # "PP26" is of 2026, and "SIDS4" the fourth.
            named = self.containing(parts[0])
            return found | (named - self._counted) | (named & self._having((f"#{parts[1]}", f"20{parts[1]}")))
        if len(word) >= LONG_WORD:
            # Stems of one word may differ by a last letter: "regist", "registr".
            found |= self._having((word[:-1], *self._longer_by_one(word)))
        for form in long_forms().get(word, ()):
            found |= set.intersection(*(self.exactly(part) for part in form)) if form else set()
        return found

    def other_editions(self, word: str) -> set[int]:
        """Return the texts that have a code only with other numbers: CSW68 is not CSW66."""
        parts = code(word)
        return self._having(self._codes.get(parts[0], ())) - self.exactly(word) if parts else set()

    def _longer_by_one(self, word: str) -> Iterable[str]:
        at = bisect_right(self.vocabulary, word)
        while at < len(self.vocabulary) and self.vocabulary[at].startswith(word):
            if len(self.vocabulary[at]) == len(word) + 1:
                yield self.vocabulary[at]
            at += 1

    def _having(self, words: Iterable[str]) -> set[int]:
        return set().union(*(self._places.get(word, ()) for word in words))


class InitialsIndex:
    """Finds texts by the first letters of successive words."""

    def __init__(self, texts: Sequence[str]) -> None:
        lines = [initials(text) + "\n" for text in texts]
        self._joined = "".join(lines)
        self._starts = list(accumulate(map(len, lines), initial=0))

    def containing(self, letters: str) -> set[int]:
        """Return the texts with these initials, if the letters are as many as those of an acronym."""
        found: set[int] = set()
        if not 2 < len(letters) < 8:
            return found
        at = self._joined.find(letters)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            found.add(place)
            at = self._joined.find(letters, self._starts[place + 1])
        return found


# Weight of a word in the quote or the heading; in the title or the place it is 1.
_QUOTE_WEIGHT = 0.7
# Words for kinds of events count little: a meeting may be called a conference in its paper.
_KIND_WEIGHT = 0.15
_KIND_WORDS = frozenset(map(stem, MEETINGS.union(["date", "deadline", "call", "publication", "release"])))
# A lower-case word that no entry has may not belong to the topic: it counts half.
_CASUAL_WEIGHT = 0.5
_LEAST_SIMILARITY = 85

# Least shares of a topic's words in an entry's title, and in title and quote together.
_LEAST_TITLED = 0.5
_LEAST_SCORE = 0.6
# From this score on an entry counts as matching all of a topic.
FULL_SCORE = 0.9
# Entries with a rank below this share of the best one's are other events.
_LEAST_RANK_SHARE = 0.85


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
        return frozenset(word for location in located for word in stem_set(location) if word.isalpha())

    @cached_property
    def _titles(self) -> list[frozenset[str]]:
        """The stems of each entry's title and place."""
        return [with_code_names(stem_set(f"{entry.title} {entry.location or ''}")) for entry in self.entries]

    @cached_property
    def _in_titles(self) -> StemIndex:
        return StemIndex(self._titles)

    @cached_property
    def _in_entries(self) -> StemIndex:
        """Index of titles and quotes together."""
        pairs = zip(self.entries, self._titles, strict=True)
        return StemIndex(title | _quote_stems(entry) for entry, title in pairs)

    @cached_property
    def _initials(self) -> InitialsIndex:
        return InitialsIndex([entry.title for entry in self.entries])

    def knows(self, word: str) -> bool:
        """Whether an entry has this word in any form."""
        return any(self._forms_known(stem) for stem in stem_set(word))

    def matches(self, topic: str, place: str = "") -> list[EntryMatch]:
        """Return the entries with words of the topic and all words of the place, best first.

        Names with a short form are searched in both forms.
        """
        best: dict[str, EntryMatch] = {}
        for way in variants(topic):
            for match in self._matches(way, place):
                known = best.get(match.entry.id)
                if known is None or match.rank > known.rank:
                    best[match.entry.id] = match
        return sorted(best.values(), key=lambda match: (-match.rank, -match.whole))

    def _matches(self, topic: str, place: str) -> Iterator[EntryMatch]:
        located = set(range(len(self.entries)))
        for word in stem_set(place):
            located &= self._in_titles.containing(word)
        wanted = {word: self._weight(word) for word in stem_words(topic)}
        if not wanted:
            yield from (EntryMatch(self.entries[n], 1.0, 1.0) for n in sorted(located))
            return
        casual = {short_stem(word) for word in topic.split() if word.isalpha() and word.islower()}
        for word in casual & wanted.keys():
            wanted[word] *= 1 if self._forms_known(word) else _CASUAL_WEIGHT
        titled: dict[int, float] = {}
        quoted: dict[int, float] = {}
        named: dict[int, set[str]] = {}
        for asked, weight in wanted.items():
            word = self._corrected(asked)
            in_title, in_entry = self._found(word)
            for n in in_title & located:
                titled[n] = titled.get(n, 0.0) + weight
                named.setdefault(n, set()).add(word)
            for n in (in_entry - in_title) & located:
                quoted[n] = quoted.get(n, 0.0) + _QUOTE_WEIGHT * weight
        total = sum(wanted.values())
        for n in sorted(titled.keys() | quoted.keys()):
            own = titled.get(n, 0.0)
            count = len(named.get(n, ()))
            whole = count / max(len(self._titles[n]), count, 1)
            yield EntryMatch(
                self.entries[n], (own + quoted.get(n, 0.0)) / total, titled=own / total, whole=whole
            )

    def _found(self, word: str) -> tuple[set[int], set[int]]:
        """Return the entries with a word in the title, and those with it anywhere, but no other editions."""
        in_title = self._in_titles.containing(word) | self._initials.containing(word)
        others = self._in_entries.other_editions(word)
        return in_title - others, self._in_entries.containing(word) - others

    def _weight(self, word: str) -> float:
        if word in _KIND_WORDS:
            return _KIND_WEIGHT
        return math.log(1 + len(self.entries) / (1 + self._in_entries.frequency(word)))

    def _forms_known(self, word: str) -> bool:
        return self._corrected(word) != word or bool(self._in_entries.containing(word))

    def _corrected(self, word: str) -> str:
        """Return the title word that an unknown word misspells, else the word."""
        if self._in_entries.frequency(word) or word in long_forms():
            return word
        if len(word) < LONG_WORD or not word.isalpha():
            return word
        known = self._in_titles.vocabulary
        like = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILARITY)
        return str(like[0]) if like else word


def find_entries(search: EntrySearch, topic: str, place: str = "") -> list[EntryMatch]:
    """Return the entries that a topic names, best first; none if no entry has enough of its words.

    Entries that rank far lower than the best are left out.
    """
    found = search.matches(topic, place)
    held = [m for m in found if m.titled >= _LEAST_TITLED and m.score >= _LEAST_SCORE] if topic else found
    return [m for m in held if m.rank >= _LEAST_RANK_SHARE * held[0].rank]


def _quote_stems(entry: RegisterEntry) -> frozenset[str]:
    quoted = {text for mention in entry.mentions for text in (mention.quote, mention.heading)}
    return with_code_names(stem_set(" ".join(sorted(quoted))))
