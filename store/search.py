"""Hybrid search: the vectors of windows and full text, fused by score, in one consistent view of the store.

Measured on three sets (nDCG@10, mean): dense .56, BM25 .65, reciprocal rank fusion .67, min-max fusion of .4 dense and
.6 BM25, where BM25 is the mean of the section's and its best window's, .70.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any

import numpy as np
from sqlalchemy import Select, bindparam, select

from store.audiences import Audiences
from store.catalog import Catalog, Snapshot, is_visible
from store.cross_encoders import CrossEncoderReranker
from store.engines import chunked
from store.errors import IndexDamaged, ModelChanged, NoStore, StoreError
from store.records import Citation, Document, Hit, Section
from store.schema import as_record, passages, sections, vectors
from store.terms import STOP_WORDS, stem, words
from store.vectors.encoders import QuestionEncoder, Vector
from store.vectors.index import Index

_LOG = logging.getLogger(__name__)
# Candidates of the search by vectors and of that by full text; live sections only.
CANDIDATES = 50
# Sections, the best ones by their own words, of which the windows are scored too.
_WITH_WINDOWS = 10 * CANDIDATES
_LONGEST_NAME_WORDS = 9
_DENSE_WEIGHT = 0.4
# Of questions in other languages, of whose words full text has few; measured on 56 questions in five languages.
_DENSE_WEIGHT_OF_OTHERS = 0.7
# Number of hits whose sentences are returned. Several documents may state the same point, so they need more.
_HITS_WITH_SENTENCES = 5
_HITS_WITH_SENTENCES_OF_SEVERAL = 10
# Number of terms whose frequencies are kept: a large vocabulary has as many.
_MOST_TERMS = 65_536


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence `hit.section.text[start:end]`."""

    hit: Hit
    start: int
    end: int
    cosine: float
    """Cosine of the vectors of the sentence and of the question."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and the sentences of the first ones, in reading order.

    `frequencies`: stemmed term of the question -> number of live sections with it, of `section_count`. `names`: acronym
    or name in the question -> its other forms ("gdc" -> "global digital compact"). `full_text_only`: the index is away
    or damaged, so that full text alone chose the hits.
    """

    hits: tuple[Hit, ...]
    sentences: tuple[Sentence, ...]
    frequencies: Mapping[str, int]
    section_count: int
    names: Mapping[str, tuple[str, ...]]
    documents: tuple[Document, ...]
    full_text_only: bool = False


@dataclass(slots=True)
class _Contents:
    """The catalog's documents in one generation, for some audiences, and what a search needs of them.

    They are read once, and all questions use them until the next publication.

    `names`: acronym or name -> its other forms, in folded words. `versions`: id -> what a document shares with its
    versions in other languages, of those that have some. `frequencies`: stemmed term -> number of live sections with
    it, of the terms that were asked for.
    """

    generation: int
    documents: tuple[Document, ...]
    section_count: int
    segments: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, tuple[str, str]]
    frequencies: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Contents:
        """Read the contents as of a snapshot."""
        documents, segments = tuple(snapshot.documents()), tuple(snapshot.segments())
        names, versions = snapshot.names(), _versions(documents)
        return cls(snapshot.generation, documents, snapshot.section_count(), segments, names, versions)

    def frequencies_of(self, snapshot: Snapshot, stems: Iterable[str]) -> dict[str, int]:
        """Return the number of live sections with each of the stemmed terms."""
        found = {term: self.frequencies.get(term, -1) for term in stems}
        if new := [term for term, count in found.items() if count < 0]:
            counted = snapshot.document_frequencies(new)
            found |= {term: counted.get(term, 0) for term in new}
            if len(self.frequencies) < _MOST_TERMS:
                self.frequencies.update(found)
        return found


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
        self.reranker = reranker
        self._contents: _Contents | None = None

    def warm_up(self) -> None:
        """Load the models, and open the live segments if there are documents and the index answers.

        Raises ModelChanged, and other StoreErrors of the catalog.
        """
        vector = self.embedder.encode_question("warm up")
        if self.reranker is not None:
            self.reranker.scores("warm up", ["warm up"])
        with suppress(NoStore), self.catalog.snapshot() as snapshot:
            self._check_model(snapshot)
            with suppress(StoreError):
                self.index.query(snapshot.segments(), vector, 1)

    def view(self) -> SearchView:
        """Return a view of the store for one question: `with search.view() as view`."""
        return SearchView(self)

    def search(self, question: str, count: int = 10) -> SearchResult:
        """Search in a view of its own, as `SearchView.search` does."""
        with self.view() as view:
            return view.search(question, count)

    def check_model(self) -> None:
        """Raise ModelChanged if another model made the stored vectors."""
        with suppress(NoStore), self.catalog.snapshot() as snapshot:
            self._check_model(snapshot)

    def _check_model(self, snapshot: Snapshot) -> None:
        if snapshot.model != self.embedder.fingerprint:
            raise ModelChanged(
                f"the documents were embedded with {snapshot.model}, the setting says "
                f"{self.embedder.fingerprint}; run `itubot reindex`, or set ITUBOT_EMBEDDING_MODEL back"
            )

    def _contents_of(self, snapshot: Snapshot) -> _Contents:
        """Return the contents of a snapshot's generation, which are kept until the next one."""
        known = self._contents
        if known is None or known.generation != snapshot.generation:
            known = self._contents = _Contents.of(snapshot)
            self.index.close_retired(len(snapshot.every_segment()))
        return known


