"""Compares paragraphs, headings and dates of two versions of a document, or two editions of a report. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby, zip_longest
from typing import Literal, cast

from rapidfuzz.distance import Indel

from bot.register import RegisterEntry, build_register
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


ParagraphChangeKind = Literal["added", "removed", "reworded", "renumbered"]


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
    def compared(self) -> Literal["versions", "editions"]:
        """The word for what is compared."""
        return "editions" if self.editions else "versions"

    @property
    def matched(self) -> int:
        """Count of paragraphs that have a counterpart in the other version."""
        return self.unchanged + sum(bool(change.before and change.after) for change in self.paragraphs)

    def count(self, kind: ParagraphChangeKind) -> int:
        """Return the count of paragraphs with this kind of change."""
        return sum(change.kind == kind for change in self.paragraphs)


def compare(before: Version, after: Version) -> Changes:
    """Return the changes between two versions of a document or editions of a report.

    A date that a new edition no longer mentions is no change if it was past when the edition was written.
    """
    paragraphs: list[ParagraphChange] = []
    headings: dict[tuple[str, str], str] = {}
    unchanged = 0
    for old, new in match_sections(*_compared(before.sections, after.sections)):
        if change := _change(old, new):
            paragraphs.append(change)
        else:
            unchanged += 1
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

# Least shares of common words, in their order (0..1), of a pair, and of one with the same number. Unrelated paragraphs
# of English prose have about .25 in common ("the", "of").
_LEAST_SHARE = 0.5
_LEAST_SHARE_SAME_NUMBER = 0.2
# Most pairs of paragraphs that are compared; beyond it, those about as far from the beginning of their versions.
_MOST_PAIRS = 250_000


def match_sections(before: Sequence[Section], after: Sequence[Section]) -> list[Pair]:
    """Return the pairs (before, after), None where there is no counterpart.

    The order is that of `after`; a removed paragraph follows its former neighbour. Paragraphs are matched by their
    text, several of one text in their order, then by the words that they share, the most alike first.
    """
    partners: dict[int, int] = {}
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for old in reversed(range(len(before))):
        waiting[_folded(before[old])].append(old)
    for new, section in enumerate(after):
        if olds := waiting[_folded(section)]:
            partners[new] = olds.pop()

    left = {old for olds in waiting.values() for old in olds}
    places = [new for new in range(len(after)) if new not in partners]
    for _share, _distance, new, old in sorted(_alike(before, after, sorted(left), places)):
        if new not in partners and old in left:
            partners[new] = old
            left.remove(old)
    return list(_in_order(before, after, partners))


def _folded(section: Section) -> str:
    return " ".join(section.text.split())


def _alike(
    before: Sequence[Section], after: Sequence[Section], olds: Sequence[int], news: Sequence[int]
) -> Iterator[tuple[float, int, int, int]]:
    """Yield (the less the more alike, distance, new, old) of pairs that share enough words."""
    times = [Counter(section.number for section in some) for some in (before, after)]
    words = {old: before[old].text.casefold().split() for old in olds}
    reach = _MOST_PAIRS // max(len(news), 1)
    for at, new in enumerate(news):
        number = after[new].number
        own = after[new].text.casefold().split()
        first = max(0, at * len(olds) // len(news) - reach // 2)
        for old in olds[first : first + reach]:
            is_same = before[old].number == number and all(count[number] == 1 for count in times)
            least = _LEAST_SHARE_SAME_NUMBER if is_same else _LEAST_SHARE
            if share := Indel.normalized_similarity(words[old], own, score_cutoff=least):
                yield least - share, abs(new - old), new, old


def _in_order(
    before: Sequence[Section], after: Sequence[Section], partners: dict[int, int]
) -> Iterator[Pair]:
    """Yield all pairs in the order of `match_sections`; `partners` is new -> old."""
    new_of = {old: new for new, old in partners.items()}
    removed: defaultdict[int, list[Section]] = defaultdict(list)
    neighbour = -1
    for old, section in enumerate(before):
        if old in new_of:
            neighbour = new_of[old]
        else:
            removed[neighbour].append(section)
    for new in range(-1, len(after)):
        if new >= 0:
            yield (before[partners[new]] if new in partners else None), after[new]
        yield from ((section, None) for section in removed[new])


Op = Literal["same", "added", "removed"]

# A word, also one with signs inside ("22-23", "co-host", "A/RES/76/307"), or one sign; then the space behind it.
_TOKEN = re.compile(r"(?P<word>[^\W_]+(?:[-–’'./:,@][^\W_]+)*|\S)\s*")
# Product of the word counts beyond which difflib's "autojunk" replaces the exact comparison, which takes as many steps.
_MOST_EXACT = 250_000


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
    old = list(_TOKEN.finditer(before))
    new = list(_TOKEN.finditer(after))
    exact = len(old) * len(new) <= _MOST_EXACT
    matcher = SequenceMatcher(None, [t["word"] for t in old], [t["word"] for t in new], autojunk=not exact)
    opcodes = matcher.get_opcodes()
    pieces: list[DiffPiece] = []
    for same, run in groupby(enumerate(opcodes), lambda numbered: _is_shared(numbered[0], opcodes)):
        ops = [op for _place, op in run]
        a, c = ops[0][1], ops[0][3]
        b, d = ops[-1][2], ops[-1][4]
        place = new[c].start() if c < len(new) else len(after)
        if not same and b > a:
            pieces.append(DiffPiece("removed", before[old[a].start() : old[b - 1].end()], place, place))
        if d > c:
            end = new[d - 1].end()
            pieces.append(DiffPiece("same" if same else "added", after[place:end], place, end))
    return tuple(pieces)


def _is_shared(place: int, opcodes: Sequence[tuple[str, int, int, int, int]]) -> bool:
    """Whether a run is of shared words, and of no fewer than half those of a change beside it.

    A common "the" between two changes is accidental: they are one.
    """
    lengths = [max(b - a, d - c) for _tag, a, b, c, d in opcodes]
    if opcodes[place][0] != "equal":
        return False
    beside = [lengths[other] for other in (place - 1, place + 1) if 0 <= other < len(lengths)]
    return len(beside) < 2 or lengths[place] > min(beside) / 2
