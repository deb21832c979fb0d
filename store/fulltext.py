"""Full text of sections and of their windows, for one audience or several: SQLite's FTS5 or PostgreSQL's tsvectors.

Both stem words in the same way and score by BM25, so that a search finds the same sections on either database. The
kinds of rows are "section_text", the text of a section with its heading, and "window_text", one window of it; rows have
the numbers of their sections or passages. `audiences` are those whose rows are searched and counted, None for all: a
word's weight depends on the rows that the reader may see.

To score a row costs some twenty times as much as to find it, and most rows that a question finds have only its common
words, which add little. So rows with a rare word are scored first, and others only if they could be among the best. The
idea is that of MaxScore (Turtle and Flood 1995), with an estimate in place of the bound.
"""

from __future__ import annotations

import heapq
import json
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TextClause,
    bindparam,
    cast,
    delete,
    func,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, insert

from store.records import EVERYBODY, short_hash
from store.terms import stem, terms_of_other_scripts, words

# Rows that are scored at once: those with the rarest words, as many words as have so many rows together.
MOST_ROWS = 5_000
# Best rows that a common word must not change: the search uses no more.
_SURE = 50
# A word adds more than its weight in a short row, or in one that has it several times.
_MARGIN = 1.15
# Weight of a term that more than half of the rows have.
_LEAST_WEIGHT = 1e-6


