"""Events that have no date: what recurs, and what is due a stated time before or after something else."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingest.date_words import vocabulary
from ingest.dates import DateExpression
from ingest.event_naming import Named
from ingest.event_phrases import Word, backwards, forwards, is_gathering, is_name, phrase_text, words_of
from ingest.event_verbs import subject_of, verbs_of

if TYPE_CHECKING:
    from ingest.event_folding import Finding

_OBLIGED = vocabulary("""
    submit submitted provide provided report present presented deliver implement reply respond nominate
    notify transmit sent send received receive registered register made available published circulated
    posted distributed prepare prepared finalize complete completed establish
    """)
_OPENINGS = vocabulary("""
    opening start beginning commencement conference meeting session event forum assembly summit workshop
    """)


def name_recurrence(sentence: str, begin: int, end: int, expression: DateExpression) -> Named | None:
    """Return what recurs ("an Annual Dialogue on AI", "the Group meets every two months"); never "annual report"."""
    words = words_of(sentence)
    start = next((k for k, w in enumerate(words) if w.start >= begin), len(words))
    after = next((k for k, w in enumerate(words) if w.start >= end), len(words))
    first, stop = forwards(words, after, len(words))
    named = any(is_gathering(w) and (is_name(w) or w.text.isupper()) for w in words[first:stop])
    if named and expression.text.split()[0].casefold() not in ("every", "each", "once", "twice"):
        # "an Annual Dialogue" carries the word in its name; "an annual Dialogue" does not.
        text = phrase_text(sentence, words, start if words[start].text[0].isupper() else first, stop)
        return Named(text, "meeting", True) if text else None
    return _held_again(sentence, words, start)


def _held_again(sentence: str, words: list[Word], start: int) -> Named | None:
    verbs = verbs_of(words)
    held = [v for v in verbs if v.at < start and start - v.after <= 4 and v.action == "held"]
    if not held:
        return None
    first, stop = subject_of(words, held[-1], verbs)
    phrase = words[first:stop]
    if not any(is_gathering(w) for w in phrase) and not any(is_name(w) for w in phrase[1:]):
        return None
    text = phrase_text(sentence, words, first, stop)
    return Named(text, "meeting", True) if text else None


def name_called_off(sentence: str) -> Named | None:
    """Return the gathering, called by its name, that a sentence without a date postpones or cancels."""
    words = words_of(sentence)
    verbs = verbs_of(words)
    off = [
        v
        for v in verbs
        if v.word.startswith(("postpone", "cancel", "defer", "reschedul")) and v.voice == "passive"
    ]
    if not off:
        return None
    first, stop = subject_of(words, off[0], verbs)
    phrase = words[first:stop]
    if not any(is_gathering(w) for w in phrase) or not any(is_name(w) for w in phrase[1:]):
        return None
    text = phrase_text(sentence, words, first, stop)
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
            while j > 0 and words[j - 1].fold in (
                "should",
                "shall",
                "must",
                "will",
                "to",
                "may",
                "can",
                "is",
                "are",
            ):
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
