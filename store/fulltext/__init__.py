"""Full text of sections and of their windows, for one audience or several: SQLite's FTS5 or PostgreSQL's tsvectors.

Both stem words in the same way and score by BM25, so that a search finds the same sections on either database; of many
rows only some are scored (`rare_words.py`). The
kinds of rows are "section_text", the text of a section with its heading, and "window_text", one window of it; rows have
the numbers of their sections or passages. `audiences` are those whose rows are searched and counted, None for all.
"""

from __future__ import annotations

from sqlalchemy import Connection

from store.fulltext.postgres import PostgresFullText
from store.fulltext.sqlite import SqliteFullText

__all__ = ["FullText", "full_text"]

FullText = PostgresFullText | SqliteFullText


def full_text(connection: Connection) -> FullText:
    """Return the full text of a connection's database."""
    return (PostgresFullText if connection.dialect.name == "postgresql" else SqliteFullText)(connection)
