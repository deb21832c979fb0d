"""Full text of sections and of their windows, for one audience or several: SQLite's FTS5 or PostgreSQL's tsvectors.

Both stem words alike and score by BM25, so that a search finds the same sections on either database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, Protocol

from sqlalchemy import Connection

from store.catalog.fulltext.postgres import PostgresFullText
from store.catalog.fulltext.sqlite import SqliteFullText

__all__ = ["FullText", "Kind", "full_text"]

# What a row holds: the text of a section with its heading, or one window of it.
Kind = Literal["section_text", "window_text"]


class FullText(Protocol):
    """The full text in one transaction. Rows have the numbers of their sections or passages."""

    def create(self, audience: str) -> None:
        """Create the missing tables of an audience."""

    def add(self, kind: Kind, audience: str, rows: Sequence[tuple[int, str]]) -> None:
        """Add (row number, text) pairs."""

    def remove(self, kind: Kind, audience: str, rows: Iterable[int]) -> None:
        """Remove rows."""

    def clear(self) -> None:
        """Remove the rows of all audiences."""

    def optimize(self) -> None:
        """Remove the remains of removed rows from the tables, unless the database does so by itself."""

    def count(self, kind: Kind, audience: str) -> int:
        """Return the number of an audience's rows."""

    def match(
        self, kind: Kind, audiences: Collection[str] | None, query_words: Sequence[str], limit: int
    ) -> dict[int, float]:
        """Return row number -> BM25 of the best `limit` rows that hold any of the words; higher is better.

        `audiences`: those whose rows are searched and counted; None for all.
        """

    def document_frequencies(
        self, audiences: Collection[str] | None, stems: Iterable[str]
    ) -> Mapping[str, int]:
        """Return the number of live sections with each of the stemmed terms; terms in none are left out."""


def full_text(connection: Connection) -> FullText:
    """Return the full text of a connection's database."""
    return (PostgresFullText if connection.dialect.name == "postgresql" else SqliteFullText)(connection)
