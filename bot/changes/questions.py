"""Recognizes questions about changes in a document, and the document meant. Pure.

"What changed in the engagement report?" is such a question; "What changed in the Zero Draft?" and "Which changes does
the report propose?" are questions that the documents answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from store.records import Document
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
_DATES = frozenset(map(stem, "date dates deadline deadlines meeting meetings event events".split()))
_CHANGED = frozenset(
    stem(word)
    for word in """changed change changes new different differ difference differences revised updated update reworded
    added removed deleted amended modified edited moved move rescheduled renumbered revisions amendments""".split()
)
_PAPER = frozenset(map(stem, "report document paper file text version edition revision".split()))
_FRAME = frozenset(
    stem(word)
    for word in """annual anything current earlier else exactly first former itu last lately latest made newest old
    older our paragraph paragraphs part parts please preceding previous prior recent recently section sections show
    since something tell thing things today two wording""".split()
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
    sought = set(stems) - _FRAME - _CHANGED - _PAPER
    dates_only = bool(sought & _DATES)
    if not _CHANGED & set(stems) or not (named or _PAPER & set(stems)):
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
