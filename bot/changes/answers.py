"""What changed in a document, as an answer: sentences with the paragraphs that they rest on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answers import Answer
from bot.answers.citations import citation
from bot.answers.register_answers import entry_citation
from bot.changes.comparison import Changes, ParagraphChange
from bot.changes.dates import DateChange
from bot.changes.wording import before_name, compared_words, date_words, nothing_words, renumbered_words
from ingest.document.sentences import split
from store.records import Citation, Document, Section

# Lines of an answer; `itubot changes` and `/itu changes` show everything.
_LINES = 12
# Sentences quoted of one paragraph.
_SENTENCES = 3

# What is said, and what it rests on; its marker is given last.
_Said = tuple[str, Citation]


def changes_answer(draft: Answer, changes: Changes, *, dates_only: bool = False) -> Answer:
    """Return the draft with what changed, dates first, each sentence with the paragraph it rests on.

    What is gone is cited from the earlier version. Of two editions of a report the first sentence names both.
    Where nothing changed, or there is nothing to compare with, it is a notice that says so.
    """
    if not changes or changes.before is None:
        return replace(draft, text=nothing_words(changes), reason="no change")
    weighty = [change for change in changes.dates if not _is_history(change, changes)]
    said = list(_dates(changes, weighty))
    if not dates_only:
        said += _paragraphs(changes)
    said += _dates(changes, [change for change in changes.dates if change not in weighty])
    if not said:
        what = "No date" if dates_only else "Nothing but headings"
        text = f"{what} changed in {changes.after.source} {_from_to(changes)}."
        return replace(draft, text=text, reason="no change")
    cited: dict[tuple[str, str], Citation] = {}
    lines = []
    if changes.editions:
        both = compared_words(changes)
        said[0] = f"{both[:1].upper()}{both[1:]}: {said[0][0]}", said[0][1]
    for sentence, basis in said[:_LINES]:
        place = (basis.section_id, basis.quote)
        cited.setdefault(place, replace(basis, marker=len(cited) + 1))
        lines.append(f"{sentence} [{cited[place].marker}]")
    if len(said) > _LINES:
        # Every sentence carries a marker; this one rests on the first that is left out.
        basis = replace(said[_LINES][1], marker=len(cited) + 1)
        basis = cited.setdefault((basis.section_id, basis.quote), basis)
        lines.append(
            f"There are {len(said) - _LINES} more changes, of which `itubot changes` tells [{basis.marker}]"
        )
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(cited.values()))


def _from_to(changes: Changes) -> str:
    if changes.editions:
        return compared_words(changes)
    return f"from {before_name(changes)} to {changes.after.version}"


def _is_history(change: DateChange, changes: Changes) -> bool:
    """Whether a new edition tells of what came in and was over since the one before."""
    day, end = changes.after.date, change.entry.end
    return changes.editions and change.kind == "added" and day is not None and end is not None and end < day


def _dates(changes: Changes, chosen: Sequence[DateChange]) -> Iterator[_Said]:
    for change in chosen:
        title = change.entry.title
        sentence = f"{title[:1].upper()}{title[1:]} {date_words(change)}."
        stated_in = changes.after if change.after else changes.before
        yield sentence, entry_citation(change.entry, stated_in.symbol if stated_in else None)


def _paragraphs(changes: Changes) -> Iterator[_Said]:
    for change in changes.paragraphs:
        if change.kind == "reworded":
            yield from _reworded(change, changes.after)
        elif change.kind == "added":
            yield from _whole(change.section, changes.after, f"Paragraph {change.section.number} is new:")
        elif change.kind == "removed" and changes.before is not None:
            opening = f"Paragraph {change.section.number} of {before_name(changes)} is gone; it said:"
            yield from _whole(change.section, changes.before, opening)
    renumbered = [change for change in changes.paragraphs if change.kind == "renumbered"]
    if renumbered:
        runs = "; ".join(renumbered_words(changes.paragraphs))
        section = renumbered[0].section
        cited = citation(0, changes.after, section, 0, len(section.text))
        yield f"Only the numbers changed elsewhere: {runs}.", cited


def _reworded(change: ParagraphChange, document: Document) -> Iterator[_Said]:
    """The sentences in which something came in or went out, as they are now."""
    section = change.section
    touched = [(piece.start, piece.end) for piece in change.words if piece.op != "same"]
    opening = f"Paragraph {section.number} now says:"
    if change.before and change.before.number != section.number:
        opening = f"Paragraph {section.number}, which was {change.before.number}, now says:"
    spans = [(a, b) for a, b in split(section.text) if any(x <= b and a <= y for x, y in touched)]
    # A sentence that went out at the edge of two touches both; one is enough to show the place.
    inner = [(a, b) for a, b in spans if any(max(x, a) < min(y, b) or a < x == y < b for x, y in touched)]
    yield from _quoted(section, document, opening, inner or spans[:1])


def _whole(section: Section, document: Document, opening: str) -> Iterator[_Said]:
    yield from _quoted(section, document, opening, split(section.text))


def _quoted(
    section: Section, document: Document, opening: str, spans: list[tuple[int, int]]
) -> Iterator[_Said]:
    for n, (start, end) in enumerate(spans[:_SENTENCES]):
        sentence = " ".join(section.text[start:end].split())
        led = f"{opening} “{sentence}”" if n == 0 else f"Further: “{sentence}”"
        yield led, citation(0, document, section, start, end)