class SearchView:
    """The store as one question sees it, in one thread: all reads return the state at the time of the first one.

    It is closed with its `with` block. `release` ends it earlier: the next read returns the newest state.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._stack = ExitStack()
        self._snapshot: Snapshot | None = None
        self._encoded: dict[tuple[str, str], Vector] = {}

    def __enter__(self) -> SearchView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._snapshot = None
        self._stack.__exit__(kind, error, trace)

    def release(self) -> None:
        """End the transaction; called before a model is asked, which takes seconds."""
        self.__exit__(None, None, None)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the catalog. Raises NoStore."""
        if self._snapshot is None:
            self._snapshot = self._stack.enter_context(self._search.catalog.snapshot())
        return self._snapshot

    @property
    def documents(self) -> tuple[Document, ...]:
        """The live documents. Raises NoStore."""
        return self._contents.documents

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Acronym or name -> its other forms, in folded words. Raises NoStore."""
        return self._contents.names

    def encode(self, text: str, language: str = "en") -> Vector:
        """Return the vector of a question; it is encoded once, though several steps of an answer need it."""
        if (text, language) not in self._encoded:
            self._encoded[text, language] = self._search.embedder.encode_question(text, language)
        return self._encoded[text, language]

    def has_versions(self, citations: Iterable[Citation]) -> bool:
        """Whether one of these is of a document that is here in several languages."""
        return any(citation.document_id in self._contents.versions for citation in citations)

    def search(
        self,
        question: str,
        count: int = 10,
        language: str = "en",
    ) -> SearchResult:
        """Return the `count` best sections for a question in a language, and the sentences of the first ones.

        Without the index, full text alone chooses them. Raises NoStore, ModelChanged, StoreDamaged of the catalog, and
        StoreError if the reranker cannot be used.
        """
        snapshot, contents, search = self.snapshot, self._contents, self._search
        search._check_model(snapshot)
        vector = self.encode(question, language)
        names = _names_in(contents.names, question)
        lexical_words = _query_words(question, names)
        frequencies = contents.frequencies_of(snapshot, map(stem, lexical_words))
        lexical = _lexical(snapshot, lexical_words)
        try:
            if snapshot.is_index_damaged and not contents.segments:
                raise IndexDamaged("the index is not built yet; the next ingest or `itubot reindex` does it")
            cosines, full_text_only = _dense(snapshot, search.index, contents.segments, vector), False
        except StoreError as error:
            # Errors of the index. Those of the catalog are raised as other classes when the view closes.
            _LOG.warning("full text alone answers: %s", error)
            if isinstance(error, IndexDamaged) and not snapshot.is_index_damaged:
                search.catalog.report_damaged_index()
            cosines, full_text_only = _stored_cosines(snapshot, vector, lexical), True
        # A cross-encoder may know English alone.
        reranker = search.reranker if language == "en" else None
        most = CANDIDATES if reranker is not None else count
        weight = _DENSE_WEIGHT if language == "en" else _DENSE_WEIGHT_OF_OTHERS
        fused = _fuse(cosines, lexical, weight)
        # All of them where several may be versions of one.
        hits = _rank(snapshot, fused, cosines, contents.documents, len(fused) if contents.versions else most)
        hits = _one_of_versions(hits, contents.versions, language)[:most]
        if reranker is not None:
            hits = reranker.rerank(question, hits)[:count]
        several = len(contents.documents) > 1
        with_sentences = _HITS_WITH_SENTENCES_OF_SEVERAL if several else _HITS_WITH_SENTENCES
        return SearchResult(
            hits=tuple(hits),
            sentences=_sentences(snapshot, vector, hits[:with_sentences]),
            frequencies=frequencies,
            section_count=contents.section_count,
            names=names,
            documents=contents.documents,
            full_text_only=full_text_only,
        )

    @property
    def _contents(self) -> _Contents:
        return self._search._contents_of(self.snapshot)


def _names_in(names: Mapping[str, tuple[str, ...]], question: str) -> dict[str, tuple[str, ...]]:
    """Return the acronyms and full names in the question, each with its other forms in the documents."""
    question_words = words(question)
    grams = (
        " ".join(question_words[i:j])
        for i in range(len(question_words))
        for j in range(i + 1, min(i + _LONGEST_NAME_WORDS, len(question_words)) + 1)
    )
    return {gram: names[gram] for gram in grams if gram in names}


def _query_words(question: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the words of a question and of the other forms of its names, without stop words."""
    text = " ".join([question, *(form for forms in names.values() for form in forms)])
    return [word for word in words(text) if word not in STOP_WORDS]


