"""Events that have no date: what recurs, and what is due a stated time before or after something else."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingest.dates import DateExpression
from ingest.event_phrases import backwards, forwards, is_gathering, is_name, phrase_text, words_of
from ingest.event_titles import Named

if TYPE_CHECKING:
    from ingest.event_folding import Finding

_OBLIGED = frozenset("submit submitted provide provided report present presented deliver implement reply respond nominate notify transmit sent send received receive registered register made available published circulated posted distributed prepare prepared finalize complete completed establish".split())
_OPENINGS = frozenset("opening start beginning commencement conference meeting session event forum assembly summit workshop".split())


def name_recurrence(sentence: str, begin: int, end: int, expression: DateExpression) -> Named | None:
    """Return what recurs: "an Annual Global Dialogue on AI"; None for "annual report" and the like."""
    words = words_of(sentence)
    start = next((k for k, w in enumerate(words) if w.start >= begin), len(words))
    after = next((k for k, w in enumerate(words) if w.start >= end), len(words))
    first, stop = forwards(words, after, len(words))
    phrase = words[first:stop]
    named = any(is_gathering(w) and (is_name(w) or w.text.isupper()) for w in phrase)
    if not named or expression.text.split()[0].casefold() in ("every", "each", "once", "twice"):
        return None
    # "the annual meeting of" is one known meeting; "an annual dialogue" sets up a new one.
    kept = start if words[start].text[0].isupper() else first
    text = phrase_text(sentence, words, kept, stop)
    return Named(text, "meeting", True) if text else None


def name_distance(sentence: str, begin: int, end: int, expression: DateExpression) -> Named | None:
    """Return what is due within, or a time before or after, something: only where an obligation says what."""
    words = words_of(sentence)
    stop = sum(1 for w in words if w.end <= begin)
    for k in range(stop - 1, -1, -1):
        if words[k].fold not in _OBLIGED:
            continue
        passive = k > 0 and words[k - 1].fold in ("be", "been", "is", "are")
        if passive:
            j = k - 1
            while j > 0 and words[j - 1].fold in ("should", "shall", "must", "will", "to", "may", "can", "is", "are"):
                j -= 1
            first, last = backwards(words, j)
        else:
            first, last = forwards(words, k + 1, stop)
        text = phrase_text(sentence, words, first, last)
        if text:
            return Named(text, "deadline")
    return None


def reckoned(finding: Finding, found: list[Finding]) -> Finding:
    """Return `finding` with the date reckoned from the one meeting that was dated before it, to the day."""
    expression = finding.expression
    if expression.relation != "before" or not expression.anchor or not expression.offset:
        return finding
    if not any(word in _OPENINGS for word in expression.anchor.casefold().split()):
        return finding
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
