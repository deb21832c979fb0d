"""Full text on PostgreSQL: a GIN index over tsvectors finds candidates, and BM25 scores them.

PostgreSQL's own ranking has no document frequencies. So the words of a row are stemmed here, as SQLite's tokenizer
stems them, and stored as a tsvector whose positions count how often each term occurs (at most 255). A table has the
frequency of each term for each audience. The score is that of FTS5's bm25(), over the rows of all audiences searched.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    cast,
    delete,
    func,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, insert

from store.fulltext.rare_words import Wanted, any_of, best_rows, weight
from store.terms import stem, words

# The parameters of FTS5's bm25(): https://www.sqlite.org/fts5.html#the_bm25_function
_K1, _B = 1.2, 0.75
# A tsvector holds 1 MB of terms; a longer row is found by its beginning.
_MOST_TERMS = 20_000
_LONGEST_TERM = 100
_MOST_POSITIONS = 255
# How often a term occurs in a row. PostgreSQL's only function for it is unnest(), which takes ten times as long.
# ts_rank() of a single term is the sum of 1/i^2 for its occurrences i, divided by pi^2/6; what it lacks of 1 is
# 1/(occurrences + 1/2), nearly.
_OCCURS = (
    "round(1 / ((1 - ts_rank('{{1,1,1,1}}', terms, CAST(:term{n} AS tsquery))) * "
    f"{math.pi**2 / 6}) - 0.5)"
)
# The `term` of the row that counts all rows and, in `occurrences`, all their terms.
_TOTAL = ""

metadata = MetaData()


def _rows(kind: str) -> Table:
    return Table(
        kind,
        metadata,
        Column("row", Integer, primary_key=True, autoincrement=False),
        Column("audience", String, nullable=False),
        Column("length", Integer, nullable=False),
        Column("terms", TSVECTOR, nullable=False),
        Index(f"{kind}_by_term", "terms", postgresql_using="gin"),
    )


_TABLES = {kind: _rows(kind) for kind in ("section_text", "window_text")}

_FREQUENCIES = Table(
    "text_frequencies",
    metadata,
    Column("kind", String, primary_key=True),
    Column("audience", String, primary_key=True),
    Column("term", String, primary_key=True),
    # The number of rows in which the term occurs.
    Column("rows", Integer, nullable=False),
    Column("occurrences", Integer, nullable=False),
)


class PostgresFullText:
    """The full text in one transaction of a PostgreSQL database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, audience: str) -> None:
        """Do nothing: all audiences share tables, which the catalog creates with its own."""

    def add(self, kind: str, audience: str, rows: Sequence[tuple[int, str]]) -> None:
        """Add (row number, text) for an audience."""
        counted = [(row, Counter(_stems(text))) for row, text in rows]
        if not counted:
            return
        table = _TABLES[kind]
        self._connection.execute(
            table.insert().values(terms=cast(bindparam("vector", type_=String), TSVECTOR)),
            [
                {"row": row, "audience": audience, "length": counts.total(), "vector": _vector(counts)}
                for row, counts in counted
            ],
        )
        occurrences = sum(counts.total() for _, counts in counted)
        _change(
            self._connection,
            (kind, audience),
            {_TOTAL: len(counted), **Counter(term for _, counts in counted for term in counts)},
            occurrences,
        )

    def remove(self, kind: str, audience: str, rows: Iterable[int]) -> None:
        """Remove rows of an audience."""
        table = _TABLES[kind]
        query = (
            delete(table)
            .where(table.c.row == func.any(cast(list(rows), ARRAY(Integer))), table.c.audience == audience)
            .returning(func.tsvector_to_array(table.c.terms), table.c.length)
        )
        removed = self._connection.execute(query).all()
        fewer = {_TOTAL: len(removed), **Counter(term for terms, _ in removed for term in terms)}
        occurrences = sum(length for _, length in removed)
        _change(self._connection, (kind, audience), {term: -n for term, n in fewer.items()}, -occurrences)

    def optimize(self) -> None:
        """Do nothing: PostgreSQL's autovacuum removes the remains."""

    def count(self, kind: str, audience: str) -> int:
        """Return the number of an audience's rows."""
        return _total(self._connection, kind, [audience])[0]

    def match(
        self,
        kind: str,
        audiences: Collection[str] | None,
        query_words: Sequence[str],
        limit: int,
        frequencies: Mapping[str, int],
    ) -> dict[int, float]:
        """Return row number -> BM25 of the best `limit` rows that hold any of the words; higher is better.

        `frequencies` is the number of rows of these audiences with each stemmed word; rows that have only common words
        may be left out (`best_rows`).
        """
        stems = list(dict.fromkeys(stem(word) for word in query_words))
        hits = {term: n for term in stems if (n := frequencies.get(term, 0))}
        if not hits:
            return {}
        rows, average = _size(self._connection, kind, audiences)
        weights = {term: weight(rows, n) for term, n in hits.items()}

        def score(wanted: Wanted) -> dict[int, float]:
            condition = "terms @@ CAST(:chosen AS tsquery)"
            if wanted.without:
                condition += " AND NOT terms @@ CAST(:without AS tsquery)"
            chosen = {"chosen": wanted.query("'", "|", "&"), "without": _any_of(wanted.without)}
            return self._scores(kind, audiences, weights, average, condition, chosen, limit)

        return best_rows(score, hits, weights.__getitem__, limit)

    def scores(
        self, kind: str, audiences: Collection[str] | None, query_words: Sequence[str], rows: Collection[int]
    ) -> dict[int, float]:
        """Return row number -> BM25, as `match` does, for those of some rows that hold any of the words."""
        stems = list(dict.fromkeys(stem(word) for word in query_words))
        hits = _frequencies(self._connection, kind, audiences, stems)
        if not hits or not rows:
            return {}
        total, average = _size(self._connection, kind, audiences)
        weights = {term: weight(total, n) for term, n in hits.items()}
        only = {"rows": list(rows)}
        return self._scores(kind, audiences, weights, average, "row = ANY(:rows)", only, len(rows))

    def _scores(
        self,
        kind: str,
        audiences: Collection[str] | None,
        weights: Mapping[str, float],
        average: float,
        condition: str,
        parameters: Mapping[str, object],
        limit: int,
    ) -> dict[int, float]:
        """Return the best scores of the rows that meet a condition; `average` is the length of a row."""
        longer = f"({_K1 * (1 - _B)} + {_K1 * _B / average} * length)"
        # weight * occurs * (k1 + 1) / (occurs + longer), with each term counted once.
        score = " + ".join(
            f"{own * (_K1 + 1)} * (1 - {longer} / ({_OCCURS.format(n=n)} + {longer}))"
            for n, own in enumerate(weights.values())
        )
        visible = "" if audiences is None else "AND audience = ANY(:audiences)"
        statement = (
            f"SELECT row, {score} AS score FROM {kind} WHERE {condition} AND terms @@ CAST(:every AS tsquery) "  # noqa: S608
            f"{visible} ORDER BY score DESC, row LIMIT :limit"
        )
        values = {
            **parameters,
            **{f"term{n}": _any_of([term]) for n, term in enumerate(weights)},
            "every": _any_of(weights),
            "audiences": sorted(audiences or ()),
            "limit": limit,
        }
        # Not an expression of SQLAlchemy: to build and compile a sum of a dozen terms takes longer than to compute it.
        return {int(row): float(found) for row, found in self._connection.execute(text(statement), values)}

    def document_frequencies(
        self, audiences: Collection[str] | None, stems: Iterable[str]
    ) -> Mapping[str, int]:
        """Return the number of live sections with each of the stemmed terms; terms in none are left out."""
        return _frequencies(self._connection, "section_text", audiences, list(set(stems)))


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words(text)[:_MOST_TERMS] if len(word) <= _LONGEST_TERM]


