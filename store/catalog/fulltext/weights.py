"""The weight of a term in BM25, as SQLite's FTS5 computes it: https://www.sqlite.org/fts5.html#the_bm25_function."""

from __future__ import annotations

import math

# Of a term that more than half of the rows have.
_LEAST = 1e-6


def weight(rows: int, hits: int) -> float:
    """Return the weight of a term that `hits` of `rows` have."""
    return max(math.log((rows - hits + 0.5) / (hits + 0.5)), _LEAST)
