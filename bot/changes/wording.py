"""Changes in words, for the terminal and Slack, in the language in use. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.changes.comparison import Changes, DateChange, Op, ParagraphChange
from bot.locales import _, commas, ngettext, pgettext, semicolons
from bot.register.wording import day, paragraph_mark, planned_dates, when
from store.records import Document

# Unchanged words shown on each side of a change; a paragraph may fill a page.
_CONTEXT_WORDS = 12


def version_words(document: Document, *, edition: bool = False) -> str:
    """Return a version with its dates, "version 2 of 20 May 2025, taken in on 3 June 2025", or an edition."""
    name = document.symbol or document.source if edition else _version(document)
    dated = _("{document} of {date}", document=name, date=day(document.date)) if document.date else name
    if edition or document.ingested_at is None:
        return dated
    return _("{version}, taken in on {day}", version=dated, day=day(document.ingested_at.date()))


def _version(document: Document) -> str:
    return _("version {number}", number=document.version)


def before_name(changes: Changes) -> str:
    """Return the name of the earlier version, "version 1", or the symbol of the earlier edition."""
    if changes.before is None:
        return ""
    if changes.editions:
        return changes.before.symbol or changes.before.source
    return _version(changes.before)


def compared_words(changes: Changes) -> str:
    """Return the words for the two that are compared: "version 1 of 3 May 2025 → version 2"."""
    before, after = (
        version_words(document, edition=changes.editions) if document else ""
        for document in (changes.before, changes.after)
    )
    if changes.editions:
        return _("from the edition before, {before}, to {after}", before=before, after=after)
    return _("{before} → {after}", before=before, after=after)


def nothing_words(changes: Changes) -> str:
    """Return the line for a document without changes: nothing to compare, or two with the same text."""
    after = changes.after
    before = changes.before
    if before is None:
        return _(
            "There is only one version of {source} ({version}), and no earlier edition of it: "
            "nothing to compare it with.",
            source=after.source,
            version=version_words(after),
        )
    if changes.editions:
        return _(
            "{newer} says the same as the edition before, {older}, paragraph by paragraph.",
            newer=version_words(after, edition=True),
            older=version_words(before, edition=True),
        )
    return _(
        "Version {number} of {source} says the same as version {before}, paragraph by paragraph.",
        number=after.version,
        source=after.source,
        before=before.version,
    )


def counts_words(changes: Changes) -> str:
    """Return the counts of changes: "2 paragraphs reworded, 1 added, 38 unchanged; 1 date changed"."""
    reworded, added = changes.count("reworded"), changes.count("added")
    removed, renumbered = changes.count("removed"), changes.count("renumbered")
    counts = (
        (reworded, ngettext("{count} paragraph reworded", "{count} paragraphs reworded", reworded)),
        (added, ngettext("{count} added", "{count} added", added)),
        (removed, ngettext("{count} removed", "{count} removed", removed)),
        (renumbered, ngettext("{count} only renumbered", "{count} only renumbered", renumbered)),
    )
    unchanged = ngettext("{count} unchanged", "{count} unchanged", changes.unchanged)
    paragraphs = commas([*(words for count, words in counts if count), unchanged])
    moved = len(changes.dates)
    dates = ngettext("{count} date changed", "{count} dates changed", moved) if moved else ""
    return semicolons([paragraphs, dates])


def date_words(change: DateChange) -> str:
    """Return what became of a date, without the event's title: "moved from 7 July 2025 to 14 July 2025"."""
    before = planned_dates(change.before) if change.before else ""
    after = when(change.after) if change.after else ""
    match change.kind:
        case "added":
            return _("is new: {date}", date=after)
        case "dropped":
            return _("is no longer mentioned; it was {date}", date=before)
        case "postponed" | "cancelled":
            state = _("is postponed") if change.kind == "postponed" else _("is cancelled")
            if change.before and change.before.start:
                return _("{state}, planned for {date}", state=state, date=before)
            return state
        case "restored":
            return _("is on again: {date}", date=after)
        case "narrowed" if change.before and change.before.start is None:
            return _("has a date now: {date}", date=after)
        case "narrowed":
            return _("is stated more closely: {after}, before {before}", after=after, before=before)
    return _(
        "moved from {before} to {after}", before=when(change.before) if change.before else "", after=after
    )


def renumbered_words(changes: Sequence[ParagraphChange]) -> list[str]:
    """Return the renumbered paragraphs, runs of neighbours together: "§ 2.3 to § 2.9 are now § 2.4 to § 2.10"."""
    places = [(n, c) for n, c in enumerate(changes) if c.kind == "renumbered"]
    runs = groupby(enumerate(places), key=lambda item: item[1][0] - item[0])
    return [_run([place[1] for _n, place in run]) for _distance, run in runs]


def _run(run: Sequence[ParagraphChange]) -> str:
    old = [paragraph_mark(change.before.number) for change in run if change.before]
    new = [paragraph_mark(change.after.number) for change in run if change.after]
    if len(run) == 1:
        return _("{old} is now {new}", old=old[0], new=new[0])
    return _(
        "{old} to {old_last} are now {new} to {new_last}",
        old=old[0],
        old_last=old[-1],
        new=new[0],
        new_last=new[-1],
    )


def paragraph_words(change: ParagraphChange) -> str:
    """Return what became of a paragraph: "new", "reworded, was § 2.3"."""
    name = {
        "added": pgettext("paragraph", "new"),
        "removed": pgettext("paragraph", "gone"),
        "reworded": pgettext("paragraph", "reworded"),
        "renumbered": pgettext("paragraph", "renumbered"),
    }[change.kind]
    if change.before and change.after and change.before.number != change.after.number:
        return _("{state}, was {place}", state=name, place=paragraph_mark(change.before.number))
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