def weight(rows: int, hits: int) -> float:
    """Return the weight in BM25 of a term that `hits` of `rows` have: https://www.sqlite.org/fts5.html#the_bm25_function."""
    return max(math.log((rows - hits + 0.5) / (hits + 0.5)), _LEAST_WEIGHT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows that have one of some words, where a word may be wanted only beside one of others, and none of `without`."""

    words: Mapping[str, Sequence[str]]
    """Word -> those of which the row needs one too; none if it may stand alone."""
    without: Sequence[str] = ()

    def query(self, quote: str, either: str, both: str) -> str:
        """Return the condition on the words in a syntax: its quotation mark, and its signs for "or" and "and"."""
        return f" {either} ".join(
            f"({quote}{word}{quote} {both} ({any_of(others, quote, either)}))"
            if others
            else f"{quote}{word}{quote}"
            for word, others in self.words.items()
        )


def any_of(words: Iterable[str], quote: str, either: str) -> str:
    """Return the condition that a row has one of the words; they are letters and digits, so that quoting is enough."""
    return f" {either} ".join(f"{quote}{word}{quote}" for word in words)


def best_rows(
    score: Callable[[Wanted], dict[int, float]], hits: Mapping[str, int], rows: int, limit: int
) -> dict[int, float]:
    """Return the best `limit` rows with their scores, best first.

    `score` returns the best scores, by all words, of wanted rows. `hits` is the number of rows, of `rows` in all, that
    have each word. First rows with a rare word are scored, then those of the others whose words together could reach
    the best rows. The estimate of what a word adds is its weight, that is its score in a row of average length that has
    it once, and a margin.
    """
    words = sorted((word for word in hits if hits[word]), key=lambda word: hits[word])
    first = _rarest(words, hits)
    if not first:
        return {}
    found = score(Wanted(dict.fromkeys(words[:first], ())))
    if first < len(words):
        worst = sorted(found.values(), reverse=True)[_SURE - 1] if len(found) >= _SURE else 0.0
        others = _promising({word: _MARGIN * weight(rows, hits[word]) for word in words[first:]}, worst)
        if others:
            found |= score(Wanted(others, words[:first]))
    best = heapq.nlargest(limit, found, key=lambda row: (found[row], -row))
    return {row: found[row] for row in best}


def _promising(weights: Mapping[str, float], worst: float) -> dict[str, Sequence[str]]:
    """Return word -> the words of which a row needs one too to score more than `worst`; `weights`: the rarest first."""
    words = list(weights)
    wanted: dict[str, Sequence[str]] = {}
    for number, word in enumerate(words):
        commoner = words[number + 1 :]
        if weights[word] > worst:
            wanted[word] = ()
        elif weights[word] + sum(weights[other] for other in commoner) > worst:
            wanted[word] = commoner
    return wanted


def _rarest(words: Sequence[str], hits: Mapping[str, int]) -> int:
    """Return how many of the words, the rarest first, have at most MOST_ROWS rows together; at least one."""
    together = 0
    for number, word in enumerate(words):
        together += hits[word]
        if number and together > MOST_ROWS:
            return number
    return len(words)


# SQLite: each audience has its own tables, so that FTS5 weighs words by its rows alone.

_KINDS = ("section_text", "window_text")
_TOKENIZER = "porter unicode61 remove_diacritics 2"
# Conditions of a row: it has some words, or it is one of some rows. The sign keeps SQLite from searching row by row.
_HAS = "AND +rowid IN (SELECT rowid FROM {table} WHERE {table} MATCH :chosen)"
_IS_ONE = "AND +rowid IN (SELECT value FROM json_each(:chosen))"
_EXISTING = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'")
# How FTS5 writes a word, "or" and "and".
_SIGNS = ('"', "OR", "AND")
# SQLite combines at most 500 selects.
_MOST_SELECTS = 400
# To build a statement takes as long as to execute it.
_statement = lru_cache(text)


class SqliteFullText:
    """Full text by SQLite's FTS5."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._existing: Sequence[str] | None = None

    def create(self, audience: str) -> None:
        """Create the missing tables of an audience."""
        self._existing = None
        for kind in _KINDS:
            body = _table(kind, audience)
            for table, made in (
                (body, f"fts5(body, tokenize='{_TOKENIZER}')"),
                (_vocabulary(body), f"fts5vocab({body}, row)"),
            ):
                self._connection.execute(text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING {made}"))

    def add(self, kind: str, audience: str, rows: Sequence[tuple[int, str]]) -> None:
        """Add (row number, text) to an audience's table."""
        # SQLite's own tokenizer stems English alone, and takes a Chinese clause for a word.
        values = [{"row": row, "body": " ".join([body, *terms_of_other_scripts(body)])} for row, body in rows]
        if values:
            insert_row = f"INSERT INTO {_table(kind, audience)}(rowid, body) VALUES (:row, :body)"  # noqa: S608
            self._connection.execute(text(insert_row), values)

    def remove(self, kind: str, audience: str, rows: Collection[int]) -> None:
        """Remove rows from an audience's table."""
        if rows:
            delete_row = f"DELETE FROM {_table(kind, audience)} WHERE rowid = :row"  # noqa: S608
            self._connection.execute(text(delete_row), [{"row": row} for row in rows])

    def optimize(self) -> None:
        """Remove the remains of removed rows from the tables."""
        for table in (table for kind in _KINDS for table in self._tables(kind, None)):
            self._connection.execute(text(f"INSERT INTO {table}({table}) VALUES ('optimize')"))  # noqa: S608

    def match(
        self,
        kind: str,
        audiences: Collection[str] | None,
        query_words: Sequence[str],
        limit: int,
        frequencies: Mapping[str, int],
    ) -> dict[int, float]:
        """Return row number -> BM25 of the best `limit` rows that hold any of the words; higher is better.

        `frequencies` is the number of these rows with each stemmed word.
        """
        scored, hits, rows = self._scorer(kind, audiences, query_words, frequencies)

        def score(wanted: Wanted) -> dict[int, float]:
            if len(wanted.words) == len(hits):
                return scored("", "", limit)
            chosen = f"({wanted.query(*_SIGNS)})"
            if wanted.without:
                chosen += f" NOT ({any_of(wanted.without, *_SIGNS[:2])})"
            return scored(_HAS, chosen, limit)

        return best_rows(score, hits, rows, limit)

    def scores(
        self, kind: str, audiences: Collection[str] | None, query_words: Sequence[str], rows: Collection[int]
    ) -> dict[int, float]:
        """Return row number -> BM25, as `match` does, for those of some rows that hold any of the words."""
        frequencies = self.frequencies(kind, audiences, map(stem, query_words))
        scored, hits, _ = self._scorer(kind, audiences, query_words, frequencies)
        return scored(_IS_ONE, json.dumps(list(rows)), len(rows)) if hits else {}

    def frequencies(
        self, kind: str, audiences: Collection[str] | None, stems: Iterable[str]
    ) -> Mapping[str, int]:
        """Return the number of rows with each of the stemmed terms; terms in none are left out."""
        found: Counter[str] = Counter()
        wanted = list(stems)
        for table in self._tables(kind, audiences):
            found.update(self._own_frequencies(table, wanted))
        return found

    def _scorer(
        self,
        kind: str,
        audiences: Collection[str] | None,
        query_words: Sequence[str],
        frequencies: Mapping[str, int],
    ) -> tuple[Callable[[str, str, int], dict[int, float]], dict[str, int], int]:
        """Return a function of a condition with its parameter and a limit, the rows with each word, and all rows.

        The function returns the best scores of the rows that meet the condition.
        """
        # FTS5 stems words in Latin letters itself.
        stems = {word if word.isascii() else stem(word): stem(word) for word in query_words}
        hits = {word: n for word, own in stems.items() if (n := frequencies.get(own, 0))}
        # Counted in the small tables of the rows' lengths: counting the rows themselves would read their texts.
        sizes = {
            table: int(self._connection.scalar(text(f"SELECT count(*) FROM {table}_docsize")) or 0)  # noqa: S608
            for table in self._tables(kind, audiences)
        }
        selects, parameters = self._selects(sizes, hits, stems)

        def scored(condition: str, chosen: str, limit: int) -> dict[int, float]:
            own = [select.format(condition=condition.format(table=table)) for select, table in selects]
            if len(sizes) == 1:
                # Not by `rank` where rows are left out: for it, FTS5 scores each of them.
                statement = f"{own[0]} ORDER BY {'score' if condition else 'rank'} LIMIT :limit"
            else:
                # Materialized: bm25() works only where a full-text table itself is read.
                statement = (
                    f"WITH scored AS MATERIALIZED ({' UNION ALL '.join(own)}) "  # noqa: S608
                    "SELECT row, sum(score) AS total FROM scored GROUP BY row ORDER BY total LIMIT :limit"
                )
            values = {**parameters, "chosen": chosen, "limit": limit}
            found = self._connection.execute(_statement(statement), values)
            return {int(row): -float(total) for row, total in found}

        return scored, hits, sum(sizes.values())

    def _selects(
        self, sizes: Mapping[str, int], hits: Mapping[str, int], stems: Mapping[str, str]
    ) -> tuple[list[tuple[str, str]], dict[str, object]]:
        """Return selects of rows and scores with their tables, where {condition} is left open, and the parameters.

        In several tables, each word is selected by itself, and its BM25 gets its weight in all tables together.
        """
        pattern = "SELECT rowid AS row, bm25({0}){1} AS score FROM {0} WHERE {0} MATCH :{2} {{condition}}"
        if len(sizes) == 1:
            (table,) = sizes
            return [(pattern.format(table, "", "words"), table)], {"words": any_of(hits, *_SIGNS[:2])}
        own = {table: self._own_frequencies(table, stems.values()) for table in sizes}
        selects: list[tuple[str, str]] = []
        parameters: dict[str, object] = {}
        # The rarest words first: the commonest words of a very long question are left out.
        for number, word in enumerate(sorted(hits, key=lambda word: hits[word])):
            parameters[f"word{number}"] = f'"{word}"'
            for place, (table, size) in enumerate(sizes.items()):
                here = own[table].get(stems[word], 0)
                if here and len(selects) < _MOST_SELECTS:
                    factor = f"factor{number}_{place}"
                    parameters[factor] = weight(sum(sizes.values()), hits[word]) / weight(size, here)
                    selects.append((pattern.format(table, f" * :{factor}", f"word{number}"), table))
        return selects, parameters

    def _own_frequencies(self, table: str, stems: Iterable[str]) -> dict[str, int]:
        query = _frequencies_query(_vocabulary(table))
        return {term: int(count) for term, count in self._connection.execute(query, {"terms": list(stems)})}

    def _tables(self, kind: str, audiences: Collection[str] | None) -> list[str]:
        """Return the tables of some audiences, or of all if None; an audience that never had a document has none."""
        if self._existing is None:
            self._existing = self._connection.scalars(_EXISTING).all()
        if audiences is None:
            return sorted(name for name in self._existing if name == kind or name.startswith(f"{kind}_"))
        return sorted({_table(kind, audience) for audience in audiences} & set(self._existing))


@lru_cache
def _frequencies_query(table: str) -> TextClause:
    wanted: BindParameter[str] = bindparam("terms", expanding=True)
    return text(f"SELECT term, doc FROM {table} WHERE term IN :terms").bindparams(wanted)  # noqa: S608


def _table(kind: str, audience: str) -> str:
    # Hexadecimal digits: an audience's name cannot inject SQL.
    return kind if audience == EVERYBODY else f"{kind}_{short_hash(audience)[:16]}"


def _vocabulary(table: str) -> str:
    return table.replace("_text", "_vocabulary")


# PostgreSQL: a GIN index over tsvectors finds rows. Its own ranking has no document frequencies, so the words of a row
# are stemmed here, as SQLite's tokenizer stems them, and stored as a tsvector whose positions count how often each term
# occurs (at most 255). A table has the frequency of each term for each audience. The score is that of FTS5's bm25(),
# over the rows of all audiences searched, with its parameters (https://www.sqlite.org/fts5.html#the_bm25_function).

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
_ROWS = {
    kind: Table(
        kind,
        metadata,
        Column("row", Integer, primary_key=True, autoincrement=False),
        Column("audience", String, nullable=False),
        Column("length", Integer, nullable=False),
        Column("terms", TSVECTOR, nullable=False),
        Index(f"{kind}_by_term", "terms", postgresql_using="gin"),
    )
    for kind in _KINDS
}
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
    """Full text by tsvectors in one transaction of a PostgreSQL database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, audience: str) -> None:
        """Do nothing: all audiences share tables, which the catalog creates with its own."""

    def add(self, kind: str, audience: str, rows: Sequence[tuple[int, str]]) -> None:
        """Add (row number, text) for an audience."""
        counted = [(row, Counter(_stems(body))) for row, body in rows]
        if not counted:
            return
        self._connection.execute(
            _ROWS[kind].insert().values(terms=cast(bindparam("vector", type_=String), TSVECTOR)),
            [
                {"row": row, "audience": audience, "length": counts.total(), "vector": _vector(counts)}
                for row, counts in counted
            ],
        )
        rows_of = Counter(term for _, counts in counted for term in counts)
        self._count(kind, audience, rows_of, 1, len(counted), sum(counts.total() for _, counts in counted))

    def remove(self, kind: str, audience: str, rows: Collection[int]) -> None:
        """Remove rows of an audience."""
        table = _ROWS[kind]
        own = table.c.row == func.any(cast(list(rows), ARRAY(Integer)))
        query = delete(table).where(own, table.c.audience == audience)
        terms = func.tsvector_to_array(table.c.terms)
        removed = self._connection.execute(query.returning(terms, table.c.length)).all()
        rows_of = Counter(term for terms, _ in removed for term in terms)
        self._count(kind, audience, rows_of, -1, len(removed), sum(length for _, length in removed))

    def optimize(self) -> None:
        """Do nothing: PostgreSQL's autovacuum removes the remains."""

    def match(
        self,
        kind: str,
        audiences: Collection[str] | None,
        query_words: Sequence[str],
        limit: int,
        frequencies: Mapping[str, int],
    ) -> dict[int, float]:
        """Return the best rows, as `SqliteFullText.match` does."""
        scored, hits, rows = self._scorer(kind, audiences, query_words, frequencies)

        def score(wanted: Wanted) -> dict[int, float]:
            condition = "NOT terms @@ CAST(:without AS tsquery)" if wanted.without else "true"
            without = {"without": any_of(wanted.without, "'", "|")}
            return scored(condition, {"words": wanted.query("'", "|", "&"), **without}, limit)

        return best_rows(score, hits, rows, limit)

    def scores(
        self, kind: str, audiences: Collection[str] | None, query_words: Sequence[str], rows: Collection[int]
    ) -> dict[int, float]:
        """Return row number -> BM25, as `match` does, for those of some rows that hold any of the words."""
        frequencies = self.frequencies(kind, audiences, map(stem, query_words))
        scored, hits, _ = self._scorer(kind, audiences, query_words, frequencies)
        return scored("row = ANY(:rows)", {"words": any_of(hits, "'", "|"), "rows": list(rows)}, len(rows))

    def frequencies(
        self, kind: str, audiences: Collection[str] | None, stems: Iterable[str]
    ) -> Mapping[str, int]:
        """Return the number of rows with each of the stemmed terms; terms in none are left out."""
        rows, term = func.sum(_FREQUENCIES.c.rows), _FREQUENCIES.c.term
        own = _FREQUENCIES.c.kind == kind, term.in_(set(stems)), _visible(audiences)
        query = select(term, rows).where(*own).group_by(term).having(rows > 0)
        return {found: int(n) for found, n in self._connection.execute(query)}

    def _scorer(
        self,
        kind: str,
        audiences: Collection[str] | None,
        query_words: Sequence[str],
        frequencies: Mapping[str, int],
    ) -> tuple[Callable[[str, Mapping[str, object], int], dict[int, float]], dict[str, int], int]:
        """Return what `SqliteFullText._scorer` does; the query of `words` is one of the parameters."""
        hits = {own: n for word in query_words if (n := frequencies.get(own := stem(word), 0))}
        total = select(func.sum(_FREQUENCIES.c.rows), func.sum(_FREQUENCIES.c.occurrences)).where(
            _FREQUENCIES.c.kind == kind, _FREQUENCIES.c.term == _TOTAL, _visible(audiences)
        )
        rows, occurrences = (int(number or 0) for number in self._connection.execute(total).one())
        # weight * occurs * (k1 + 1) / (occurs + longer), with each term counted once. Not an expression of SQLAlchemy:
        # to build and compile a sum of a dozen terms takes longer than to compute it.
        longer = f"({_K1 * (1 - _B)} + {_K1 * _B * rows / (occurrences or 1)} * length)"
        score = " + ".join(
            f"{weight(rows, own) * (_K1 + 1)} * (1 - {longer} / ({_OCCURS.format(n=n)} + {longer}))"
            for n, own in enumerate(hits.values())
        )
        visible = "" if audiences is None else "AND audience = ANY(:audiences)"
        terms = {f"term{n}": f"'{term}'" for n, term in enumerate(hits)}

        def scored(condition: str, parameters: Mapping[str, object], limit: int) -> dict[int, float]:
            if not hits:
                return {}
            statement = text(
                f"SELECT row, {score} AS score FROM {kind} WHERE terms @@ CAST(:words AS tsquery) AND {condition} "  # noqa: S608
                f"{visible} ORDER BY score DESC, row LIMIT :limit"
            )
            values = {**terms, **parameters, "audiences": sorted(audiences or ()), "limit": limit}
            return {int(row): float(found) for row, found in self._connection.execute(statement, values)}

        return scored, hits, rows

    def _count(
        self, kind: str, audience: str, rows_of: Mapping[str, int], sign: int, rows: int, occurrences: int
    ) -> None:
        """Add to the frequencies of an audience, or with the sign -1 take from them."""
        if not rows:
            return
        new = insert(_FREQUENCIES)
        upsert = new.on_conflict_do_update(
            index_elements=["kind", "audience", "term"],
            set_={name: _FREQUENCIES.c[name] + new.excluded[name] for name in ("rows", "occurrences")},
        )
        changes = [(_TOTAL, rows, occurrences), *((term, n, 0) for term, n in rows_of.items())]
        self._connection.execute(
            upsert,
            [
                {
                    "kind": kind,
                    "audience": audience,
                    "term": term,
                    "rows": sign * n,
                    "occurrences": sign * total,
                }
                for term, n, total in changes
            ],
        )


def _stems(body: str) -> list[str]:
    return [stem(word) for word in words(body)[:_MOST_TERMS] if len(word) <= _LONGEST_TERM]


def _vector(counts: Counter[str]) -> str:
    """Return a tsvector's text: stems are letters and digits, so that quoting them is enough."""
    return " ".join(
        f"'{term}':{','.join(map(str, range(1, min(n, _MOST_POSITIONS) + 1)))}" for term, n in counts.items()
    )


def _visible(audiences: Collection[str] | None) -> ColumnElement[bool]:
    return true() if audiences is None else _FREQUENCIES.c.audience.in_(sorted(audiences))


FullText = PostgresFullText | SqliteFullText


def full_text(connection: Connection) -> FullText:
    """Return the full text of a connection's database."""
    return (PostgresFullText if connection.dialect.name == "postgresql" else SqliteFullText)(connection)
