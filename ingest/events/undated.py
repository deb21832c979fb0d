"""Events that have no date: what recurs, and what is due a stated time before or after something else."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingest.dates import DateExpression
from ingest.events.structure import Piece
from ingest.events.titles.words import DUE, HELD

if TYPE_CHECKING:
    from ingest.events.folding import Finding

_OPENINGS = re.compile(
    r"\b(?:opening|start|beginning|commencement|conference|meeting|session|event|forum|assembly|summit|workshop)\b",
    re.I,
)


def is_wanted(expression: DateExpression, text: str, piece: Piece, dated: bool) -> bool:
    """Whether what recurs, or is due some time before or after something, is an event.

    "Every Thursday" and "the Group meets annually" say when; "the annual report" says which. A distance counts
    where something is asked for within it; one before something else, where that is dated (see `reckoned`).
    """
    begin, stop = expression.span
    if expression.kind == "relative":
        asked = DUE.search(text[max(piece.start, begin - 90) : begin])
        return expression.relation == "before" or (expression.relation == "within" and asked is not None)
    if expression.text.split()[0].casefold() in _TIMES:
        return not re.match(r"\W*(?:on|in) \W*\d", text[stop : stop + 8])
    if dated:
        return False
    named = begin > piece.start and text[stop : stop + 2].strip()[:1].isupper()
    alone = not re.match(r" [^\W\d_]", text[stop : stop + 2])
    return named or alone or HELD.search(text[max(piece.start, begin - 40) : begin]) is not None


_TIMES = frozenset(["every", "each", "once", "twice", "three", "four"])


def reckoned(finding: Finding, found: list[Finding]) -> Finding:
    """Return a distance before something with its date, reckoned from the one meeting of the section, to the day."""
    expression = finding.expression
    if expression.relation != "before" or not expression.anchor or not expression.offset:
        return finding
    if not _OPENINGS.search(expression.anchor) or len(expression.anchor.split()) > 5:
        return finding  # what is said at length may be another meeting than the one that is dated here
    meetings = {f.mention.start for f in found if f.kind == "meeting" and f.mention.precision == "day"}
    if len(meetings) != 1:
        return finding
    opening = meetings.pop()
    latest = _earlier(opening, expression.offset) if opening else None
    mention = replace(finding.mention, start=latest, end=latest, precision="day" if latest else "none")
    return replace(finding, mention=mention)


def _earlier(day: date, duration: str) -> date | None:
    number, unit = int(duration[1:-1]), duration[-1]
    try:
        if unit in "DW":
            return day - timedelta(days=number * (7 if unit == "W" else 1))
        months = day.year * 12 + day.month - 1 - number * (12 if unit == "Y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None
