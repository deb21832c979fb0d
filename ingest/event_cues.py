"""What the wording says of an event's state: cancelled, postponed, done, planned."""

from __future__ import annotations

import re

from ingest.event_words import CANCELLED, DONE, NEGATED_POSTPONED, NEW_DATE, OLD_DATE, PLANNED, POSTPONED
from store.records import Cue, Kind

_ACTIVE_DONE = re.compile(
    r"\b(?:attended|hosted|held|convened|organi[sz]ed|launched|released|published|unveiled|issued|presented|announced|adopted|approved"
    r"|moderated|discussed|explained|participated|delivered|concluded|identified|opened|made|celebrated|joined|submitted|circulated)\b",
    re.I,
)
_ANAPHORA = re.compile(r"^\s*(?:however,? )?(?:this|it|the (?:conference|meeting|event|summit|forum|session|workshop)|these|they|both)\b", re.I)


def cue_of(sentence: str, begin: int, stop: int, following: str, kind: Kind) -> Cue | None:
    """Return what `sentence`, and the one `following` it, say of what is dated at `sentence[begin:stop]`."""
    before = sentence[:begin]
    if NEGATED_POSTPONED.search(sentence):
        return "planned"
    if NEW_DATE.search(before):
        return "planned"
    moved = _moved(sentence, begin)
    if moved:
        return moved
    if OLD_DATE.search(before) or (following and _ANAPHORA.match(following)):
        called_off = CANCELLED.search(following)
        if called_off:
            return "cancelled"
        if POSTPONED.search(following):
            return "postponed"
    if OLD_DATE.search(before):
        return "postponed"
    return _tense(sentence, begin, stop)


def _moved(sentence: str, begin: int) -> Cue | None:
    """A word of calling off counts for the dates of its own clause."""
    for pattern, cue in ((CANCELLED, "cancelled"), (POSTPONED, "postponed")):
        match = pattern.search(sentence)
        if match is None:
            continue
        between = sentence[min(match.end(), begin) : max(match.start(), begin)]
        if ";" not in between and ", and" not in between:
            return cue  # type: ignore[return-value]
    return None


def _tense(sentence: str, begin: int, stop: int) -> Cue | None:
    left = max(sentence.rfind(mark, 0, begin) for mark in (";", "followed by", "ahead of", ", with "))
    clause_left = sentence[max(left, 0) : begin]
    ends = [at for mark in (";", ", followed by", ", ahead of", ", with ") if (at := sentence.find(mark, stop)) >= 0]
    clause_right = sentence[stop : min(ends, default=len(sentence))]
    planned = _last(PLANNED, clause_left)
    done = max(_last(DONE, clause_left), _last(_ACTIVE_DONE, clause_left))
    if planned >= 0 or done >= 0:
        return "planned" if planned >= done else "done"
    if DONE.search(clause_right) or _ACTIVE_DONE.search(clause_right):
        return "planned" if PLANNED.search(clause_right) and not DONE.search(clause_right) else "done"
    return "planned" if PLANNED.search(clause_right) else None


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.start() for m in pattern.finditer(text)), default=-1)
