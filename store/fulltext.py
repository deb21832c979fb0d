"""Full text by SQLite FTS5: sections as a whole, and their windows.

The only module that knows FTS5; on another database another one with the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

_TOKENIZER = "porter unicode61 remove_diacritics 2"


def create(connection: Connection) -> None:
    """Create the full-text tables where they are missing."""
    for table in ("section_text", "window_text"):
        connection.execute(
            text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(body, tokenize='{_TOKENIZER}')")
        )
    connection.execute(
        text("CREATE VIRTUAL TABLE IF NOT EXISTS section_vocabulary USING fts5vocab(section_text, row)")
    )


def add(connection: Connection, table: str, rows: Sequence[tuple[int, str]]) -> None:
    """Add (row number, text) to `table`: "section_text" or "window_text"."""
    if rows:
        connection.execute(
            text(f"INSERT INTO {table}(rowid, body) VALUES (:row, :body)"),  # noqa: S608 - one of two names
            [{"row": row, "body": body} for row, body in rows],
        )


def remove(connection: Connection, table: str, rows: Iterable[int]) -> None:
    """Take rows out of `table`."""
    parameters = [{"row": row} for row in rows]
    if parameters:
        connection.execute(text(f"DELETE FROM {table} WHERE rowid = :row"), parameters)  # noqa: S608


def optimize(connection: Connection) -> None:
    """Leave nothing of rows that were taken out in the full-text tables."""
    for table in ("section_text", "window_text"):
        connection.execute(text(f"INSERT INTO {table}({table}) VALUES ('optimize')"))  # noqa: S608


def count(connection: Connection, table: str) -> int:
    """Return how many rows a table has: its list of lengths is small, where counting rows would read their texts."""
    return int(connection.scalar(text(f"SELECT count(*) FROM {table}_docsize")) or 0)  # noqa: S608


def match(connection: Connection, table: str, query_words: Sequence[str], limit: int) -> dict[int, float]:
    """Return row number -> BM25 of the best `limit` rows that hold any of the words; higher is better."""
    if not query_words:
        return {}
    query = " OR ".join(f'"{word}"' for word in dict.fromkeys(query_words))
    statement = (
        f"SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH :query "  # noqa: S608 - one of two names
        "ORDER BY rank LIMIT :limit"
    )
    rows = connection.execute(text(statement), {"query": query, "limit": limit})
    return {int(row): -float(score) for row, score in rows}


def document_frequencies(connection: Connection, stems: Iterable[str]) -> Mapping[str, int]:
    """Return in how many live sections each of the stemmed terms stands; those in none are left out."""
    found: dict[str, int] = {}
    for stem in set(stems):
        row = connection.execute(
            text("SELECT doc FROM section_vocabulary WHERE term = :term"), {"term": stem}
        ).first()
        if row is not None:
            found[stem] = int(row[0])
    return found
