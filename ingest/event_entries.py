"""Rows of timetables and lists of time limits: "9–13 March: Executive Committee, Geneva"; "Replies: 31 March"."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from ingest.event_phrases import is_gathering, is_writing, words_of
from ingest.event_words import DEADLINE_NOUNS
from store.records import Kind

_LEAD_IN = re.compile(r"^[\W_]*(?:(?:from|on|between|in|by|the|until|no later than|week of)\s+)*$", re.I)
_AFTER_FIRST = re.compile(
    r"^\s*(?:\([^)]{1,40}\)\s*)?(?:,?\s*(?:at )?\d{1,2}[:.h]\d\d[^:–—]{0,40})?\s*[:–—|\t]\s*|^\s*-\s+"
)
_SEPARATOR = re.compile(r"\s*(?::| [–—|-] |\t)\s*")
# What may stand between a row's title and its date, and behind its date.
_ROW_WORDS = re.compile(
    r"""^(?>[\s,;:()\[\]–—-]|(?:
      originally|initially|previously|now|from|to\ be\ confirmed|to|until|on|by|initial|in
    | no\ later\ than|not\ later\ than|closed|closes|closing|opened|opens|open|at|the
    | extended|postponed|moved|rescheduled|cancell?ed|deadline|due|before|and|dates?|tbc|confirmed
    | tentative|provisional|hours|hrs|time|noon|midnight|new\ york|utc|cest|cet|gmt|local
    | a\.?m|p\.?m|close\ of\ business|cob|\d{1,2}[:.]\d\d|week|of|was|is|for|scheduled|planned|end
    | [A-Z]\w{2,20}\ time
    )\b\.?)*+$""",
    re.IGNORECASE | re.VERBOSE,
)
_LIMITED = re.compile(
    r"\b(?:documents?|contributions?|repl(?:y|ies)|responses?|nominations?|candidatures?|candidac(?:y|ies)|applications?|registrations?|comments?|abstracts?"
    r"|submissions?|offers?|bids?|proposals?|inputs?|requests?|payments?|reports?|entries|fellowships?)\b",
    re.I,
)
_LIMITS = re.compile(
    r"\b(?:time[- ]limits?|deadlines?|closing dates?|due dates?|due by|submissions?)\b", re.I
)
_PLACE_SEGMENT = re.compile(r"^(?:[A-Z][\w’'.-]+(?: (?:of|and|the|de|du) | )?)+$")
_ASIDE = re.compile(r"^(?:online|virtual|hybrid|remote|place to be|to be |tbc|\d|dates?\b)", re.I)
_FINITE = re.compile(r"\b(?:is|are|was|were|will|shall|has|have|had|would|should|must|took|takes)\b")


class Entry(NamedTuple):
    """A row: its title, its kind, and its place if the row ends in one."""

    title: str
    kind: Kind
    place: str | None


def entry_of(sentence: str, begin: int, end: int, spans: list[tuple[int, int]], context: str) -> Entry | None:
    """Return the row that `sentence` is, dated at `sentence[begin:end]`; None where it is no row.

    `spans` are all dates of the sentence; `context` is what the row stands under (its list's lead-in, the heading).
    """
    first, last = spans[0], spans[-1]
    head, tail = sentence[: first[0]], sentence[last[1] :]
    if (begin, end) == first and len(spans) == 1 and _LEAD_IN.match(head):
        opened = _AFTER_FIRST.match(tail)
        if opened:
            return _entry(tail[opened.end() :], context)
        return None
    cuts = [m.span() for m in _SEPARATOR.finditer(head) if m.start() > 2]
    cut = next((c for c in cuts if _ROW_WORDS.match(head[c[1] :])), None)
    if cut is None or not _row_like(sentence, spans):
        return None
    return _entry(head[: cut[0]], context)


def _row_like(sentence: str, spans: list[tuple[int, int]]) -> bool:
    gaps = [sentence[a[1] : b[0]] for a, b in pairwise(spans)]
    return all(_ROW_WORDS.match(re.sub(r"[.;]\s*$", "", gap)) for gap in [*gaps, sentence[spans[-1][1] :]])


def _entry(text: str, context: str) -> Entry | None:
    text = text.strip(" .;,:")
    if _FINITE.search(text) or not re.search(r"[^\W\d_]{3}", text):
        return None
    segments = re.split(r"(?<=[\w)”’]), ", text)
    place = None
    while len(segments) > 1:
        last = segments[-1].strip()
        if _PLACE_SEGMENT.match(last) and not any(is_gathering(w) for w in words_of(last)):
            place = last if place is None else f"{last}, {place}"
        elif not _ASIDE.match(last):
            break
        segments.pop()
    title = re.sub(r"\s+", " ", ", ".join(segments)).strip(" .;,:")
    if len(title) > 140:
        return None
    return Entry(title[:1].upper() + title[1:], _kind(title, context), place)


def _kind(title: str, context: str) -> Kind:
    words = words_of(title)
    if DEADLINE_NOUNS.search(title) or (
        (_LIMITED.match(title) or _LIMITED.search(title))
        and (_LIMITS.search(context) or not any(is_gathering(w) for w in words))
    ):
        return "deadline"
    if _LIMITS.search(context):
        return "deadline"
    if any(is_gathering(w) for w in words) or re.search(
        r"meeting|conference|event|calendar|timetable", context, re.I
    ):
        return "meeting"
    return "publication" if any(is_writing(w) for w in words) else "milestone"
