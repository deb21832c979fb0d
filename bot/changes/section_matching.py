"""Matches the paragraphs of two versions. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from store.records import Section

Pair = tuple[Section | None, Section | None]

# Least shares of common words (Dice, 0..1) of a pair, and of one with the same number. Unrelated paragraphs of English
# prose have about .25 in common ("the", "of").
_LEAST_SHARE = 0.5
_LEAST_SHARE_SAME_NUMBER = 0.2
# A paragraph with another number is looked up by this many of its rarest words; words of more paragraphs than
# `_MOST_PARAGRAPHS` do not count; the `_CANDIDATES` paragraphs with most of these words are compared.
_RARE_WORDS = 12
_MOST_PARAGRAPHS = 40
_CANDIDATES = 4

_WORD = re.compile(r"[^\W_]+")


def match_sections(before: Sequence[Section], after: Sequence[Section]) -> list[Pair]:
    """Return the pairs (before, after), None where there is no counterpart.

    The order is that of `after`; a removed paragraph follows its former neighbour. Paragraphs are matched by number and
    text, then by text (renumbered), then by the share of common words, the most alike first, with a bonus for the same
    number. The cost is near linear in the number of paragraphs that differ.
    """
    matching = _Matching(before, after)
    matching.pair_equal(lambda section: (section.number, folded(section)))
    matching.pair_equal(folded)
    matching.pair_alike()
    return list(matching.in_order())


class _Matching:
    """The pairs so far, and what has no counterpart yet; paragraphs are indices of `before` and `after`."""

    def __init__(self, before: Sequence[Section], after: Sequence[Section]) -> None:
        self.before = before
        self.after = after
        self.pairs: dict[int, int] = {}  # new -> old
        self.old = dict.fromkeys(range(len(before)))
        self.new = dict.fromkeys(range(len(after)))

    def pair(self, old: int, new: int) -> None:
        self.pairs[new] = old
        del self.old[old], self.new[new]

    def pair_equal(self, key: Callable[[Section], object]) -> None:
        """Pair paragraphs with the same key; several with one key in their order."""
        waiting: defaultdict[object, list[int]] = defaultdict(list)
        for old in reversed(self.old):
            waiting[key(self.before[old])].append(old)
        for new in list(self.new):
            if olds := waiting.get(key(self.after[new])):
                self.pair(olds.pop(), new)

    def pair_alike(self) -> None:
        """Pair paragraphs that share enough words, the most alike first."""
        old_words = {old: _words(self.before[old]) for old in self.old}
        new_words = {new: _words(self.after[new]) for new in self.new}
        scored = []
        same_number = set(self._with_same_number())
        for old, new in {*same_number, *self._with_same_neighbour(), *_with_rare_words(old_words, new_words)}:
            score = _dice(old_words[old], new_words[new])
            score += _LEAST_SHARE - _LEAST_SHARE_SAME_NUMBER if (old, new) in same_number else 0.0
            if score >= _LEAST_SHARE:
                scored.append((-score, abs(new - old), new, old))
        for _, _, new, old in sorted(scored):
            if new in self.new and old in self.old:
                self.pair(old, new)

    def _with_same_number(self) -> Iterator[tuple[int, int]]:
        """Yield pairs (old, new) whose number occurs once in each version; unnumbered paragraphs are all "0"."""
        olds = Counter(section.number for section in self.before)
        news = Counter(section.number for section in self.after)
        place = {self.before[old].number: old for old in self.old}
        for new in self.new:
            number = self.after[new].number
            if number in place and olds[number] == news[number] == 1:
                yield place[number], new

    def _with_same_neighbour(self) -> Iterator[tuple[int, int]]:
        """Yield pairs (old, new) about equally far behind a pair."""
        last = -1
        for new in range(len(self.after)):
            if new in self.pairs:
                last = self.pairs[new]
                continue
            last += 1
            yield from ((old, new) for old in (last - 1, last, last + 1) if old in self.old)

    def in_order(self) -> Iterator[Pair]:
        """Yield all pairs in the order of `match_sections`."""
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
            yield from ((old_section, None) for old_section in removed[new])


def _with_rare_words(
    old: Mapping[int, Counter[str]], new: Mapping[int, Counter[str]]
) -> Iterator[tuple[int, int]]:
    """Yield pairs (old, new) that share rare words, a few for each new paragraph."""
    by_word: defaultdict[str, list[int]] = defaultdict(list)
    for paragraph, words in old.items():
        for word in words:
            by_word[word].append(paragraph)
    for paragraph, words in new.items():
        rare = [by_word[word] for word in words if 0 < len(by_word.get(word, ())) <= _MOST_PARAGRAPHS]
        shared = Counter(one for some in sorted(rare, key=len)[:_RARE_WORDS] for one in some)
        yield from ((one, paragraph) for one, _ in shared.most_common(_CANDIDATES))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _words(section: Section) -> Counter[str]:
    return Counter(_WORD.findall(section.text.casefold()))


def folded(section: Section) -> str:
    """Return the text with white space normalized, as it is compared."""
    return " ".join(section.text.split())
