"""What the wording says of an event's state: cancelled, postponed, done, planned."""

from __future__ import annotations

import re

from store.records import Cue

_NOT_OFF = re.compile(r"\b(?:not|never|no longer) (?:been |be )?(?:postponed|cancell?ed|deferred)", re.I)
_CANCELLED = re.compile(
    r"\b(?:cancell?ed|cancell?ation|called off|abandoned|withdrawn|will (?:not"
    r"|no longer) (?:be held|be convened|take place)"
    r"|(?:shall|would) (?:not|no longer) (?:be held|be convened|take place)|no longer take place)\b",
    re.I,
)
_PLANNED_FOR = re.compile(
    r"\b(?:planned|scheduled|due|set|foreseen|announced|convened|called)\b[^,;]{0,25}$", re.I
)
_WAS_MOVED = re.compile(
    r"^[^.;]{0,40}?\b(?:was|were|has been|have been|had to be|has had to be) (?:\w+ )?"
    r"(?:postponed|deferred|re-?scheduled|put off|put back|moved|shifted|brought forward|extended|prolonged)\b",
    re.I,
)
_NOT_HELD = re.compile(
    r"\b(?:did not take place|(?:was|were) not held|could not (?:be held|take place))\b", re.I
)
_MOVED = re.compile(
    r"\b(?:postpone[ds]?|postponement|deferred|re-?scheduled|put off|put back"
    r"|moved|shifted|brought forward|extended|prolonged|pushed back)\b",
    re.I,
)
_POSTPONED = re.compile(
    r"\b(?:postpone[ds]?|postponement|deferred|re-?scheduled|put off|put back|moved to a later date|pushed back)\b",
    re.I,
)
# Directly in front of a date: the new one, and the one that no longer holds.
_NEW = re.compile(
    r"\b(?:postpone\w*|deferred|re-?scheduled|put off|put back|moved|shifted|brought forward"
    r"|extended|prolonged|pushed back|now)\b"
    r"(?P<between>[^;.]{0,80})$",
    re.I,
)
_OLD = re.compile(
    r"\b(?:(?:initially|originally|previously|first)(?: (?:scheduled|planned|foreseen"
    r"|set|announced|expected|due|to be held|convened|called))?\b[^;]{0,40}"
    r"|(?:had been|was to have been|was to be|were to be|were to have been)\b[^;,]{0,50}|instead of|rather than)\s*$",
    re.I,
)
_ORIGINALLY = re.compile(
    r"\b(?:initially|originally) (?:scheduled|planned|foreseen|set|announced|expected|due|to be held)\b[^;]{0,40}$",
    re.I,
)
_ANAPHORA = re.compile(
    r"^\s*(?:however,? |but |unfortunately,? )?(?:this|it|that|the (?:conference"
    r"|meeting|event|summit|forum|session|workshop|seminar|consultations?)|these"
    r"|they|both)\b",
    re.I,
)
_PLANNED = re.compile(
    r"\b(?:will|shall|scheduled|planned|plans?|upcoming|forthcoming|to be held"
    r"|to take place|to be|due|expected|is set|are set"
    r"|tentatively|provisionally|would|could|takes place|lead[- ]up|run[- ]up"
    r"|approaching|ahead of|foreseen|likely|meets|opens|closes)\b",
    re.I,
)
_DONE = re.compile(
    r"\b(?:took place|went live|(?:was|were|has been|have been|had been)(?: \w+ly"
    r"| also| first| then)? (?!to\b|due\b|scheduled\b|planned\b|expected\b|foreseen\b)\w+"
    r"(?:ed|held|sent|made|met)?"
    r"|met (?:in|on|from|for)|came into force|entered into force|spoke|made a"
    r"|gave a|took part|(?<!\bbe )(?<!\bis )(?<!\bare )(?:attended|hosted|held"
    r"|convened|organi[sz]ed|launched|released|published|unveiled|issued"
    r"|presented|announced|adopted|approved|moderated|discussed|explained|participated|delivered|concluded|identified|opened|celebrated|joined|submitted|circulated|closed))\b",
    re.I,
)
_BOUNDARIES = (";", ", followed by", ", ahead of", ", with ", "followed by")


