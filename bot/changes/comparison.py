"""Compares paragraphs, headings and dates of two versions of a document, or two editions of a report. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal, cast

from bot.json_fields import json_fields
from bot.register import RegisterEntry, build_register
from bot.register.wording import when
from store.records import Document, Event, Section

DateChangeKind = Literal["moved", "narrowed", "postponed", "cancelled", "restored", "added", "dropped"]


@dataclass(frozen=True, slots=True)
class DateChange:
    """A change of an event's date; `before` is None for "added", `after` for "dropped".

    "narrowed": the date was open or less precise, and is now stated more precisely.
    """

    kind: DateChangeKind
    before: RegisterEntry | None
    after: RegisterEntry | None

    @property
    def entry(self) -> RegisterEntry:
        """The newer of the two."""
        return cast(RegisterEntry, self.after or self.before)

    def to_json(self) -> dict[str, Any]:
        """Return its JSON object."""
        entry = self.entry
        return {
            "kind": self.kind,
            "title": entry.title,
            "chain_id": entry.chain_id,
            "before": _dating_json(self.before),
            "after": _dating_json(self.after),
        }


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document with its sections, in reading order, and its events."""

    document: Document
    sections: Sequence[Section]
    events: Sequence[Event]

    def chains(self) -> defaultdict[str, list[RegisterEntry]]:
        """Return chain -> the valid datings of this version, none of which counts as past."""
        sections = {section.id: section for section in self.sections}
        chains: defaultdict[str, list[RegisterEntry]] = defaultdict(list)
        for entry in build_register([self.document], sections, self.events, date.min):
            if entry.rescheduled_to is None:
                chains[entry.chain_id].append(entry)
        return chains


def compare_dates(before: Version, after: Version) -> tuple[DateChange, ...]:
    """Return the changes in the order of their dates."""
    old, new = before.chains(), after.chains()
    found: list[DateChange] = []
    for chain in dict.fromkeys([*new, *old]):
        known = {_dating(entry) for entry in old[chain]}
        stated = {_dating(entry) for entry in new[chain]}
        removed = [entry for entry in old[chain] if _dating(entry) not in stated]
        added = [entry for entry in new[chain] if _dating(entry) not in known]
        # Pair a removed dating with the one that replaces it before one that is called off.
        added.sort(key=lambda entry: entry.status in ("postponed", "cancelled"))
        found += [DateChange(_kind(a, b), a, b) for a, b in zip_longest(removed, added)]
    return tuple(
        sorted(found, key=lambda c: (c.entry.start or date.max, c.entry.end or date.max, c.entry.title))
    )


def _dating(entry: RegisterEntry) -> tuple[object, ...]:
    return (entry.start, entry.end, entry.time, entry.bound, entry.status)


def _kind(before: RegisterEntry | None, after: RegisterEntry | None) -> DateChangeKind:
    if after is None:
        return "dropped"
    if before is None:
        return "added"
    if after.status != before.status and after.status == "cancelled":
        return "cancelled"
    if after.status != before.status and after.status == "postponed":
        return "postponed"
    if before.start is None or before.end is None:
        return "narrowed" if after.start is not None else "moved"
    if after.start is None or after.end is None:
        return "moved"
    if (before.start, before.end) == (after.start, after.end) and before.status in ("postponed", "cancelled"):
        return "restored"
    inside = before.start <= after.start and after.end <= before.end
    return "narrowed" if inside and (before.start, before.end) != (after.start, after.end) else "moved"


