"""A clock that stands in for the database's, and goes when it is told to."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Float, bindparam


class Clock:
    """Seconds since 1970; `reading` is what a JobStore is opened with."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    @property
    def reading(self) -> ColumnElement[float]:
        return bindparam("reading", callable_=lambda: self.now, type_=Float())