def cue_of(sentence: str, begin: int, stop: int, following: str) -> Cue | None:
    """Return what `sentence`, and the one `following` it, say of what is dated at `sentence[begin:stop]`."""
    if _NOT_OFF.search(sentence):
        return "planned"
    before, after = sentence[:begin], sentence[stop:]
    if _beside(_CANCELLED, sentence, begin):
        return "cancelled"
    if _NOT_HELD.search(sentence):
        return "postponed" if _MOVED.search(sentence) or _MOVED.search(following) else "cancelled"
    new = _NEW.search(before)
    if new and _leads_to(new["between"]):
        return "planned"
    if _OLD.search(before) and (_MOVED.search(sentence) or re.search(r"\bnow\b", after)):
        return "postponed"
    if _PLANNED_FOR.search(before) and _WAS_MOVED.match(after):
        return "postponed"
    if _MOVED.search(before) and re.search(r"\bfrom (?:the )?$", before):
        return "postponed"
    if _beside(_POSTPONED, sentence, begin):
        return "postponed"
    if following and _ANAPHORA.match(following):
        if _CANCELLED.search(following):
            return "cancelled"
        if _POSTPONED.search(following):
            return "postponed"
    if _ORIGINALLY.search(before):
        return "postponed"
    return _tense(before, after)


def undated_cue(sentence: str) -> Cue | None:
    """Return "postponed" or "cancelled" where a sentence without a date calls something off."""
    if _NOT_OFF.search(sentence):
        return None
    return (
        "cancelled" if _CANCELLED.search(sentence) else "postponed" if _POSTPONED.search(sentence) else None
    )


def moved(sentence: str) -> bool:
    """Whether the sentence gives something another date: its dates then share one subject."""
    return bool(_MOVED.search(sentence)) or bool(
        re.search(r"\b(?:originally|initially)\b.*\bnow\b", sentence, re.I)
    )


def _leads_to(between: str) -> bool:
    """Whether the words from "postponed" to the date say "to" last, not "from"."""
    words = re.findall(r"[a-z]+", between.casefold())
    if {"scheduled", "planned", "originally", "initially", "which", "foreseen", "convened"} & set(words):
        return False
    if {"held", "place"} & set(words):
        return True  # "moved, and is to be held from 5 to 9 October"
    links = [w for w in words if w in ("from", "to", "until", "till", "for", "on", "in", "between")]
    return not links or links[-1] != "from"


def _beside(pattern: re.Pattern[str], sentence: str, begin: int) -> bool:
    """A word of calling off counts for the dates of its own clause."""
    for match in pattern.finditer(sentence):
        between = sentence[min(match.end(), begin) : max(match.start(), begin)]
        later = match.end() <= begin  # "… is cancelled, its purpose served by the Summit of 2024"
        if (
            ";" not in between
            and ", and " not in between
            and ". " not in between
            and not (later and ", " in between)
        ):
            return True
    return False


def _tense(before: str, after: str) -> Cue | None:
    left = max(before.rfind(mark) for mark in _BOUNDARIES)
    ends = [at for mark in _BOUNDARIES if (at := after.find(mark)) >= 0]
    clause_left, clause_right = before[max(left, 0) :], after[: min(ends, default=len(after))]
    planned, done = _last(_PLANNED, clause_left), _last(_DONE, clause_left)
    if planned >= 0 or done >= 0:
        return "planned" if planned >= done else "done"
    planned, done = _first(_PLANNED, clause_right), _first(_DONE, clause_right)
    if done < planned:
        return "done"
    return "planned" if planned < len(clause_right) else None


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.start() for m in pattern.finditer(text)), default=-1)


def _first(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return match.start() if match else len(text)
