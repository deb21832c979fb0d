"""Full text of sections and of their windows, for one audience or several, scored by BM25.

It is one table on every database. The kinds of rows are "section_text", the text of a section with its heading, and
"window_text", one window of it; rows have the numbers of their sections or passages. For each word there are postings:
the rows that have it, how often, and how many words each of these rows has. The postings of a word are divided into
blocks of row numbers, so that a new document changes some of them only.

`audiences` are those whose rows are searched and counted, None for all: a word's weight depends on the rows that the
reader may see.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    delete,
    func,
    select,
    true,
)

from store.engines import chunked, insert_or_replace
from store.terms import stem, words

# The parameters of SQLite's bm25(): https://www.sqlite.org/fts5.html#the_bm25_function.
_K1, _B = 1.2, 0.75
# Weight of a term that more than half of the rows have, also as in SQLite.
_LEAST_WEIGHT = 1e-6
# Row numbers in one block.
_BLOCK_ROWS = 1 << 13
# Counts are stored in 16 bits: a longer row is found by its beginning.
_MOST_WORDS = (1 << 16) - 1
_LONGEST_WORD = 100
# A change keeps so many postings in memory, some 100 MB, before it writes them.
_MOST_PENDING = 3_000_000
# The `term` of a block's postings of all its rows.
_EVERY_ROW = ""
# The place in the block, how often the row has the term, and the number of all its words.
_POSTING = np.dtype([("row", "<u2"), ("occurs", "<u2"), ("length", "<u2")])

metadata = MetaData()
_postings = Table(
    "text_postings",
    metadata,
    Column("kind", String, primary_key=True),
    Column("audience", String, primary_key=True),
    Column("term", String, primary_key=True),
    Column("block", Integer, primary_key=True, autoincrement=False),
    # Of all these postings, the number of rows, and the sum of how often they have the term.
    Column("rows", Integer, nullable=False),
    Column("occurrences", Integer, nullable=False),
    Column("postings", LargeBinary, nullable=False),
    Index("text_postings_by_block", "kind", "audience", "block"),
)
_KEY = ["kind", "audience", "term", "block"]

Scores = dict[int, NDArray[np.float64]]
_Block = tuple[str, str, int]


class FullText:
    """Full text as of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def frequencies(
        self, kind: str, audiences: Collection[str] | None, stems: Iterable[str]
    ) -> Mapping[str, int]:
        """Return the number of rows with each of the stemmed terms; terms in none are left out."""
        own = _of(kind, audiences) & _postings.c.term.in_(set(stems))
        query = select(_postings.c.term, func.sum(_postings.c.rows)).where(own).group_by(_postings.c.term)
        return {term: int(rows) for term, rows in self._connection.execute(query)}

    def match(
        self, kind: str, audiences: Collection[str] | None, query_words: Sequence[str], limit: int
    ) -> dict[int, float]:
        """Return row number -> BM25 of the best `limit` rows that hold any of the words, the best first."""
        found = self._scores(kind, audiences, query_words)
        if not found:
            return {}
        places = {block: np.flatnonzero(scores) for block, scores in found.items()}
        rows = np.concatenate([block * _BLOCK_ROWS + own for block, own in places.items()])
        scores = np.concatenate([found[block][own] for block, own in places.items()])
        if len(rows) > limit:
            # All that score as much as the last one: which of equals are returned is not left to chance.
            kept = scores >= np.partition(scores, -limit)[-limit]
            rows, scores = rows[kept], scores[kept]
        best = np.lexsort((rows, -scores))[:limit]
        return dict(zip(rows[best].tolist(), scores[best].tolist(), strict=True))

    def scores(
        self, kind: str, audiences: Collection[str] | None, query_words: Sequence[str], rows: Collection[int]
    ) -> dict[int, float]:
        """Return row number -> BM25, as `match` does, for those of some rows that hold any of the words."""
        found = self._scores(kind, audiences, query_words) if rows else {}
        scored = (
            (row, float(found[row // _BLOCK_ROWS][row % _BLOCK_ROWS]))
            for row in rows
            if row // _BLOCK_ROWS in found
        )
        return {row: score for row, score in scored if score > 0}

    def _scores(self, kind: str, audiences: Collection[str] | None, query_words: Iterable[str]) -> Scores:
        """Return block -> BM25 of each of its rows, 0 for those without any of the words."""
        own = _of(kind, audiences)
        total = select(func.sum(_postings.c.rows), func.sum(_postings.c.occurrences))
        every = self._connection.execute(total.where(own, _postings.c.term == _EVERY_ROW)).one()
        rows, occurrences = (int(number or 0) for number in every)
        wanted = {stem(word) for word in query_words}
        query = select(_postings.c.term, _postings.c.block, _postings.c.rows, _postings.c.postings)
        found = self._connection.execute(query.where(own, _postings.c.term.in_(wanted))).all()
        hits: Counter[str] = Counter()
        for row in found:
            hits[row.term] += row.rows

        # weight * occurs * (k1 + 1) / (occurs + longer), with each term counted once.
        scores: Scores = {}
        per_word = _K1 * _B * rows / (occurrences or 1)
        for row in found:
            postings = np.frombuffer(row.postings, _POSTING)
            occurs = postings["occurs"].astype(np.float64)
            longer = _K1 * (1 - _B) + per_word * postings["length"]
            own_scores = scores.setdefault(row.block, np.zeros(_BLOCK_ROWS))
            own_scores[postings["row"]] += (
                _weight(rows, hits[row.term]) * (_K1 + 1) * occurs / (occurs + longer)
            )
        return scores


class FullTextChange:
    """Rows that are added to the full text, and removed from it, in one transaction; `write` writes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._begin()

    def _begin(self) -> None:
        self._added: defaultdict[_Block, defaultdict[str, array[int]]] = defaultdict(
            lambda: defaultdict(lambda: array("H"))
        )
        self._removed: defaultdict[_Block, list[int]] = defaultdict(list)
        self._pending: set[tuple[str, int]] = set()
        self._size = 0

    def add(self, kind: str, audience: str, rows: Iterable[tuple[int, str]]) -> None:
        """Add (row number, text) for an audience."""
        for row, body in rows:
            counts = Counter(_terms(body))
            length = counts.total()
            block, place = divmod(row, _BLOCK_ROWS)
            own = self._added[kind, audience, block]
            own[_EVERY_ROW].extend((place, length, length))
            for term, occurs in counts.items():
                own[term].extend((place, occurs, length))
            self._pending.add((kind, row))
            self._size += len(counts)
        if self._size > _MOST_PENDING:
            self.write()

    def remove(self, kind: str, audience: str, rows: Iterable[int]) -> None:
        """Remove rows of an audience."""
        gone = list(rows)
        # Added and removed by the same change.
        if any((kind, row) in self._pending for row in gone):
            self.write()
        for row in gone:
            self._removed[kind, audience, row // _BLOCK_ROWS].append(row % _BLOCK_ROWS)

    def write(self) -> None:
        """Write what was added and removed until now."""
        for block in self._added.keys() | self._removed.keys():
            self._write_block(block, self._removed.get(block, ()), self._added.get(block, {}))
        self._begin()

    def _write_block(self, block: _Block, removed: Sequence[int], added: Mapping[str, Sequence[int]]) -> None:
        # Which terms the removed rows have, the postings of the whole block say.
        changed: dict[str, NDArray[np.void]] = {}
        stored = self._stored(block, None if removed else added)
        for term, postings in stored.items():
            kept = postings[~np.isin(postings["row"], removed)] if removed else postings
            if len(kept) < len(postings):
                changed[term] = kept
        for term, new in added.items():
            before = changed.get(term, stored.get(term))
            own = np.frombuffer(np.array(new, "<u2").tobytes(), _POSTING)
            changed[term] = own if before is None else np.concatenate([before, own])

        gone = [term for term, postings in changed.items() if not len(postings)]
        for part in chunked(gone):
            self._connection.execute(delete(_postings).where(_is_block(block), _postings.c.term.in_(part)))
        kind, audience, number = block
        written = [
            {
                "kind": kind,
                "audience": audience,
                "term": term,
                "block": number,
                "rows": len(postings),
                "occurrences": int(postings["occurs"].sum(dtype=np.int64)),
                "postings": postings.tobytes(),
            }
            for term, postings in changed.items()
            if len(postings)
        ]
        if written:
            self._connection.execute(insert_or_replace(self._connection, _postings, _KEY), written)

    def _stored(self, block: _Block, terms: Iterable[str] | None) -> dict[str, NDArray[np.void]]:
        """Return term -> its postings in a block, of some terms, or of all if None."""
        query = select(_postings.c.term, _postings.c.postings).where(_is_block(block))
        queries = [query] if terms is None else [query.where(_postings.c.term.in_(p)) for p in chunked(terms)]
        return {
            term: np.frombuffer(postings, _POSTING)
            for one in queries
            for term, postings in self._connection.execute(one)
        }


def _weight(rows: int, hits: int) -> float:
    """Return the weight in BM25 of a term that `hits` of `rows` have."""
    return max(math.log((rows - hits + 0.5) / (hits + 0.5)), _LEAST_WEIGHT)


def _terms(body: str) -> list[str]:
    return [stem(word) for word in words(body)[:_MOST_WORDS] if len(word) <= _LONGEST_WORD]


def _of(kind: str, audiences: Collection[str] | None) -> ColumnElement[bool]:
    visible = true() if audiences is None else _postings.c.audience.in_(sorted(audiences))
    return and_(_postings.c.kind == kind, visible)


def _is_block(block: _Block) -> ColumnElement[bool]:
    kind, audience, number = block
    return and_(_postings.c.kind == kind, _postings.c.audience == audience, _postings.c.block == number)
