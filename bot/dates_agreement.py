"""Whether a date of a sentence is one of the paragraph's: the same days, or a coarser way of saying them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from ingest.dates import DateExpression

_BEGINS = re.compile(r"\b(?:begin|start|open|commenc|kick|from|launch)\w*\b[^.;]{0,40}$", re.I)
_ENDS = re.compile(r"\b(?:end|clos|conclud|finish|until|till|to|through|and)\w*\b[^.;]{0,40}$", re.I)
# "As of 29 April 2024", "the report of 29 April 2024", "C24/52 of 29 April 2024".
_OF_DOCUMENT = re.compile(
    r"(?:\bas (?:of|at)|\bdated|\b(?:report|document|paper|note|circular|minutes) (?:of|from)|/\S+ (?:of|from))\s*$",
    re.I,
)
_EARLIER = frozenset({"before", "until", "till", "by", "ahead of", "prior to"})
_LATER = frozenset({"after", "since", "from", "following"})


# A date that is no longer the date, and how a sentence shows that it knows.
_SUPERSEDED = re.compile(
    r"\b(?:initially|originally|was to|were to|extended from|moved from|no longer|planned for|in place of"
    r"|instead of)\b[^.;\d]{0,40}$",
    re.I,
)
_KNOWS = re.compile(
    r"\b(?:initially|originally|first|was to|were to|had been|previous\w*|extended|postponed|moved|former\w*|planned"
    r"|foreseen|no longer|instead|in place|cancel\w*|until|from)\b[^;\d]{0,60}$",
    re.I,
)


_DROPPED = re.compile(
    r"\b(?:was|were|has been|have been|is)\s(?:\w+\s)?(?:postponed|cancelled|called off|put off|deferred)\b",
    re.I,
)
_DROPPED_SAID = re.compile(
    r"\b(?:postpon\w*|cancel\w*|called off|put off|defer\w*|moved|no longer|not)\b", re.I
)


def superseded(said: DateExpression, text: str, date: DateExpression, there: str) -> bool:
    """Whether the paragraph gives this date as one that held once, and the sentence as one that holds."""
    rest = there[date.span[1] :].split(". ", 1)[0]
    dropped = _DROPPED.search(rest) is not None and _DROPPED_SAID.search(text) is None
    if not dropped and not _SUPERSEDED.search(there[: date.span[0]]):
        return False
    before = text[: said.span[0]]
    return re.search(r"\bnow\b[^,;\d]*$", before, re.I) is not None or not _KNOWS.search(before)


def facts_for(
    said: DateExpression, text: str, facts: Iterable[DateExpression], day: datetime.date | None
) -> list[DateExpression]:
    """Return the dates of heading, title and document that may bear out this one of `text`.

    The document's own `day` is no source for what came about on it, unless the sentence speaks of the document.
    """
    of_document = _OF_DOCUMENT.search(text[: said.span[0]]) is not None
    return [
        fact
        for fact in facts
        if fact.precision == said.precision and (of_document or not fact.start == fact.end == day is not None)
    ]


def in_passage(said: DateExpression, text: str, there: Iterable[DateExpression], written: str = "") -> bool:
    """Whether one of the paragraph's dates bears out this one of `text`; `written` is the paragraph."""
    if said.start is None or said.end is None:
        # Recurrences and distances: their numbers and words are held against the paragraph elsewhere.
        return said.offset is None or any(d.offset == said.offset for d in there) or said.text.isalpha()
    before = text[: said.span[0]]
    there = tuple(there)
    if said.start != said.end and _from_one_to_another(said, there, written):
        return True
    for date in there:
        if date.start is None or date.end is None:
            continue
        if matching(said, date):
            if not _opposed(said, date):
                return True
        elif said.start == said.end:
            if said.start == date.start and _BEGINS.search(before):
                return True
            if said.end == date.end and _ENDS.search(before):
                return True
    return False


def _from_one_to_another(said: DateExpression, there: Iterable[DateExpression], written: str) -> bool:
    """Whether a sentence there begins something on the first of the days, and ends it on the last."""
    days = [d for d in there if d.start == d.end and d.start is not None]
    return any(
        one.start == said.start
        and other.end == said.end
        and one.span[1] < other.span[0]
        and ". " not in written[one.span[1] : other.span[0]]
        and _BEGINS.search(written[: one.span[0]]) is not None
        and re.search(r"\b(?:end|clos|conclud|finish|until|till)\w*\b", written[one.span[1] : other.span[0]])
        is not None
        for one in days
        for other in days
    )


def matching(said: DateExpression, there: DateExpression) -> bool:
    """Whether the paragraph's date is the same, or lies within a month, season or year that was said."""
    if said.start is None or said.end is None or there.start is None or there.end is None:
        return False
    if (said.start, said.end) == (there.start, there.end):
        return True
    if said.year_inferred and said.precision == "day" == there.precision:
        # No year is said, and which one is meant the paragraph knows better.
        days = [(d.month, d.day) for d in (said.start, said.end, there.start, there.end)]
        if days[:2] == days[2:]:
            return True
    coarser = (
        said.precision in ("month", "quarter", "half", "season", "year") and said.precision != there.precision
    )
    return coarser and said.start <= there.start and there.end <= said.end and not said.approximate


def _opposed(said: DateExpression, there: DateExpression) -> bool:
    # "From 30 November to 30 June": the first of a move is no second one.
    if said.lead == "from" and there.lead == "":
        return True
    return (said.lead in _EARLIER and there.lead in _LATER) or (
        said.lead in _LATER - {"from"} and there.lead in _EARLIER
    )