def _vector(counts: Counter[str]) -> str:
    """Return a tsvector's text: stems are letters and digits, so that quoting them is enough."""
    return " ".join(
        f"'{term}':{','.join(map(str, range(1, min(n, _MOST_POSITIONS) + 1)))}" for term, n in counts.items()
    )


def _any_of(terms: Iterable[str]) -> str:
    return any_of(terms, "'", "|")


def _change(connection: Connection, key: tuple[str, str], rows: Mapping[str, int], occurrences: int) -> None:
    """Add to the frequencies of a kind and an audience: rows by term, and the occurrences of all terms together."""
    if not rows[_TOTAL]:
        return
    new = insert(_FREQUENCIES)
    upsert = new.on_conflict_do_update(
        index_elements=["kind", "audience", "term"],
        set_={
            "rows": _FREQUENCIES.c.rows + new.excluded.rows,
            "occurrences": _FREQUENCIES.c.occurrences + new.excluded.occurrences,
        },
    )
    changes = [
        {
            "kind": key[0],
            "audience": key[1],
            "term": term,
            "rows": n,
            "occurrences": occurrences * (term == _TOTAL),
        }
        for term, n in rows.items()
    ]
    connection.execute(upsert, changes)


def _size(connection: Connection, kind: str, audiences: Collection[str] | None) -> tuple[int, float]:
    """Return the number of rows, and their average length in terms; 1 if there are none."""
    rows, occurrences = _total(connection, kind, audiences)
    return rows, occurrences / rows if occurrences else 1.0


def _total(connection: Connection, kind: str, audiences: Collection[str] | None) -> tuple[int, int]:
    """Return the number of rows, and of their terms together."""
    sums = select(func.sum(_FREQUENCIES.c.rows), func.sum(_FREQUENCIES.c.occurrences)).where(
        _FREQUENCIES.c.kind == kind, _FREQUENCIES.c.term == _TOTAL, _frequencies_visible(audiences)
    )
    rows, occurrences = connection.execute(sums).one()
    return int(rows or 0), int(occurrences or 0)


def _frequencies(
    connection: Connection, kind: str, audiences: Collection[str] | None, stems: Sequence[str]
) -> dict[str, int]:
    rows = func.sum(_FREQUENCIES.c.rows)
    query = (
        select(_FREQUENCIES.c.term, rows)
        .where(_FREQUENCIES.c.kind == kind, _FREQUENCIES.c.term.in_(stems), _frequencies_visible(audiences))
        .group_by(_FREQUENCIES.c.term)
        .having(rows > 0)
    )
    return {term: int(n) for term, n in connection.execute(query)}


def _frequencies_visible(audiences: Collection[str] | None) -> ColumnElement[bool]:
    return true() if audiences is None else _FREQUENCIES.c.audience.in_(sorted(audiences))