def _lexical(snapshot: Snapshot, query_words: Sequence[str]) -> dict[int, float]:
    """Return section row -> mean of its own BM25 and its best window's."""
    text, audiences = snapshot.full_text, snapshot.audiences
    found = text.match("section_text", audiences, query_words, _WITH_WINDOWS)
    rows = snapshot.connection.execute(_WINDOWS_OF_SECTIONS, {"rows": list(found)})
    section_of = {row[0]: row[1] for row in rows}
    windows = text.scores("window_text", audiences, query_words, section_of)
    best_windows = sorted(windows, key=lambda pk: (-windows[pk], pk))[: 2 * CANDIDATES]
    best = _best_scores((section_of[pk], windows[pk]) for pk in best_windows)
    whole = dict(islice(found.items(), CANDIDATES))
    return {pk: (whole.get(pk, 0.0) + best.get(pk, 0.0)) / 2 for pk in set(whole) | set(best)}


def _dense(snapshot: Snapshot, index: Index, segments: Sequence[str], vector: Vector) -> dict[int, float]:
    """Return section row -> cosine of its best window, of the live sections nearest to the question.

    The segments are searched as one: how many documents an ingest publishes at a time changes no score. Windows as far
    away as the last one count only if all of them are found: which of them the index gives is chance, and would show
    to readers of other audiences. The segments also have windows of sections that are no longer live. So they are
    queried again for more windows until enough live sections are found, or there are no more windows.
    """
    count = CANDIDATES
    while segments:
        windows: dict[str, float] = {}
        for nearest in index.query(segments, vector, count + 1):
            windows |= nearest
        last = sorted(windows.values(), reverse=True)[count] if len(windows) > count else -np.inf
        best = {key: score for key, score in windows.items() if score > last}
        found = _best_scores((pk, best[key]) for pk, key in _sections_of_windows(snapshot, best))
        if len(found) >= CANDIDATES // 2 or len(windows) <= count:
            return found
        count *= 4
    return {}


def _rank(
    snapshot: Snapshot,
    fused: Mapping[int, float],
    cosines: Mapping[int, float],
    documents: Sequence[Document],
    count: int,
) -> list[Hit]:
    """Return the `count` best sections by the fused score (section row -> score), as hits."""
    best = sorted(fused, key=lambda pk: (-fused[pk], pk))[:count]
    rows = snapshot.connection.execute(_sections_query(snapshot.audiences), {"rows": best})
    found = {row["pk"]: as_record(Section, row) for row in rows.mappings()}
    by_id = {document.id: document for document in documents}
    lowest = min(cosines.values(), default=0.0)
    return [
        Hit(section, by_id[section.document_id], fused[pk], cosines.get(pk, lowest))
        for pk in best
        if (section := found.get(pk)) is not None and section.document_id in by_id
    ]


def _versions(documents: Iterable[Document]) -> dict[str, tuple[str, str]]:
    """Return id -> (audience, neutral symbol) of the documents that have versions in other languages."""
    found: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in documents:
        if symbol := document.neutral_symbol:
            found[document.audience, symbol].append(document)
    return {document.id: key for key, several in found.items() if len(several) > 1 for document in several}


