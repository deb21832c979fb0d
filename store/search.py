"""Hybrid search: the vectors of windows and full text, fused by score, in one consistent view of the store.

Measured on three sets (nDCG@10, mean): dense .56, BM25 .65, reciprocal rank fusion .67, min-max fusion of
.4 dense and .6 BM25, where BM25 is the mean of the section's and its best window's, .70.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Row, select

from store.catalog import Catalog, Snapshot
from store.catalog.fulltext import full_text
from store.catalog.rows import to_section
from store.catalog.schema import acronyms, passages, sections, vectors
from store.cross_encoders import CrossEncoderReranker
from store.engines import chunked
from store.errors import IndexUnavailable, ModelChanged, NoStore
from store.records import Document, Event, Hit
from store.terms import STOP_WORDS, stem, words
from store.vectors import Index, QuestionEncoder, Vectors, names_same_model

_LOG = logging.getLogger(__name__)
_DENSE_WEIGHT = 0.4
# Candidates of the search by vectors and of that by full text; live sections only.
CANDIDATES = 50
# Words of the longest name of an acronym.
_LONGEST_NAME = 9
# Number of hits whose sentences are returned: for one document, and for several, which may state the same point.
_HITS_WITH_SENTENCES = (5, 10)


@dataclass(frozen=True, slots=True)
class SentenceHit:
    """A sentence of hit number `hit`: `section.text[start:end]`, and the cosine of its vector and the question's."""

    hit: int
    start: int
    end: int
    cosine: float
    vector: Vectors = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and the sentences of the first of them, in reading order.

    `frequencies`: stemmed term of the question -> number of live sections with it, of `section_count`. `names`: acronym
    or name in the question -> its other forms ("gdc" -> "global digital compact"). `events`: those with a date in the
    hits. `full_text_only`: the index did not answer, so that full text alone chose the hits.
    """

    hits: tuple[Hit, ...]
    sentences: tuple[SentenceHit, ...]
    frequencies: Mapping[str, int]
    section_count: int
    names: Mapping[str, tuple[str, ...]]
    documents: tuple[Document, ...]
    question_vector: Vectors
    events: tuple[Event, ...] = ()
    full_text_only: bool = False


class Search:
    """Finds sections visible to the audiences of its catalog. Safe between threads, always up to date."""

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        embedder: QuestionEncoder,
        reranker: CrossEncoderReranker | None = None,
    ) -> None:
        self.catalog = catalog
        self.index = index
        self.embedder = embedder
        self._reranker = reranker
        self._cached: tuple[int, tuple[Document, ...], int] = (-1, (), 0)

    def warm_up(self) -> None:
        """Load the models, and open the live segments if there are documents and the index answers.

        Raises ModelChanged, StoreDamaged.
        """
        vector = self.embedder.encode_question("warm up")
        if self._reranker is not None:
            self._reranker.scores("warm up", ["warm up"])
        with suppress(IndexUnavailable, NoStore), self.catalog.snapshot() as view:
            self._check_model(view)
            self.index.query(view.segments(), vector, 1)

    def documents(self) -> tuple[Document, ...]:
        """Return the live documents. Raises NoStore."""
        with self.catalog.snapshot() as view:
            return self._documents_and_count(view)[0]

    def frequency(self, stemmed: str) -> tuple[int, int]:
        """Return the number of live sections with a stemmed term, and of all live sections."""
        with self.catalog.snapshot() as view:
            return view.document_frequencies([stemmed]).get(stemmed, 0), self._documents_and_count(view)[1]

    def search(self, question: str, search_words: str = "", count: int = 10) -> SearchResult:
        """Return the `count` best sections, and the sentences of the first ones.

        `search_words` are those for the full text, if not the question's: without words such as "which days", with
        other names of its subject. Raises NoStore, ModelChanged, StoreDamaged, and StoreError if the reranker
        cannot be used.
        """
        vector = self.embedder.encode_question(question)
        with self.catalog.snapshot() as view:
            self._check_model(view)
            documents, section_count = self._documents_and_count(view)
            names = _names(view, question)
            lexical_words = _lexical_words(search_words or question, names)
            lexical = _lexical(view, lexical_words)
            try:
                cosines, full_text_only = self._dense(view, vector), False
            except IndexUnavailable as error:
                _LOG.warning("full text alone answers: %s", error)
                cosines, full_text_only = _stored_cosines(view, vector, lexical), True
            hits = _rank(view, cosines, lexical, documents)
            if self._reranker is not None:
                hits = self._reranker.rerank(question, hits)
            hits = hits[:count]
            with_sentences = hits[: _HITS_WITH_SENTENCES[len(documents) > 1]]
            return SearchResult(
                hits=tuple(hits),
                sentences=_sentences(view, vector, with_sentences),
                frequencies=view.document_frequencies([stem(word) for word in lexical_words]),
                section_count=section_count,
                names=names,
                documents=documents,
                question_vector=vector,
                events=tuple(view.events_in({hit.section.id for hit in hits})),
                full_text_only=full_text_only,
            )

    def check_model(self) -> None:
        """Raise ModelChanged if another model made the stored vectors."""
        with suppress(NoStore), self.catalog.snapshot() as view:
            self._check_model(view)

    def _check_model(self, view: Snapshot) -> None:
        if not names_same_model(view.model, self.embedder.fingerprint):
            raise ModelChanged(
                f"the documents were embedded with {view.model}, the setting says "
                f"{self.embedder.fingerprint}; run `itubot reindex`, or set ITUBOT_EMBEDDING_MODEL back"
            )

    def _documents_and_count(self, view: Snapshot) -> tuple[tuple[Document, ...], int]:
        """Return the live documents and the number of live sections; cached for the generation."""
        generation = view.generation
        cached = self._cached
        if cached[0] != generation:
            cached = (generation, tuple(view.documents()), view.section_count())
            self._cached = cached
        return cached[1], cached[2]

    def _dense(self, view: Snapshot, vector: Vectors) -> dict[int, float]:
        """Return section row -> cosine of its best window, of the live sections nearest to the question.

        A segment also has windows of sections that are no longer live: it is queried again for more windows until
        enough live sections are found, or it has no more.
        """
        self.index.close_retired(len(view.every_segment()))
        best: dict[int, float] = {}
        segments, count = view.segments(), CANDIDATES
        while segments:
            windows = self.index.query(segments, vector, count)
            rows = list(_sections_of_windows(view, {key for nearest in windows for key in nearest}))
            again = []
            for segment, nearest in zip(segments, windows, strict=True):
                found = _best((row.pk, nearest[row.key]) for row in rows if row.key in nearest)
                if len(found) >= CANDIDATES // 2 or len(nearest) < count:
                    best = _best([*best.items(), *found.items()])
                else:
                    again.append(segment)
            segments, count = again, 4 * count
        return best


def _rank(
    view: Snapshot, cosines: Mapping[int, float], lexical: Mapping[int, float], documents: Sequence[Document]
) -> list[Hit]:
    """Return the best sections by both scores (section row -> score), as hits."""
    fused = fuse(cosines, lexical)
    best = sorted(fused, key=lambda pk: (-fused[pk], pk))
    rows = view.connection.execute(
        select(sections).where(sections.c.pk.in_(best[:CANDIDATES]), view.is_visible(sections.c.audience))
    )
    found = {row["pk"]: to_section(row) for row in rows.mappings()}
    by_id = {document.id: document for document in documents}
    lowest = min(cosines.values(), default=0.0)
    return [
        Hit(section, by_id[section.document_id], fused[pk], cosines.get(pk, lowest), lexical.get(pk, 0.0))
        for pk in best
        if (section := found.get(pk)) is not None and section.document_id in by_id
    ]


def fuse(cosines: Mapping[int, float], lexical: Mapping[int, float]) -> dict[int, float]:
    """Return the weighted sum of both scores, each scaled to 0..1 over the candidates."""
    candidates = set(cosines) | set(lexical)
    dense, full_text = _scaled(cosines, candidates), _scaled(lexical, candidates, floor=0.0)
    return {pk: _DENSE_WEIGHT * dense[pk] + (1 - _DENSE_WEIGHT) * full_text[pk] for pk in candidates}


def _scaled(
    scores: Mapping[int, float], candidates: set[int], floor: float | None = None
) -> dict[int, float]:
    low = min(scores.values(), default=0.0) if floor is None else floor
    span = max(scores.values(), default=0.0) - low
    return {pk: (scores.get(pk, low) - low) / span if span > 0 else 0.0 for pk in candidates}


def _lexical(view: Snapshot, lexical_words: Sequence[str]) -> dict[int, float]:
    """Return section row -> mean of its own BM25 and its best window's."""
    seen = view.audiences
    whole = full_text(view.connection).match("section_text", seen, lexical_words, CANDIDATES)
    windows = full_text(view.connection).match("window_text", seen, lexical_words, 2 * CANDIDATES)
    rows = view.connection.execute(
        select(passages.c.pk.label("window"), sections.c.pk)
        .join(sections, sections.c.id == passages.c.section_id)
        .where(passages.c.pk.in_(windows))
    )
    best = _best((row.pk, windows[row.window]) for row in rows)
    return {pk: (whole.get(pk, 0.0) + best.get(pk, 0.0)) / 2 for pk in set(whole) | set(best)}


