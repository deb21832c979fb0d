"""Dates in the prose of international organisations: a grammar finds and resolves them. Imports nothing of ours."""

from ingest.dates.finding import Bound, DateExpression, Precision, find_dates, same_dates

__all__ = ["Bound", "DateExpression", "Precision", "find_dates", "same_dates"]
