"""Puts the lines and tables of a page into reading order."""

from __future__ import annotations

from ingest.readers.pdf.lines import Line, lines_in_columns
from ingest.readers.pdf.pages import Page
from ingest.readers.pdf.tables import Table, find_tables


def reading_order(page: Page) -> list[Line | Table]:
    """Return the lines and tables of a page, as they are read."""
    tables, words = find_tables(page)
    found: list[Line | Table] = list(lines_in_columns(words, page.number))
    for table in sorted(tables, key=lambda table: -table.top):
        below = (place for place, one in enumerate(found) if isinstance(one, Line) and one.base < table.top)
        found.insert(next(below, len(found)), table)
    return found
