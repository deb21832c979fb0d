"""Dates in the prose of international organisations: a grammar finds and resolves them.

Imports only the records, so any package may use it.
"""

from ingest.dates.finding import DateExpression, find_dates, in_original, same_dates
from ingest.dates.words import ABBREVIATED_MONTHS, MEETINGS, SEASONS, WEEKDAYS

__all__ = [
    "ABBREVIATED_MONTHS",
    "MEETINGS",
    "SEASONS",
    "WEEKDAYS",
    "DateExpression",
    "find_dates",
    "in_original",
    "same_dates",
]
