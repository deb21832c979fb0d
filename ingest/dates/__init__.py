"""Dates in the prose of international organisations: a grammar finds and resolves them. Imports nothing of ours."""

from ingest.dates.finding import Bound, DateExpression, Precision, find_dates, same_dates
from ingest.dates.text.words import ABBREVIATED_MONTHS, SEASONS, WEEKDAYS

__all__ = [
    "ABBREVIATED_MONTHS",
    "SEASONS",
    "WEEKDAYS",
    "Bound",
    "DateExpression",
    "Precision",
    "find_dates",
    "same_dates",
]
