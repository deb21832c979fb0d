"""Full text by SQLite's FTS5. Each audience has its own tables, so that a word's weight depends on its rows alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, text

from store.fulltext.rare_words import Wanted, any_of, best_rows, weight
from store.records import EVERYBODY, short_hash
from store.terms import stem, terms_of_other_scripts

_KINDS = ("section_text", "window_text")
_TOKENIZER = "porter unicode61 remove_diacritics 2"
# Conditions of a row: it has some words, or it is one of some rows. The sign keeps SQLite from searching row by row.
_HAS = "AND +rowid IN (SELECT rowid FROM {table} WHERE {table} MATCH :chosen)"
_IS_ONE = "AND +rowid IN (SELECT value FROM json_each(:rows))"
_EXISTING = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'")
# SQLite combines at most 500 selects.
_MOST_SELECTS = 400


class SqliteFullText:
    """The full text in one transaction of an SQLite database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._existing: Sequence[str] | None = None

    def create(self, audience: str) -> None:
        """Create the missing tables of an audience."""
        self._existing = None
        for kind in _KINDS:
            table = _table(kind, audience)
            self._connection.execute(
                text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(body, tokenize='{_TOKENIZER}')")
            )
        vocabulary, body = _table("section_vocabulary", audience), _table("section_text", audience)
        self._connection.execute(
            text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {vocabulary} USING fts5vocab({body}, row)")
        )

    def add(self, kind: str, audience: str, rows: Sequence[tuple[int, str]]) -> None:
        """Add (row number, text) to an audience's table."""
        if rows:
            self._connection.execute(
                text(f"INSERT INTO {_table(kind, audience)}(rowid, body) VALUES (:row, :body)"),  # noqa: S608
                # SQLite's own tokenizer stems English alone, and takes a Chinese clause for a word.
                [{"row": row, "body": " ".join([body, *terms_of_other_scripts(body)])} for row, body in rows],
            )

    def remove(self, kind: str, audience: str, rows: Iterable[int]) -> None:
        """Remove rows from an audience's table."""
        parameters = [{"row": row} for row in rows]
        if parameters:
            self._connection.execute(
                text(f"DELETE FROM {_table(kind, audience)} WHERE rowid = :row"),  # noqa: S608
                parameters,
            )

    def optimize(self) -> None:
        """Remove the remains of removed rows from the tables."""
        for kind in _KINDS:
            for table in self._tables(kind, None):
                self._connection.execute(text(f"INSERT INTO {table}({table}) VALUES ('optimize')"))  # noqa: S608

    def count(self, kind: str, audience: str) -> int:
        """Return the number of an audience's rows."""
        return _count(self._connection, _table(kind, audience))

    def match(
        self,
        kind: str,
        audiences: Collection[str] | None,
        query_words: Sequence[str],
        limit: int,
        frequencies: Mapping[str, int],
    ) -> dict[int, float]:
        """Return row number -> BM25 of the best `limit` rows that hold any of the words; higher is better.

        For several audiences, a word's weight is that in all their rows together. `frequencies` is the number of these
        rows with each stemmed word; rows that have only common words may be left out (`best_rows`).
        """
        tables = self._tables(kind, audiences)
        hits = {_term(word): frequencies.get(stem(word), 0) for word in query_words}
        terms = list(hits)

        def weigh(word: str) -> float:
            return weight(sum(_count(self._connection, table) for table in tables), hits[word])

        def score(wanted: Wanted) -> dict[int, float]:
            if len(wanted.words) == sum(n > 0 for n in hits.values()):
                return self._scores(tables, terms, "", {}, limit)
            without = f" NOT ({_any_of(wanted.without)})" if wanted.without else ""
            chosen = "(" + wanted.query('"', "OR", "AND") + ")" + without
            return self._scores(tables, terms, _HAS, {"chosen": chosen}, limit)

        return best_rows(score, hits, weigh, limit)

    def scores(
        self, kind: str, audiences: Collection[str] | None, query_words: Sequence[str], rows: Collection[int]
    ) -> dict[int, float]:
        """Return row number -> BM25, as `match` does, for those of some rows that hold any of the words."""
        tables, terms = self._tables(kind, audiences), list(dict.fromkeys(map(_term, query_words)))
        return self._scores(tables, terms, _IS_ONE, {"rows": json.dumps(list(rows))}, len(rows))

    def _scores(
        self,
        tables: Sequence[str],
        terms: Sequence[str],
        condition: str,
        parameters: dict[str, object],
        limit: int,
    ) -> dict[int, float]:
        """Return the best scores of the rows that meet a condition."""
        if not terms or not tables:
            return {}
        if len(tables) > 1:
            statement, more = _of_several(self._connection, tables, terms, condition)
        else:
            # Not by `rank` where rows are left out: for it, FTS5 scores each of them.
            score = f"bm25({tables[0]})" if condition else "rank"
            statement = (
                f"SELECT rowid, bm25({tables[0]}) FROM {tables[0]} WHERE {tables[0]} MATCH :query "  # noqa: S608
                f"{condition.format(table=tables[0])} ORDER BY {score} LIMIT :limit"
            )
            more = {"query": _any_of(terms)}
        if not statement:
            return {}
        found = self._connection.execute(_text(statement), {**parameters, **more, "limit": limit})
        return {int(row): -float(value) for row, value in found}

    def document_frequencies(
        self, audiences: Collection[str] | None, stems: Iterable[str]
    ) -> Mapping[str, int]:
        """Return the number of live sections with each of the stemmed terms; terms in none are left out."""
        found: Counter[str] = Counter()
        wanted = {"terms": list(stems)}
        for table in self._tables("section_vocabulary", audiences):
            rows = self._connection.execute(_frequencies_query(table), wanted)
            found.update({term: int(count) for term, count in rows})
        return found

    def _tables(self, kind: str, audiences: Collection[str] | None) -> list[str]:
        """Return the tables of some audiences, or of all if None; an audience that never had a document has none."""
        if self._existing is None:
            self._existing = self._connection.scalars(_EXISTING).all()
        if audiences is None:
            return sorted(name for name in self._existing if name == kind or name.startswith(f"{kind}_"))
        return sorted({_table(kind, audience) for audience in audiences} & set(self._existing))


