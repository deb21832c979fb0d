"""Changes in words, for the terminal and Slack, and as the answers to questions about changes. Pure.

"What changed in the engagement report?" is such a question; "What changed in the Zero Draft?" and "Which changes does
the report propose?" are questions that the documents answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.answers import Answer
from bot.answers.citations import citation, entry_citations
from bot.changes.comparison import Changes, DateChange, Op, ParagraphChange
from bot.locales import _, commas, ngettext, pgettext, quoted, semicolons
from bot.question.lexicon import word_list
from bot.register.wording import day, planned_dates, title, when
from ingest.document.sentences import split
from store.records import Citation, Document, Section
from store.terms import STOP_WORDS, stem, words


@dataclass(frozen=True, slots=True)
class ChangeQuestion:
    """A question about changes in the document with this `name` (its id), None for the one that changed last."""

    name: str | None = None
    dates_only: bool = False


_OPENS = re.compile(
    r"^(?:(?:hi|hello|hey|so|and|please|ok|also|can you|could you|(?:tell|show) (?:me|us)|do you know)[,\s]+)*"
    r"(?:what|which|how (?!many\b|much\b)|(?:has|have|did|is|are) (?:any|some)|the (?:changes|differences))",
    re.I,
)
_CHANGED, _DATES, _PAPERS, _AROUND = (
    frozenset(map(stem, word_list(name))) for name in ("changed", "changed_dates", "papers", "around_changes")
)


def change_question(text: str, documents: Sequence[Document]) -> ChangeQuestion | None:
    """Return the question about changes in a document; None for any other question.

    It has to name a document: by "the report" or "the version", by its file name or symbol, or by words of which at
    least half are in its title and file name.
    """
    if not _OPENS.match(text.strip()):
        return None
    named = next(
        (d for d in documents if any(n and n.casefold() in text.casefold() for n in (d.source, d.symbol))),
        None,
    )
    stems = [stem(word) for word in words(text) if word not in STOP_WORDS]
    sought = set(stems) - _AROUND - _CHANGED - _PAPERS
    dates_only = bool(sought & _DATES)
    if not _CHANGED & set(stems) or not (named or _PAPERS & set(stems)):
        return None
    sought -= _DATES
    if named is None and sought:
        # Of several, the newest.
        matches = [(len(sought & _name_words(d)), str(d.date or ""), d) for d in documents]
        most, _, best = max(matches, key=lambda item: item[:2], default=(0, "", None))
        if 2 * most < len(sought):
            return None
        named = best
    return ChangeQuestion(named.id if named else None, dates_only)


def _name_words(document: Document) -> set[str]:
    return {stem(word) for word in words(f"{document.title} {re.sub(r'[-_./]', ' ', document.source)}")}


# Most lines of an answer.
_MOST_LINES = 12
# Most sentences quoted from one paragraph.
_MOST_SENTENCES = 3

# A sentence without its marker, and its citation.
_Statement = tuple[str, Citation]


def changes_answer(draft: Answer, changes: Changes, *, dates_only: bool = False) -> Answer:
    """Return the draft with the changes, dates first, a citation for each sentence.

    Removed text is cited from the earlier version. The first sentence names the editions of a report, if two are
    compared. Without changes, or without an earlier version, the text says so, without markers.
    """
    if not changes or changes.before is None:
        return replace(draft, text=nothing_words(changes), reason="no change")
    current = [change for change in changes.dates if not _is_history(change, changes)]
    statements = list(_dates(changes, current))
    if not dates_only:
        statements += _paragraphs(changes)
    statements += _dates(changes, [change for change in changes.dates if change not in current])
    if not statements:
        between = (
            compared_words(changes)
            if changes.editions
            else _("from {before} to {after}", before=before_name(changes), after=changes.after.version)
        )
        name = changes.after.source
        text = (
            _("No date changed in {source} {between}.", source=name, between=between)
            if dates_only
            else _("Nothing but headings changed in {source} {between}.", source=name, between=between)
        )
        return replace(draft, text=text, reason="no change")
    if changes.editions:
        both = compared_words(changes)
        opening = _("{heading}: {line}", heading=_capitalised(both), line=statements[0][0])
        statements[0] = opening, statements[0][1]
    shown, more = statements[:_MOST_LINES], statements[_MOST_LINES:]
    if more:
        # Every sentence has a citation; this one cites the first change that is left out.
        left = ngettext("There is {count} more change", "There are {count} more changes", len(more))
        shown.append((left, more[0][1]))
    cited: dict[tuple[str, str], Citation] = {}
    lines = []
    for sentence, source in shown:
        quote = (source.section_id, source.quote)
        cited.setdefault(quote, replace(source, marker=len(cited) + 1))
        lines.append(f"{sentence} [{cited[quote].marker}]")
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(cited.values()))


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _is_history(change: DateChange, changes: Changes) -> bool:
    """Whether an added date was already over when the new edition was written."""
    day, end = changes.after.date, change.entry.end
    return changes.editions and change.kind == "added" and day is not None and end is not None and end < day


def _dates(changes: Changes, chosen: Sequence[DateChange]) -> Iterator[_Statement]:
    for change in chosen:
        sentence = _("{title} {change}.", title=_capitalised(title(change.entry)), change=date_words(change))
        stated_in = changes.after if change.after else changes.before
        documents = {stated_in.source: stated_in} if stated_in else {}
        yield sentence, next(entry_citations(change.entry, documents))


def _paragraphs(changes: Changes) -> Iterator[_Statement]:
    for change in changes.paragraphs:
        if change.kind == "reworded":
            yield from _reworded(change, changes.after)
        elif change.kind == "added":
            opening = _("Paragraph {number} is new:", number=change.section.number)
            yield from _quoted(change.section, changes.after, opening)
        elif change.kind == "removed" and changes.before is not None:
            opening = _(
                "Paragraph {number} of {document} is gone; it said:",
                number=change.section.number,
                document=before_name(changes),
            )
            yield from _quoted(change.section, changes.before, opening)
    renumbered = [change for change in changes.paragraphs if change.kind == "renumbered"]
    if renumbered:
        runs = semicolons(renumbered_words(changes.paragraphs))
        section = renumbered[0].section
        cited = citation(0, changes.after, section, 0, len(section.text))
        yield _("Only the numbers changed elsewhere: {runs}.", runs=runs), cited


def _reworded(change: ParagraphChange, document: Document) -> Iterator[_Statement]:
    """Yield the new version of the sentences that changed."""
    section = change.section
    changed = [(piece.start, piece.end) for piece in change.words if piece.op != "same"]
    opening = _("Paragraph {number} now says:", number=section.number)
    if change.before and change.before.number != section.number:
        before = change.before.number
        opening = _("Paragraph {number}, which was {before}, now says:", number=section.number, before=before)
    touching = [(a, b) for a, b in split(section.text) if any(x <= b and a <= y for x, y in changed)]
    # A sentence removed between two others touches both; one is enough to show the place.
    inside = [(a, b) for a, b in touching if any(max(x, a) < min(y, b) or a < x == y < b for x, y in changed)]
    yield from _quoted(section, document, opening, inside or touching[:1])


def _quoted(
    section: Section, document: Document, opening: str, spans: list[tuple[int, int]] | None = None
) -> Iterator[_Statement]:
    """Yield the first sentences of a section, or of its sentences `spans`."""
    for n, (start, end) in enumerate((split(section.text) if spans is None else spans)[:_MOST_SENTENCES]):
        sentence = " ".join(section.text[start:end].split())
        said = quoted(sentence)
        statement = f"{opening} {said}" if n == 0 else _("Further: {quoted}", quoted=said)
        yield statement, citation(0, document, section, start, end)


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
    after, before = changes.after, changes.before
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
        return _("{state}, was {place}", state=name, place=place_words(change.before))
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
