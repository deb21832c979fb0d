"""Changes as citable sentences, dates first, each with the paragraph that shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.answering.citations import citation, entry_citations
from bot.changes.comparison import Changes, DateChange, ParagraphChange
from bot.changes.wording import before_name, compared_words, date_words, renumbered_words
from bot.locales import _, quoted, semicolons
from bot.register.wording import title
from ingest.text.sentences import split
from store.records import Citation, Document, Section

# Most sentences quoted from one paragraph.
_MOST_SENTENCES = 3

# A sentence without a marker, and its citation.
ChangeStatement = tuple[str, Citation]


def change_statements(changes: Changes) -> list[ChangeStatement]:
    """Return a sentence for each change, with the paragraph that shows it: dates first.

    Removed text is cited from the earlier version. The first sentence names the editions of a report, if two are
    compared. Without changes there are none.
    """
    if not changes or changes.before is None:
        return []
    current = [change for change in changes.dates if not _is_history(change, changes)]
    history = [change for change in changes.dates if change not in current]
    statements = [
        *_date_statements(changes, current),
        *_paragraph_statements(changes),
        *_date_statements(changes, history),
    ]
    if changes.editions and statements:
        both = compared_words(changes)
        opening = _("{heading}: {line}", heading=_capitalised(both), line=statements[0][0])
        statements[0] = opening, statements[0][1]
    return statements


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _is_history(change: DateChange, changes: Changes) -> bool:
    """Whether an added date was already over when the new edition was written."""
    day = changes.after.date
    end = change.entry.end
    return changes.editions and change.kind == "added" and day is not None and end is not None and end < day


def _date_statements(changes: Changes, chosen: Sequence[DateChange]) -> Iterator[ChangeStatement]:
    for change in chosen:
        sentence = _("{title} {change}.", title=_capitalised(title(change.entry)), change=date_words(change))
        stated_in = changes.after if change.after else changes.before
        documents = {stated_in.source: stated_in} if stated_in else {}
        yield sentence, next(entry_citations(change.entry, documents))


def _paragraph_statements(changes: Changes) -> Iterator[ChangeStatement]:
    for change in changes.paragraphs:
        if change.kind == "reworded":
            yield from _reworded_statements(change, changes.after)
        elif change.kind == "added":
            opening = _("Paragraph {number} is new:", number=change.section.number)
            yield from _quoted_statements(change.section, changes.after, opening)
        elif change.kind == "removed" and changes.before is not None:
            opening = _(
                "Paragraph {number} of {document} is gone; it said:",
                number=change.section.number,
                document=before_name(changes),
            )
            yield from _quoted_statements(change.section, changes.before, opening)
    renumbered = [change for change in changes.paragraphs if change.kind == "renumbered"]
    if renumbered:
        runs = semicolons(renumbered_words(changes.paragraphs))
        section = renumbered[0].section
        cited = citation(0, changes.after, section, 0, len(section.text))
        yield _("Only the numbers changed elsewhere: {runs}.", runs=runs), cited


def _reworded_statements(change: ParagraphChange, document: Document) -> Iterator[ChangeStatement]:
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
    yield from _quoted_statements(section, document, opening, inside or touching[:1])


def _quoted_statements(
    section: Section, document: Document, opening: str, spans: list[tuple[int, int]] | None = None
) -> Iterator[ChangeStatement]:
    """Yield the first sentences of a section, or of its sentences `spans`."""
    for n, (start, end) in enumerate((split(section.text) if spans is None else spans)[:_MOST_SENTENCES]):
        sentence = " ".join(section.text[start:end].split())
        said = quoted(sentence)
        statement = f"{opening} {said}" if n == 0 else _("Further: {quoted}", quoted=said)
        yield statement, citation(0, document, section, start, end)