def _stored_cosines(view: Snapshot, vector: Vectors, rows: Iterable[int]) -> dict[int, float]:
    """Return section row -> cosine of its best window, by the vectors that the catalog stores."""
    query = (
        select(sections.c.pk, vectors.c.vector)
        .join(passages, passages.c.section_id == sections.c.id)
        .join(vectors, vectors.c.key == passages.c.key)
        .where(passages.c.kind == "window", sections.c.pk.in_(list(rows)))
    )
    return _best(
        (pk, float(np.frombuffer(stored, dtype=np.float32) @ vector))
        for pk, stored in view.connection.execute(query)
    )


def _best(scores: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Return section row -> the highest of its scores."""
    best: dict[int, float] = {}
    for pk, score in scores:
        best[pk] = max(best.get(pk, score), score)
    return best


def _lexical_words(query: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    text = " ".join([query, *(form for forms in names.values() for form in forms)])
    return [word for word in words(text) if word not in STOP_WORDS]


def _names(view: Snapshot, question: str) -> dict[str, tuple[str, ...]]:
    """Return the acronyms and full names in the question, each with its other forms in the documents."""
    question_words = words(question)
    grams = {
        " ".join(question_words[i:j])
        for i in range(len(question_words))
        for j in range(i + 1, min(i + _LONGEST_NAME, len(question_words)) + 1)
    }
    rows = view.connection.execute(
        select(acronyms.c.short, acronyms.c.long)
        .where(
            acronyms.c.short.in_(grams) | acronyms.c.long.in_(grams),
            view.is_of_visible_document(acronyms.c.document_id),
        )
        .distinct()
    )
    forms: dict[str, set[str]] = {}
    for short, long in rows:
        if short in grams:
            forms.setdefault(short, set()).add(long)
        if long in grams:
            forms.setdefault(long, set()).add(short)
    return {name: tuple(sorted(others)) for name, others in forms.items()}


def _sections_of_windows(view: Snapshot, keys: Iterable[str]) -> Iterator[Row[Any, Any]]:
    query = (
        select(sections.c.pk, passages.c.key)
        .join(passages, passages.c.section_id == sections.c.id)
        .where(passages.c.kind == "window", sections.c.live, view.is_visible(sections.c.audience))
    )
    for part in chunked(keys):
        yield from view.connection.execute(query.where(passages.c.key.in_(part)))


def _sentences(view: Snapshot, vector: Vectors, hits: Sequence[Hit]) -> tuple[SentenceHit, ...]:
    places = {hit.section.id: place for place, hit in enumerate(hits)}
    query = (
        select(passages.c.section_id, passages.c.start, passages.c.end, vectors.c.vector)
        .join(vectors, vectors.c.key == passages.c.key)
        .where(passages.c.section_id.in_(places), passages.c.kind == "sentence")
        .order_by(passages.c.section_id, passages.c.start)
    )
    found = []
    for row in view.connection.execute(query):
        own = np.frombuffer(row.vector, dtype=np.float32)
        # Both are unit vectors.
        found.append(SentenceHit(places[row.section_id], row.start, row.end, float(own @ vector), own))
    return tuple(sorted(found, key=lambda sentence: (sentence.hit, sentence.start)))