def _one_of_versions(
    hits: Iterable[Hit], versions: Mapping[str, tuple[str, str]], language: str
) -> list[Hit]:
    """Return hits, of the versions of a paragraph one alone: that in the language, else in English, else the best."""
    chosen: dict[object, Hit] = {}
    for hit in hits:
        document, section = hit.document, hit.section
        version = versions.get(document.id)
        key = section.id if version is None or section.number == "0" else (version, section.number)
        best = chosen.get(key)
        if best is None:
            chosen[key] = hit
        elif best.document.id == document.id:
            # A document may have a number twice, as in an annex.
            chosen[section.id] = hit
        elif document.distance_of_language(language) < best.document.distance_of_language(language):
            chosen[key] = replace(hit, score=best.score)
    return list(chosen.values())


def _fuse(cosines: Mapping[int, float], lexical: Mapping[int, float], weight: float) -> dict[int, float]:
    """Return the weighted sum of both scores, each scaled to 0..1 over the candidates; `weight` is of the cosines."""
    candidates = set(cosines) | set(lexical)
    dense, full_text = _scaled(cosines, candidates), _scaled(lexical, candidates, floor=0.0)
    return {pk: weight * dense[pk] + (1 - weight) * full_text[pk] for pk in candidates}


def _scaled(
    scores: Mapping[int, float], candidates: set[int], floor: float | None = None
) -> dict[int, float]:
    low = min(scores.values(), default=0.0) if floor is None else floor
    span = max(scores.values(), default=0.0) - low
    return {pk: (scores.get(pk, low) - low) / span if span > 0 else 0.0 for pk in candidates}


def _stored_cosines(snapshot: Snapshot, vector: Vector, rows: Iterable[int]) -> dict[int, float]:
    """Return section row -> cosine of its best window, by the vectors that the catalog stores."""
    query = (
        select(sections.c.pk, vectors.c.vector)
        .join(passages, passages.c.section_id == sections.c.id)
        .join(vectors, vectors.c.key == passages.c.key)
        .where(passages.c.kind == "window", sections.c.pk.in_(list(rows)))
    )
    return _best_scores(
        (pk, float(np.frombuffer(stored, dtype=np.float32) @ vector))
        for pk, stored in snapshot.connection.execute(query)
    )


def _best_scores(scores: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Return section row -> the highest of its scores."""
    best: dict[int, float] = {}
    for pk, score in scores:
        best[pk] = max(best.get(pk, score), score)
    return best


def _sections_of_windows(snapshot: Snapshot, keys: Iterable[str]) -> list[tuple[int, str]]:
    """Return (section row, key) of the live sections with windows of these keys."""
    query, connection = _windows_query(snapshot.audiences), snapshot.connection
    return [(pk, key) for part in chunked(keys) for pk, key in connection.execute(query, {"keys": part})]


def _sentences(snapshot: Snapshot, vector: Vector, hits: Sequence[Hit]) -> tuple[Sentence, ...]:
    own = {hit.section.id: hit for hit in hits}
    order = {section_id: place for place, section_id in enumerate(own)}
    found = [
        Sentence(own[section_id], start, end, float(np.frombuffer(stored, dtype=np.float32) @ vector))
        for section_id, start, end, stored in snapshot.connection.execute(_SENTENCES, {"ids": list(own)})
    ]
    return tuple(sorted(found, key=lambda sentence: (order[sentence.hit.section.id], sentence.start)))


# Built once: building a query takes longer than SQLite takes to answer it.
_WINDOWS_OF_SECTIONS = (
    select(passages.c.pk, sections.c.pk)
    .join(sections, sections.c.id == passages.c.section_id)
    .where(passages.c.kind == "window", sections.c.pk.in_(bindparam("rows", expanding=True)))
)
_SENTENCES = (
    select(passages.c.section_id, passages.c.start, passages.c.end, vectors.c.vector)
    .join(vectors, vectors.c.key == passages.c.key)
    .where(passages.c.section_id.in_(bindparam("ids", expanding=True)), passages.c.kind == "sentence")
)


@lru_cache
def _windows_query(audiences: Audiences | None) -> Select[int, str]:
    return (
        select(sections.c.pk, passages.c.key)
        .join(passages, passages.c.section_id == sections.c.id)
        .where(
            passages.c.kind == "window",
            sections.c.live,
            is_visible(sections.c.audience, audiences),
            passages.c.key.in_(bindparam("keys", expanding=True)),
        )
    )


@lru_cache
def _sections_query(audiences: Audiences | None) -> Select[Any]:
    own = sections.c.pk.in_(bindparam("rows", expanding=True))
    return select(sections).where(own, is_visible(sections.c.audience, audiences))
