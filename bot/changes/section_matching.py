"""Matches the paragraphs of two versions. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from store.records import Section

Pair = tuple[Section | None, Section | None]

# Shares of common words (Dice, 0..1). Unrelated paragraphs of English prose have about .25 in common ("the", "of");
# paragraphs with the same number need less.
_ALIKE = 0.5
_ALIKE_IN_PLACE = 0.2
# Looking for a paragraph under another number: by so many of its rarest words, in at most so many others each.
_RAREST = 12
_COMMONEST = 40
_NEAREST = 4

_WORD = re.compile(r"[^\W_]+")


def match_sections(before: Sequence[Section], after: Sequence[Section]) -> list[Pair]:
    """Return the pairs (before, after), None where there is no counterpart.

    The order is that of `after`; what was removed comes behind its neighbour of old. Paragraphs are matched by
    number and text, then by text (renumbered), then by the share of their words, the most alike first, where the
    same number counts for the pair. The cost grows with what differs, and is near linear in that.
    """
    matching = _Matching(before, after)
    matching.pair_equal(lambda section: (section.number, folded(section)))
    matching.pair_equal(folded)
    matching.pair_alike()
    return list(matching.in_order())


class _Matching:
    """The pairs so far: place in `after` -> place in `before`, and what has no counterpart yet."""

    def __init__(self, before: Sequence[Section], after: Sequence[Section]) -> None:
        self.before = before
        self.after = after
        self.pairs: dict[int, int] = {}
        self.old = dict.fromkeys(range(len(before)))
        self.new = dict.fromkeys(range(len(after)))

    def pair(self, old: int, new: int) -> None:
        self.pairs[new] = old
        del self.old[old], self.new[new]

    def pair_equal(self, key: Callable[[Section], object]) -> None:
        """Pair what has the same key; of several, in their order."""
        waiting: defaultdict[object, list[int]] = defaultdict(list)
        for old in reversed(self.old):
            waiting[key(self.before[old])].append(old)
        for new in list(self.new):
            if olds := waiting.get(key(self.after[new])):
                self.pair(olds.pop(), new)

    def pair_alike(self) -> None:
        """Pair what shares enough words, the most alike first."""
        old_words = {old: _words(self.before[old]) for old in self.old}
        new_words = {new: _words(self.after[new]) for new in self.new}
        scored = []
        in_place = set(self._in_place())
        for old, new in {*in_place, *self._beside(), *_sharing(old_words, new_words)}:
            share = _dice(old_words[old], new_words[new])
            lenience = _ALIKE - _ALIKE_IN_PLACE if (old, new) in in_place else 0.0
            if share + lenience >= _ALIKE:
                scored.append((-share - lenience, abs(new - old), new, old))
        for _, _, new, old in sorted(scored):
            if new in self.new and old in self.old:
                self.pair(old, new)

    def _in_place(self) -> Iterator[tuple[int, int]]:
        """The pairs that alone have their number: all paragraphs of an unnumbered document are "0"."""
        olds = Counter(section.number for section in self.before)
        news = Counter(section.number for section in self.after)
        place = {self.before[old].number: old for old in self.old}
        for new in self.new:
            number = self.after[new].number
            if number in place and olds[number] == news[number] == 1:
                yield place[number], new

    def _beside(self) -> Iterator[tuple[int, int]]:
        """The pairs that stand equally far behind a neighbour that both versions have."""
        last = -1
        for new in range(len(self.after)):
            if new in self.pairs:
                last = self.pairs[new]
                continue
            last += 1
            yield from ((old, new) for old in (last - 1, last, last + 1) if old in self.old)

    def in_order(self) -> Iterator[Pair]:
        removed: defaultdict[int, list[Section]] = defaultdict(list)
        partner = {old: new for new, old in self.pairs.items()}
        neighbour = -1
        for old, section in enumerate(self.before):
            if old in partner:
                neighbour = partner[old]
            else:
                removed[neighbour].append(section)
        yield from ((section, None) for section in removed[-1])
        for new, section in enumerate(self.after):
            yield (self.before[self.pairs[new]] if new in self.pairs else None), section
            yield from ((gone, None) for gone in removed[new])


def _sharing(old: Mapping[int, Counter[str]], new: Mapping[int, Counter[str]]) -> Iterator[tuple[int, int]]:
    """Return the pairs that share rare words, a few for each of `new`."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, words in old.items():
        for word in words:
            holders[word].append(place)
    for place, words in new.items():
        telling = [holders[word] for word in words if len(holders.get(word, ())) in range(1, _COMMONEST + 1)]
        votes = Counter(one for some in sorted(telling, key=len)[:_RAREST] for one in some)
        yield from ((one, place) for one, _ in votes.most_common(_NEAREST))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _words(section: Section) -> Counter[str]:
    return Counter(_WORD.findall(section.text.casefold()))


def folded(section: Section) -> str:
    """Return the text as it is compared: white space alone makes no difference."""
    return " ".join(section.text.split())
