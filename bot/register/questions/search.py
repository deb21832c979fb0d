"""Finding the entries of the register that a question names: by the words of their titles, places and quotes. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

from bot.question.lexicon import ORDINALS, acronyms, aliases
from bot.register import RegisterEntry
from store.terms import STOP_WORDS, stem, words

# A word in the quote or the heading counts less than one in the title or the place.
_TOLD = 0.7
# What says what sort of event it is counts little: a meeting is called a conference in its paper.
_SORT = 0.15
_SORTS = frozenset(
    stem(word)
    for word in """meeting conference event session summit forum gathering consultation date deadline workshop seminar
    symposium call publication release""".split()
)
# A word in small letters that no entry has may be said in passing: it counts half.
_PASSING = 0.5
_LIKE = 85
_LEAST_LETTERS = 4
_LONG = 6
_NTH = re.compile(r"(\d{1,3})(?:st|nd|rd|th)$")
_EMPTY = STOP_WORDS | {"un", "united", "nations"}
_CODE = re.compile(r"([a-z]{2,})(\d{1,3})$")


@dataclass(frozen=True, slots=True)
class Match:
    """An entry with the share of a topic's words that it holds; `titled`: in its title and place alone.

    `whole` is the share of its title's words that the topic holds. All in 0..1.
    """

    entry: RegisterEntry
    score: float
    titled: float
    whole: float = 0.0

    @property
    def rank(self) -> float:
        """What entries are ordered by, in 0..2."""
        return self.score + self.titled


class EntrySearch:
    """Searches entries by words, weighted by inverse document frequency; reads them when it is first asked."""

    def __init__(self, entries: Sequence[RegisterEntry]) -> None:
        self.entries = entries

    @cached_property
    def places(self) -> frozenset[str]:
        """The words of the entries' places."""
        located = (entry.location for entry in self.entries if entry.location)
        return frozenset(word for location in located for word in _stems(location) if word.isalpha())

    @cached_property
    def _held(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        return [_held(entry) for entry in self.entries]

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(word for title, told in self._held for word in title | told)

    @cached_property
    def _titled(self) -> frozenset[str]:
        return frozenset(word for title, _ in self._held for word in title)

    def knows(self, word: str) -> bool:
        """Whether some entry holds this word, in whatever form."""
        return any(self._forms_known(stem) for stem in _stems(word))

    def matches(self, topic: str, place: str = "") -> list[Match]:
        """Return the entries that hold words of the topic, and all of the place, best first.

        A name that has a short form is looked for in both.
        """
        best: dict[str, Match] = {}
        for way in _ways(topic):
            for match in self._matches(way, place):
                known = best.get(match.entry.id)
                if known is None or match.rank > known.rank:
                    best[match.entry.id] = match
        return sorted(best.values(), key=lambda match: (-match.rank, -match.whole))

    def _matches(self, topic: str, place: str) -> Iterator[Match]:
        wanted = {word: self._weight(word) for word in _stem_list(topic)}
        passing = {_singular(word) for word in topic.split() if word.isalpha() and word.islower()}
        for word in passing & wanted.keys():
            wanted[word] *= 1 if self._forms_known(word) else _PASSING
        located = _stems(place)
        mended = {word: self._mended(word) for word in wanted}
        total = sum(wanted.values())
        for entry, (title, told) in zip(self.entries, self._held, strict=True):
            if located and not all(_has(title, word, "") for word in located):
                continue
            titled = score = 0.0
            named = set()
            for word, weight in wanted.items():
                # "met" is the beginning of three words of some title; "MET" may be short for them.
                initials = _first_letters(entry.title, word in passing)
                word = mended[word]
                if _is_another_edition(title | told, word):
                    continue
                if _has(title, word, initials) or (_CODE.match(word) and word in told):
                    titled += weight
                    score += weight
                    named.add(word)
                elif _has(told, word, _first_letters(entry.quote, True)):
                    score += _TOLD * weight
            if not wanted:
                yield Match(entry, 1.0, 1.0)
            elif score:
                whole = len(named) / max(len(title), len(named))
                yield Match(entry, score / total, titled / total, whole)

    def _weight(self, word: str) -> float:
        if word in _SORTS:
            return _SORT
        return math.log(1 + len(self.entries) / (1 + self._counts[word]))

    def _forms_known(self, word: str) -> bool:
        if word in self._counts or self._mended(word) != word:
            return True
        held = zip(self.entries, self._held, strict=True)
        return any(
            _has(title | told, word, _first_letters(f"{entry.title} , {entry.quote}", True))
            for entry, (title, told) in held
        )

    def _mended(self, word: str) -> str:
        """Return the word of the titles that an unknown one is a slip or the beginning of, else itself."""
        if word in self._counts or len(word) < _LEAST_LETTERS or not word.isalpha() or word in _full():
            return word
        begun = [known for known in self._titled if known.startswith(word) and len(word) > _LEAST_LETTERS]
        if begun:
            return min(begun)
        like = process.extractOne(word, self._titled, scorer=fuzz.ratio, score_cutoff=_LIKE)
        return str(like[0]) if like and len(word) >= _LONG else word


def _held(entry: RegisterEntry) -> tuple[frozenset[str], frozenset[str]]:
    told = {entry.quote, *(m.quote for m in entry.mentions), *(m.heading for m in entry.mentions)}
    years = {str(value.year) for value in (entry.start, entry.end) if value}
    title, quotes = _stems(f"{entry.title} {entry.location or ''}"), _stems(" ".join(sorted(told)))
    return _named_too(title) | years, _named_too(quotes)


def _named_too(held: frozenset[str]) -> frozenset[str]:
    """Return words with the names that codes among them begin with: "pp" of "pp26"."""
    return held | {match[1] for word in held if (match := _CODE.match(word))}


@lru_cache(maxsize=20_000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem_list(text))


def _stem_list(text: str) -> list[str]:
    """Return the words that say something, as stems: "2nd" is "#2", "PP-26" is "pp26"."""
    text = re.sub(r"(?i)\b([a-z]+)4([a-z]+)\b", r"\1 for \2", text)
    found = []
    for word in words(re.sub(r"\b([A-Za-z]{2,})[-+ ](\d{2,3})\b", r"\1\2", text)):
        nth, code = _NTH.match(word), _CODE.match(word)
        if nth or word in ORDINALS:
            found.append(f"#{nth[1] if nth else ORDINALS.index(word) + 1}")
        elif code:
            found.append(f"{_singular(code[1])}{int(code[2])}")
        elif word not in _EMPTY:
            found.append(_singular(word))
    return found


def _singular(word: str) -> str:
    """Return the stem; what may be a short name only loses the s of a plural."""
    return stem(word) if len(word) > 5 else word[:-1] if word.endswith("s") and len(word) > 3 else word


def _has(held: frozenset[str], wanted: str, initials: str) -> bool:
    """Whether words hold one of the question, spelled out, shortened or numbered as it may be."""
    if wanted in held or (2 < len(wanted) < 8 and wanted in initials):
        return True
    code = _CODE.match(wanted)
    if code is None:
        # "regist" and "registr" are stems of one word.
        akin = len(wanted) >= _LONG and any(w[:-1] == wanted or w == wanted[:-1] for w in held)
        return akin or any(form <= held for form in _full().get(wanted, ()))
    # "PP26" is of 2026, and "SIDS4" the fourth.
    counted = [word for word in held if word.startswith("#")]
    return _has(held, code[1], "") and (not counted or bool({f"#{code[2]}", f"20{code[2]}"} & held))


def _is_another_edition(held: frozenset[str], wanted: str) -> bool:
    """Whether words name the event of a code with another number: CSW68 is no CSW66."""
    code = _CODE.match(wanted)
    numbers = {m[2] for word in held if code and (m := _CODE.match(word)) and m[1] == code[1]}
    return bool(code and numbers and code[2] not in numbers)


@lru_cache(maxsize=1)
def _full() -> dict[str, tuple[frozenset[str], ...]]:
    """Return short name -> the word sets that may stand for it, of the acronyms and aliases of the field."""
    found: dict[str, list[frozenset[str]]] = {}
    for short, full in _pairs():
        if " " not in short:
            found.setdefault(_singular(short), []).append(_stems(full))
        for name in full.split():
            if name.isupper():
                found.setdefault(_singular(name.casefold()), []).append(_stems(short))
    return {short: tuple(forms) for short, forms in found.items()}


def _ways(topic: str) -> list[str]:
    """Return a topic as it is, and with the short forms of the names in it: "zero draft GDC"."""
    folded = f" {' '.join(words(topic))} "
    names = ((short, f" {' '.join(words(full))} ") for short, full in _pairs() if len(short) < _LONG)
    return [topic, *(folded.replace(full, f" {short.upper()} ") for short, full in names if full in folded)]


def _pairs() -> Iterable[tuple[str, str]]:
    yield from acronyms().items()
    yield from aliases().items()


@lru_cache(maxsize=20_000)
def _first_letters(text: str, capitals: bool) -> str:
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
