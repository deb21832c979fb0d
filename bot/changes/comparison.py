"""Compares paragraphs, headings and dates of two versions of a document, or two editions of a report. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

from bot.changes.dates import DateChange, Version, compare_dates
from bot.changes.section_matching import folded, match_sections
from bot.changes.word_diff import DiffPiece, word_diff
from bot.json_fields import json_fields
from store.records import Document, Section

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