def _dating_json(entry: RegisterEntry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return json_fields(entry, "start end time precision status section quote") | {"when": when(entry)}


ParagraphChangeKind = Literal["added", "removed", "reworded", "renumbered"]
# The fields of a version in JSON.
_VERSION = "source symbol version date ingested_at"


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """A changed paragraph; `before` is None for an added one, `after` for a removed one.

    A reworded paragraph may have another number too; a renumbered one has the same text.
    """

    kind: ParagraphChangeKind
    before: Section | None
    after: Section | None

    @property
    def words(self) -> tuple[DiffPiece, ...]:
        """The word differences of a reworded paragraph, computed on demand: not all are shown."""
        if self.kind != "reworded" or self.before is None or self.after is None:
            return ()
        return word_diff(self.before.text, self.after.text)

    @property
    def section(self) -> Section:
        """The newer of the two."""
        return cast(Section, self.after or self.before)

    def to_json(self) -> dict[str, Any]:
        """Return its JSON object."""
        return {
            "kind": self.kind,
            "section": self.section.number,
            "section_before": self.before.number if self.before else None,
            "heading": self.section.heading,
            "page": self.section.page,
            "before": self.before.text if self.before else None,
            "after": self.after.text if self.after else None,
            "words": [{"op": piece.op, "text": piece.text} for piece in self.words],
        }


@dataclass(frozen=True, slots=True)
class HeadingChange:
    """A changed heading over matched paragraphs; `number` is that of the first of them."""

    number: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes from `before` to `after`; `before` is None if there is nothing to compare `after` with.

    Both are versions of one document, or editions of one report, which have different ids. `paragraphs` are in reading
    order, `dates` by date; `unchanged` is a count of paragraphs.
    """

    before: Document | None
    after: Document
    paragraphs: tuple[ParagraphChange, ...] = ()
    headings: tuple[HeadingChange, ...] = ()
    dates: tuple[DateChange, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.paragraphs or self.headings or self.dates)

    @property
    def editions(self) -> bool:
        """Whether two editions are compared, not two versions."""
        return self.before is not None and self.before.id != self.after.id

    @property
    def matched(self) -> int:
        """Count of paragraphs that have a counterpart in the other version."""
        return self.unchanged + sum(bool(change.before and change.after) for change in self.paragraphs)

    def count(self, kind: ParagraphChangeKind) -> int:
        """Return the count of paragraphs with this kind of change."""
        return sum(change.kind == kind for change in self.paragraphs)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `itubot changes --json` prints."""
        return {
            **json_fields(self.after, "source title symbol"),
            "compared": "editions" if self.editions else "versions",
            "before": json_fields(self.before, _VERSION) if self.before else None,
            "after": json_fields(self.after, _VERSION),
            "unchanged": self.unchanged,
            "paragraphs": [change.to_json() for change in self.paragraphs],
            "headings": [
                {"section": change.number, "before": change.before, "after": change.after}
                for change in self.headings
            ],
            "dates": [change.to_json() for change in self.dates],
        }


def compare(before: Version, after: Version) -> Changes:
    """Return the changes between two versions of a document or editions of a report.

    A date that a new edition no longer mentions is no change if it was past when the edition was written.
    """
    paragraphs: list[ParagraphChange] = []
    headings: dict[tuple[str, str], str] = {}
    unchanged = 0
    for old, new in match_sections(*_compared(before.sections, after.sections)):
        change = _change(old, new)
        if change is None:
            unchanged += 1
        else:
            paragraphs.append(change)
        if old and new and old.heading != new.heading:
            headings.setdefault((old.heading, new.heading), new.number)
    dates = compare_dates(before, after)
    if before.document.id != after.document.id:
        written = after.document.date or date.min
        dates = tuple(c for c in dates if c.kind != "dropped" or (c.entry.end or date.max) >= written)
    return Changes(
        before=before.document,
        after=after.document,
        paragraphs=tuple(paragraphs),
        headings=tuple(HeadingChange(number, old, new) for (old, new), number in headings.items()),
        dates=dates,
        unchanged=unchanged,
    )


def _compared(before: Sequence[Section], after: Sequence[Section]) -> tuple[list[Section], list[Section]]:
    """Return the texts to compare: numbered sections whole, sections without a number of their own by paragraph."""
    counts = [Counter(section.number for section in some) for some in (before, after)]

    def parts(section: Section) -> list[Section]:
        unnumbered = section.number == "0" or any(count[section.number] > 1 for count in counts)
        return section.paragraphs() if unnumbered else [section]

    return [part for s in before for part in parts(s)], [part for s in after for part in parts(s)]


def _change(old: Section | None, new: Section | None) -> ParagraphChange | None:
    """Return the change of a matched pair, None if number and text are equal."""
    if old is None:
        return ParagraphChange("added", None, new)
    if new is None:
        return ParagraphChange("removed", old, None)
    if _folded(old) != _folded(new):
        return ParagraphChange("reworded", old, new)
    return None if old.number == new.number else ParagraphChange("renumbered", old, new)


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
    matching.pair_equal(lambda section: (section.number, _folded(section)))
    matching.pair_equal(_folded)
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
        old_words = {old: _word_counts(self.before[old]) for old in self.old}
        new_words = {new: _word_counts(self.after[new]) for new in self.new}
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


def _word_counts(section: Section) -> Counter[str]:
    return Counter(_WORD.findall(section.text.casefold()))


def _folded(section: Section) -> str:
    """Return the text with white space normalized, as it is compared."""
    return " ".join(section.text.split())


Op = Literal["same", "added", "removed"]

# A word, also one with signs inside ("22-23", "co-host", "A/RES/76/307"), or one sign; then the space behind it.
_TOKEN = re.compile(r"(?P<word>[^\W_]+(?:[-–’'./:,@][^\W_]+)*|\S)\s*")
# Product of the word counts beyond which difflib's "autojunk" replaces the exact comparison, which takes as many steps.
_MOST_EXACT = 250_000

_Opcode = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A piece of text that both versions share, or that only one of them has.

    `start` and `end` are positions in the new version; for a removed piece both are its former place.
    """

    op: Op
    text: str
    start: int
    end: int


def word_diff(before: str, after: str) -> tuple[DiffPiece, ...]:
    """Return the pieces in reading order; a removed piece precedes the one that replaced it.

    White space alone makes no difference; the pieces that are not "removed" join to `after`.
    """
    old, new = list(_TOKEN.finditer(before)), list(_TOKEN.finditer(after))
    pieces = []
    for same, a, b, c, d in _runs([t["word"] for t in old], [t["word"] for t in new]):
        place = new[c].start() if c < len(new) else len(after)
        if not same and b > a:
            pieces.append(DiffPiece("removed", before[old[a].start() : old[b - 1].end()], place, place))
        if d > c:
            end = new[d - 1].end()
            pieces.append(DiffPiece("same" if same else "added", after[place:end], place, end))
    return tuple(pieces)


def _runs(old: Sequence[str], new: Sequence[str]) -> list[_Opcode]:
    """Return (same, start and end in `old`, start and end in `new`), alternating, in order."""
    # Most of a reworded paragraph is unchanged: compare only what lies between equal beginnings and ends.
    head = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    rest = min(len(old), len(new)) - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, *middle, autojunk=len(middle[0]) * len(middle[1]) > _MOST_EXACT)
    between = (
        (tag == "equal", a + head, b + head, c + head, d + head) for tag, a, b, c, d in matcher.get_opcodes()
    )
    return [
        *([(True, 0, head, 0, head)] if head else []),
        *_readable(list(between)),
        *([(True, len(old) - tail, len(old), len(new) - tail, len(new))] if tail else []),
    ]


def _readable(runs: Sequence[_Opcode]) -> Iterator[_Opcode]:
    """Join changes that have only a few shared words between them: a common "the" is accidental."""
    joined: _Opcode | None = None
    for place, run in enumerate(runs):
        following = runs[place + 1] if place + 1 < len(runs) else None
        accidental = (
            run[0]
            and joined is not None
            and following is not None
            and _size(run) <= min(_size(joined), _size(following)) / 2
        )
        if run[0] and not accidental:
            if joined is not None:
                yield joined
            joined = None
            yield run
        else:
            joined = run if joined is None else (False, joined[1], run[2], joined[3], run[4])
    if joined is not None:
        yield joined


def _size(run: _Opcode) -> int:
    return max(run[2] - run[1], run[4] - run[3])
