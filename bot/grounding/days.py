"""The days of a statement, held against those of passages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from ingest.dates import DateExpression


def missing_day(
    said: Iterable[DateExpression], stated: Sequence[DateExpression], reference_days: Collection[date]
) -> str | None:
    """Return the first date of a statement that no date of the passages supports, as it is written.

    Of the days of documents and request, `reference_days`, a statement may name the very day.
    """
    return next(
        (
            d.text
            for d in said
            if not _supported(d, stated) and not (d.start == d.end and d.start in reference_days)
        ),
        None,
    )


def _supported(said: DateExpression, stated: Sequence[DateExpression]) -> bool:
    """Whether the same days are stated, or a finer date within them, or both ends as ends of dates there.

    "Opens on 27 May" is supported by "27 to 30 May": which end of what opens or closes is the judge's.
    """
    if said.start is None or said.end is None:
        # What recurs or is relative has no day to compare; its numbers are checked as numbers.
        return True
    dated = [d for d in stated if d.start is not None and d.end is not None]
    if any(_covers(said, d) for d in dated):
        return True
    ends = {end for d in dated for end in (_key(said, d.start), _key(said, d.end))}
    return {_key(said, said.start), _key(said, said.end)} <= ends


def _covers(said: DateExpression, there: DateExpression) -> bool:
    if said.precision == "day":
        return False
    return said.start <= there.start and there.end <= said.end  # type: ignore[operator]


def _key(said: DateExpression, day: object) -> tuple[int, ...]:
    """Return a day as it is compared: without its year where the statement names none."""
    year, month, number = str(day).split("-")
    return (int(month), int(number)) if said.year_inferred else (int(year), int(month), int(number))
