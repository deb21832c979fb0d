"""Finds a document's own date among those at its head or end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from ingest.dates import DateExpression, find_dates
from ingest.document.head import GATHERING, HeadLine

# The document's date is looked for in so many characters of a line.
_LINE_CHARS = 160
_PLACE = re.compile(
    r"[A-ZÀ-Þ][\w'’.-]*(?:(?:, | \(|[ /])(?:d[eu]|of|and|[A-ZÀ-Þ][\w'’.-]*)\)?){0,5}(?P<comma>,)?\s+"
    r"(?:(?:the|on|le)\s+)?"
)
# "16 February 2026, Geneva"
_PLACE_BEHIND = re.compile(r",\s+[A-ZÀ-Þ][\w'’.-]*(?: [A-ZÀ-Þ][\w'’.-]*){0,2}[.)\]]?")
_DATED = re.compile(
    r"(?:(?:document|letter|issue|issuance|publication|release|version)\s+)?dated?"
    r"(?:\s+(?:issued|published|posted|released|of\s+(?:issue|issuance|publication|release|adoption|(?:this|the)\s+\w+|document|letter|version|paper)))?"
    r"|(?:date\s+)?(?:first\s+)?(?:issued|prepared|published|printed|posted|released|circulated|distributed|sent)"
    r"(?:\s+(?:for|to)\s+[\w ]{1,30}?)?(?:\s+(?:by|in|at)\s+[^,.:]{1,60},?)?(?:\s+on)?"
    r"|(?:draft|revised|final)?\s*(?:version|revision|rev\.|v\.?|draft)\s*(?:no\.\s*)?\d[\w.]*\s*(?:,|of|as of|–|-)?"
    r"|draft of|distr\.[\w: ]*|fecha|press release(?: no\. ?\d+)?,?",
    re.IGNORECASE,
)
_ADOPTED = re.compile(
    r"(?:resolution\s+|decision\s+)?adopted(?:\s+(?:by|at|in)\s+[^.:]{1,60}?)?,?(?:\s+on)?", re.IGNORECASE
)
_UPDATED = re.compile(
    r"(?:(?:this\s+)?page\s+)?(?:was\s+)?(?:last\s+)?(?:updated?|modified|modification|revised|revision|reviewed)(?:\s+on)?"
    r"|date\s+of\s+(?:the\s+)?(?:last\s+)?(?:update|revision)|(?:status|situation|text)?\s*as\s+(?:of|at|on)",
    re.IGNORECASE,
)
_DONE = re.compile(r"(?:done|signed|given)\s+(?:at|in)\s+[^.:;]{2,60}?,?(?:\s+(?:on|this))?", re.IGNORECASE)
_MEETING = re.compile(r"time|hours?|venue|place|location|held|where", re.IGNORECASE)
_HOUR = re.compile(
    r"[\s,;]*(?:at\s+|from\s+)?(?<![\d.])\d{1,2}(?:[:.h]\d\d(?!\.?\d)|\s*[ap]\.?m)", re.IGNORECASE
)
_DUE = re.compile(
    r"\b(?:day|deadline|opening|closing|start|end|due|until|till|by|before|after|next|held|registration|launch)\b",
    re.IGNORECASE,
)
_KIND = re.compile(r"\b(?:report|minutes|record|letter|note|programme|agenda|plan)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)", re.IGNORECASE)
# Most lines between a document's symbol and its date.
_NEAR_LINES = 3


class _Form(IntEnum):
    """How a line states a day."""

    LABELLED = 0
    BARE = 1
    AT_PLACE = 2
    DATELINE = 3
    ADOPTED = 4
    UPDATED = 5
    SIGNED = 6


_LABELS = (
    (_DATED, _Form.LABELLED), (_ADOPTED, _Form.ADOPTED), (_UPDATED, _Form.UPDATED), (_DONE, _Form.SIGNED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Stated:
    """A day that the line at `place` states."""

    place: int
    day: date
    form: _Form


def own_day(
    lines: Sequence[HeadLine], is_mark: Callable[[HeadLine], bool], body: Iterable[HeadLine]
) -> date | None:
    """Return the document's day in its head: labelled as its date, near the symbol, or the only one.

    `is_mark` recognises lines that identify a document. `body` are the lines after the head: if they state other bare
    days, a bare day of the head belongs to a programme.
    """
    stated = _all_stated(lines)
    labelled = [s.day for s in stated if s.form is _Form.LABELLED]
    if labelled:
        return labelled[0]
    marks = [place for place, line in enumerate(lines) if is_mark(line)]
    unlabelled = (_Form.BARE, _Form.AT_PLACE)
    alone = sorted((s for s in stated if s.form in unlabelled), key=lambda s: s.form)
    for one in alone:
        if any(abs(one.place - mark) <= _NEAR_LINES for mark in marks):
            return one.day
    others = {s.day for s in _all_stated(list(body)) if s.form is _Form.BARE}
    free = [s for s in alone if not _is_of_event(lines, s.place)]
    for form in (_Form.AT_PLACE, _Form.DATELINE, _Form.BARE, _Form.ADOPTED, _Form.SIGNED):
        days = {s.day for s in (free if form in unlabelled else stated) if s.form is form}
        if len(days) == 1 and not (form is _Form.BARE and others - days):
            return days.pop()
    return None


def signed_day(lines: Sequence[HeadLine]) -> date | None:
    """Return the day on which a document was signed or issued, from its last lines."""
    for form in (_Form.SIGNED, _Form.LABELLED, _Form.AT_PLACE):
        days = {s.day for s in _all_stated(lines) if s.form is form}
        if len(days) == 1:
            return days.pop()
    return None


def updated_day(lines: Sequence[HeadLine]) -> date | None:
    """Return the day of the last change, which counts if the document has no date of its own."""
    return next((s.day for s in _all_stated(lines) if s.form is _Form.UPDATED), None)


def is_dated(line: HeadLine) -> bool:
    """Whether a line has only a date, or a date and a place, of the document or of its meeting."""
    found = [
        d
        for d in find_dates(line.whole[:_LINE_CHARS], reference=None)
        if d.kind == "date" and d.precision == "day"
    ]
    if not found or line.prose:
        return False
    before, after = line.whole[: found[0].span[0]], line.whole[found[-1].span[1] :]
    return len(f"{before} {after}".split()) <= 4 and not _KIND.search(before)


def _all_stated(lines: Sequence[HeadLine]) -> list[_Stated]:
    return [
        _Stated(place, *reading)
        for place, line in enumerate(lines)
        if (reading := _stated(line)) is not None and not _is_of_meeting(lines, place)
    ]


def _stated(line: HeadLine) -> tuple[date, _Form] | None:
    """Return the day that a line states, and how.

    "Geneva, 20 May 2025" is the date of a document; "Geneva, 17-27 June 2025" is that of its meeting.
    """
    text = line.whole[:_LINE_CHARS]
    found = [d for d in find_dates(text, reference=None) if d.kind == "date"]
    one = found[0] if found else None
    if one is None or one.start is None or not _is_day(one):
        return None
    before, after = text[: one.span[0]].lstrip(" ([*•–-").rstrip(" :("), text[one.span[1] :].strip()
    ends = not after or after[0] in ".;)]|"
    label, _, rest = before.partition(":")
    if _DATED.fullmatch(label) and _PLACE.fullmatch(f"{rest.strip()} "):
        return one.start, _Form.LABELLED  # "Date: Geneva, 17 January 2005"
    bracket = before.rpartition("(")[2]  # "Programme (as at 8 June 2021)"
    for pattern, form in _LABELS:
        if pattern.fullmatch(before) or (form is _Form.UPDATED and pattern.fullmatch(bracket)):
            # "Letter dated 9 September 2019 from …" is another document.
            closed = ends or re.match(r"[,(]|(?:by|at|in)\b", after) is not None
            return (one.start, form) if ends or (closed and not line.prose) else None
    unlabelled = _unlabelled(line, before, one.text, after)
    return None if unlabelled is None else (one.start, unlabelled)


def _unlabelled(line: HeadLine, before: str, text: str, after: str) -> _Form | None:
    """Return how a line without a label states the day of this `text`; None if it is not the document's."""
    place = _PLACE.fullmatch(before + " ") if before and not _names_event(before) else None
    if place is not None and re.match(r"\)?\s*(?:\([A-Z][\w ]*\)\s*)?(?:[–—-]|--)(?:\s|$)", after):
        return _Form.DATELINE
    if line.prose or line.label:
        return None
    if not before and _PLACE_BEHIND.fullmatch(after) and not _names_event(after):
        return _Form.AT_PLACE
    if after.strip(" .;)]"):
        return None
    if not before:
        # A heading below the first level is a day of a programme.
        below = (line.level or 0) > 1
        return None if below or _WEEKDAY.match(text) else _Form.BARE
    # "Geneva 20 May 2025", but not "Regional Consultation 20 May 2025".
    located = place is not None and (place["comma"] or len(before.split()) == 1)
    return _Form.AT_PLACE if located else None


def _is_day(one: DateExpression) -> bool:
    certain = not (one.year_inferred or one.approximate or one.named)
    return one.precision == "day" and one.start == one.end and certain


def _is_of_meeting(lines: Sequence[HeadLine], place: int) -> bool:
    """Whether the line is "Date:" with an hour, or near "Time:" or "Venue:"."""
    line = lines[place]
    if line.label.casefold() not in ("date", "fecha"):
        return False
    around = lines[max(0, place - 2) : place + 3]
    return any(other.labelled(_MEETING) for other in around) or _HOUR.search(line.text) is not None


def _is_of_event(lines: Sequence[HeadLine], place: int) -> bool:
    """Whether the line above names an event, so that this is its day."""
    above = lines[place - 1].whole if place else ""
    return _names_event(above) and _KIND.search(above) is None


def _names_event(text: str) -> bool:
    return GATHERING.search(text) is not None or _DUE.search(text) is not None
