"""Questions about changes in a document, and their answers: sentences with the paragraphs behind them. Pure.

"What changed in the engagement report?" is such a question; "What changed in the Zero Draft?" and "Which changes does
the report propose?" are questions that the documents answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.answers import Answer
from bot.answers.citations import citation, entry_citations
from bot.changes.comparison import Changes, DateChange, ParagraphChange
from bot.changes.wording import before_name, compared_words, date_words, nothing_words, renumbered_words
from bot.question.lexicon import word_list
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
        what = "No date" if dates_only else "Nothing but headings"
        between = f"from {before_name(changes)} to {changes.after.version}"
        between = compared_words(changes) if changes.editions else between
        text = f"{what} changed in {changes.after.source} {between}."
        return replace(draft, text=text, reason="no change")
    if changes.editions:
        both = compared_words(changes)
        statements[0] = f"{both[:1].upper()}{both[1:]}: {statements[0][0]}", statements[0][1]
    shown, more = statements[:_MOST_LINES], statements[_MOST_LINES:]
    if more:
        # Every sentence has a citation; this one cites the first change that is left out.
        shown.append((f"There are {len(more)} more changes", more[0][1]))
    cited: dict[tuple[str, str], Citation] = {}
    lines = []
    for sentence, source in shown:
        quote = (source.section_id, source.quote)
        cited.setdefault(quote, replace(source, marker=len(cited) + 1))
        lines.append(f"{sentence} [{cited[quote].marker}]")
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(cited.values()))


def _is_history(change: DateChange, changes: Changes) -> bool:
    """Whether an added date was already over when the new edition was written."""
    day, end = changes.after.date, change.entry.end
    return changes.editions and change.kind == "added" and day is not None and end is not None and end < day


def _dates(changes: Changes, chosen: Sequence[DateChange]) -> Iterator[_Statement]:
    for change in chosen:
        title = change.entry.title
        sentence = f"{title[:1].upper()}{title[1:]} {date_words(change)}."
        stated_in = changes.after if change.after else changes.before
        documents = {stated_in.source: stated_in} if stated_in else {}
        yield sentence, next(entry_citations(change.entry, documents))


def _paragraphs(changes: Changes) -> Iterator[_Statement]:
    for change in changes.paragraphs:
        if change.kind == "reworded":
            yield from _reworded(change, changes.after)
        elif change.kind == "added":
            yield from _quoted(change.section, changes.after, f"Paragraph {change.section.number} is new:")
        elif change.kind == "removed" and changes.before is not None:
            opening = f"Paragraph {change.section.number} of {before_name(changes)} is gone; it said:"
            yield from _quoted(change.section, changes.before, opening)
    renumbered = [change for change in changes.paragraphs if change.kind == "renumbered"]
    if renumbered:
        runs = "; ".join(renumbered_words(changes.paragraphs))
        section = renumbered[0].section
        cited = citation(0, changes.after, section, 0, len(section.text))
        yield f"Only the numbers changed elsewhere: {runs}.", cited


def _reworded(change: ParagraphChange, document: Document) -> Iterator[_Statement]:
    """Yield the new version of the sentences that changed."""
    section = change.section
    changed = [(piece.start, piece.end) for piece in change.words if piece.op != "same"]
    opening = f"Paragraph {section.number} now says:"
    if change.before and change.before.number != section.number:
        opening = f"Paragraph {section.number}, which was {change.before.number}, now says:"
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
        statement = f"{opening} “{sentence}”" if n == 0 else f"Further: “{sentence}”"
        yield statement, citation(0, document, section, start, end)
