"""Changes in words, shared by the terminal, Slack and the assistant. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.changes.comparison import Changes, DateChange, ParagraphChange, ParagraphChangeKind
from bot.changes.word_diff import Op
from bot.register.date_format import day, planned_dates, when
from store.records import Document, Section

_COUNTED: tuple[tuple[ParagraphChangeKind, str], ...] = (
    ("reworded", "reworded"),
    ("added", "added"),
    ("removed", "removed"),
    ("renumbered", "only renumbered"),
)
# Unchanged words shown on each side of a change; a paragraph may fill a page.
_CONTEXT_WORDS = 12


def version_words(document: Document, *, edition: bool = False) -> str:
    """Return a version with its dates, "version 2 of 20 May 2025, taken in on 3 June 2025", or an edition."""
    dated = f" of {day(document.date)}" if document.date else ""
    if edition:
        return f"{document.symbol or document.source}{dated}"
    ingested = f", taken in on {day(document.ingested_at.date())}" if document.ingested_at else ""
    return f"version {document.version}{dated}{ingested}"


def before_name(changes: Changes) -> str:
    """Return the name of the earlier version, "version 1", or the symbol of the earlier edition."""
    if changes.before is None:
        return ""
    if changes.editions:
        return changes.before.symbol or changes.before.source
    return f"version {changes.before.version}"


def compared_words(changes: Changes) -> str:
    """Return the words for the two that are compared: "version 1 of 3 May 2025 → version 2"."""
    before, after = (
        version_words(document, edition=changes.editions) if document else ""
        for document in (changes.before, changes.after)
    )
    return f"from the edition before, {before}, to {after}" if changes.editions else f"{before} → {after}"


def nothing_words(changes: Changes) -> str:
    """Return the line for a document without changes: nothing to compare, or two with the same text."""
    after, before = changes.after, changes.before
    if before is None:
        return (
            f"There is only one version of {after.source} ({version_words(after)}), and no earlier edition of it: "
            "nothing to compare it with."
        )
    if changes.editions:
        newer, older = version_words(after, edition=True), version_words(before, edition=True)
        older = f"the edition before, {older}"
    else:
        newer, older = f"Version {after.version} of {after.source}", f"version {before.version}"
    return f"{newer} says the same as {older}, paragraph by paragraph."


def counts_words(changes: Changes) -> str:
    """Return the counts of changes: "2 paragraphs reworded, 1 added, 38 unchanged; 1 date changed"."""
    counted = [(changes.count(kind), words) for kind, words in _COUNTED]
    counted = [(count, words) for count, words in counted if count] + [(changes.unchanged, "unchanged")]
    first, *others = counted
    noun = "paragraph" if first[0] == 1 else "paragraphs"
    counts = ", ".join([f"{first[0]} {noun} {first[1]}", *(f"{count} {words}" for count, words in others)])
    moved = len(changes.dates)
    return counts + (f"; {moved} {'date' if moved == 1 else 'dates'} changed" if moved else "")


def date_words(change: DateChange) -> str:
    """Return what became of a date, without the event's title: "moved from 7 July 2025 to 14 July 2025"."""
    before = planned_dates(change.before) if change.before else ""
    after = when(change.after) if change.after else ""
    match change.kind:
        case "added":
            return f"is new: {after}"
        case "dropped":
            return f"is no longer mentioned; it was {before}"
        case "postponed" | "cancelled":
            was = f", planned for {before}" if change.before and change.before.start else ""
            return f"is {change.kind}{was}"
        case "restored":
            return f"is on again: {after}"
        case "narrowed" if change.before and change.before.start is None:
            return f"has a date now: {after}"
        case "narrowed":
            return f"is stated more closely: {after}, before {before}"
        case _:
            return f"moved from {when(change.before) if change.before else ''} to {after}"


def place_words(section: Section) -> str:
    """Return a section as a citation names it: "§ 2.3"."""
    return f"§ {section.number}"


def renumbered_words(changes: Sequence[ParagraphChange]) -> list[str]:
    """Return the renumbered paragraphs, runs of neighbours together: "§ 2.3 to § 2.9 are now § 2.4 to § 2.10"."""
    places = [(n, c) for n, c in enumerate(changes) if c.kind == "renumbered"]
    runs = groupby(enumerate(places), key=lambda item: item[1][0] - item[0])
    return [_run([change for _, (_, change) in run]) for _, run in runs]


def _run(run: Sequence[ParagraphChange]) -> str:
    old = [place_words(change.before) for change in run if change.before]
    new = [place_words(change.after) for change in run if change.after]
    if len(run) == 1:
        return f"{old[0]} is now {new[0]}"
    return f"{old[0]} to {old[-1]} are now {new[0]} to {new[-1]}"


def paragraph_words(change: ParagraphChange) -> str:
    """Return what became of a paragraph: "new", "reworded, was § 2.3"."""
    name = {"added": "new", "removed": "gone"}.get(change.kind, change.kind)
    if change.before and change.after and change.before.number != change.after.number:
        return f"{name}, was {place_words(change.before)}"
    return name


def shown_pieces(change: ParagraphChange) -> list[tuple[Op, str]]:
    """Return the pieces of text to show for a paragraph, with the middle of long unchanged ones left out."""
    if change.kind == "added" or change.kind == "removed":
        return [(change.kind, change.section.text)]
    last = len(change.words) - 1
    return [
        (piece.op, _shortened(piece.text, n > 0, n < last) if piece.op == "same" else piece.text)
        for n, piece in enumerate(change.words)
    ]


def _shortened(text: str, keep_start: bool, keep_end: bool) -> str:
    words = text.split(" ")
    if len(words) <= 2 * _CONTEXT_WORDS + 2:
        return text
    head = " ".join(words[:_CONTEXT_WORDS]) + " " if keep_start else ""
    tail = " " + " ".join(words[-_CONTEXT_WORDS:]) if keep_end else ""
    return f"{head}[…]{tail}"
