"""Searches register entries by the words of their titles, places and quotes. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from bot.register import RegisterEntry
from bot.register.questions.word_index import (
    LONG_WORD,
    InitialsIndex,
    StemIndex,
    long_forms,
    short_stem,
    stem_set,
    stem_words,
    variants,
    with_code_names,
)
from ingest.dates import MEETINGS
from store.terms import stem

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
_MIN_RANK_SHARE = 0.85


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
        """Return whether an entry has this word in any form."""
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
            yield EntryMatch(self.entries[n], (own + quoted.get(n, 0.0)) / total, own / total, whole)

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
    return [m for m in held if m.rank >= _MIN_RANK_SHARE * held[0].rank]


def _quote_stems(entry: RegisterEntry) -> frozenset[str]:
    quoted = {text for mention in entry.mentions for text in (mention.quote, mention.heading)}
    return with_code_names(stem_set(" ".join(sorted(quoted))))