def _of_several(
    connection: Connection, tables: Sequence[str], terms: Sequence[str], condition: str
) -> tuple[str, dict[str, object]]:
    """Return the statement that sums each word's BM25 over the tables, with its weight in all tables together.

    Rows that do not meet the condition are left out.

    It is empty if no row has any of the words.
    """
    sizes = {table: _count(connection, table) for table in tables}
    hits = {word: {table: _hits(connection, table, word) for table in tables} for word in terms}
    weights = {word: weight(sum(sizes.values()), sum(own.values())) for word, own in hits.items()}
    selects: list[str] = []
    parameters: dict[str, object] = {}
    # The rarest words first: the commonest words of a very long question are left out.
    for number, word in enumerate(sorted(terms, key=lambda word: -weights[word])):
        parameters[f"word{number}"] = f'"{word}"'
        for place, table in enumerate(tables):
            if not hits[word][table] or len(selects) == _MOST_SELECTS:
                continue
            own = weight(sizes[table], hits[word][table])
            parameters[f"factor{number}_{place}"] = weights[word] / own
            selects.append(
                f"SELECT rowid AS row, bm25({table}) * :factor{number}_{place} AS score "  # noqa: S608
                f"FROM {table} WHERE {table} MATCH :word{number} {condition.format(table=table)}"
            )
    if not selects:
        return "", {}
    every = " UNION ALL ".join(selects)
    # Materialized: bm25() works only where a full-text table itself is read.
    statement = (
        f"WITH scored AS MATERIALIZED ({every}) "  # noqa: S608
        "SELECT row, sum(score) AS total FROM scored GROUP BY row ORDER BY total LIMIT :limit"
    )
    return statement, parameters


# To build a statement takes as long as to execute it.
_text = lru_cache(text)


@lru_cache
def _frequencies_query(table: str) -> TextClause:
    wanted: BindParameter[str] = bindparam("terms", expanding=True)
    return text(f"SELECT term, doc FROM {table} WHERE term IN :terms").bindparams(wanted)  # noqa: S608


def _term(word: str) -> str:
    """Return what a word is searched by: FTS5 stems those in Latin letters itself."""
    return word if word.isascii() else stem(word)


def _any_of(words: Iterable[str]) -> str:
    return any_of(words, '"', "OR")


def _hits(connection: Connection, table: str, word: str) -> int:
    counted = text(f"SELECT count(*) FROM {table} WHERE {table} MATCH :word")  # noqa: S608
    return int(connection.scalar(counted, {"word": f'"{word}"'}) or 0)


def _count(connection: Connection, table: str) -> int:
    # Counted in the small table of the rows' lengths: counting the rows themselves would read their texts.
    return int(connection.scalar(text(f"SELECT count(*) FROM {table}_docsize")) or 0)  # noqa: S608


def _table(kind: str, audience: str) -> str:
    # Hexadecimal digits: an audience's name cannot inject SQL.
    return kind if audience == EVERYBODY else f"{kind}_{short_hash(audience)[:16]}"
