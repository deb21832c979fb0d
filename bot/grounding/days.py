"""The dates of a statement, checked against those of passages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from ingest.dates import DateExpression


def missing_day(
    claimed: Iterable[DateExpression], stated: Sequence[DateExpression], reference_days: Collection[date]
) -> str | None:
    """Return the first date of a statement that no date of the passages supports, as it is written.

    A statement may also name one of `reference_days`, the days of the documents and the request.
    """
    return next(
        (
            d.text
            for d in claimed
            if not _supported(d, stated) and not (d.start == d.end and d.start in reference_days)
        ),
        None,
    )


def _supported(claimed: DateExpression, stated: Sequence[DateExpression]) -> bool:
    """Return whether the same days are stated, or a finer date within them, or both ends as ends of dates.

    "Opens on 27 May" is supported by "27 to 30 May": the judge decides which end it is.
    """
    if claimed.start is None or claimed.end is None:
        # Recurring and relative dates have no day to compare; their numbers are checked as numbers.
        return True
    dated = [d for d in stated if d.start is not None and d.end is not None]
    if any(_covers(claimed, d) for d in dated):
        return True
    ends = {end for d in dated for end in (_key(claimed, d.start), _key(claimed, d.end))}
    return {_key(claimed, claimed.start), _key(claimed, claimed.end)} <= ends


def _covers(claimed: DateExpression, found: DateExpression) -> bool:
    if claimed.precision == "day":
        return False
    return claimed.start <= found.start and found.end <= claimed.end  # type: ignore[operator]


def _key(claimed: DateExpression, day: object) -> tuple[int, ...]:
    """Return a day for comparison: without its year if the statement names none."""
    year, month, number = str(day).split("-")
    return (int(month), int(number)) if claimed.year_inferred else (int(year), int(month), int(number))
