"""Compares paragraphs, headings and dates of two versions of a document, or two editions of a report. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any, Literal, cast

from bot.changes.section_matching import folded, match_sections
from bot.changes.word_diff import DiffPiece, word_diff
from bot.json_fields import json_fields
from bot.register import RegisterEntry, build_register
from bot.register.date_format import when
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
    if folded(old) != folded(new):
        return ParagraphChange("reworded", old, new)
    return None if old.number == new.number else ParagraphChange("renumbered", old, new)
