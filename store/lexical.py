"""The search by full text: its words, the names among them, and the scores of sections by their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from sqlalchemy import select

from store.catalog import Snapshot
from store.catalog.schema import passages, sections
from store.terms import STOP_WORDS, words

# Candidates of the search by vectors and of that by full text; live sections only.
CANDIDATES = 50
# Sections, the best ones by their own words, of which the windows are scored too.
_WITH_WINDOWS = 10 * CANDIDATES
_LONGEST_NAME_WORDS = 9


def lexical_scores(
    snapshot: Snapshot, lexical_words: Sequence[str], frequencies: Mapping[str, int]
) -> dict[int, float]:
    """Return section row -> mean of its own BM25 and its best window's."""
    text, audiences = snapshot.full_text, snapshot.audiences
    found = text.match("section_text", audiences, lexical_words, _WITH_WINDOWS, frequencies)
    own = select(passages.c.pk, sections.c.pk.label("section")).join(
        sections, sections.c.id == passages.c.section_id
    )
    query = own.where(passages.c.kind == "window", sections.c.pk.in_(found))
    section_of = {row.pk: row.section for row in snapshot.connection.execute(query)}
    windows = text.scores("window_text", audiences, lexical_words, section_of)
    best_windows = sorted(windows, key=lambda pk: (-windows[pk], pk))[: 2 * CANDIDATES]
    best = best_scores((section_of[pk], windows[pk]) for pk in best_windows)
    whole = dict(islice(found.items(), CANDIDATES))
    return {pk: (whole.get(pk, 0.0) + best.get(pk, 0.0)) / 2 for pk in set(whole) | set(best)}


def best_scores(scores: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Return section row -> the highest of its scores."""
    best: dict[int, float] = {}
    for pk, score in scores:
        best[pk] = max(best.get(pk, score), score)
    return best


def query_words(question: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the words of a question and of the other forms of its names, without stop words."""
    text = " ".join([question, *(form for forms in names.values() for form in forms)])
    return [word for word in words(text) if word not in STOP_WORDS]


def names_in(names: Mapping[str, tuple[str, ...]], question: str) -> dict[str, tuple[str, ...]]:
    """Return the acronyms and full names in the question, each with its other forms in the documents."""
    question_words = words(question)
    grams = (
        " ".join(question_words[i:j])
        for i in range(len(question_words))
        for j in range(i + 1, min(i + _LONGEST_NAME_WORDS, len(question_words)) + 1)
    )
    return {gram: names[gram] for gram in grams if gram in names}
