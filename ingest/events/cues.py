"""Cues in the words around a date: cancelled, moved, done, planned, or only proposed.

Closed lists of phrases are looked up in the date's own clause; the sentence is not parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.events.pieces import Span
from ingest.events.words import ACT, PROPOSED, phrases
from store.records import Cue

_NOT_OFF = phrases("""
    (?:not|never|no longer) (?:been |be )?(?:postponed|cancell?ed|deferred|moved|changed) | unchanged
    no change | as planned
""")
_CANCELLED = phrases(r"""
    cancell?(?:ed|ation|s) | called off | abandoned | withdrawn | dropped | fell victim | no longer take place
    (?:will|shall|would) (?:not|no longer) (?:be (?:held|convened|organi[sz]ed)|take place|go ahead)
""")
_POSTPONED = phrases("""
    postpone[ds]? | postponement | postponing | deferred | deferral | re-?scheduled | put (?:off|back) | pushed back
    delayed | moved to a later
""")
_NOT_HELD_PHRASES = "did not take place | (?:was|were) not held | could not (?:be held|take place)"
_NOT_HELD = phrases(_NOT_HELD_PHRASES)
# A sentence with one of these gives something another date.
_MOVED = phrases(rf"""
    {_NOT_HELD_PHRASES}
    postpon\w+ | deferr\w+ | re-?schedul\w+ | put (?:off|back) | pushed back | delayed | moved | moves from | shifted
    brought forward | extended | extends | extension | prolonged | changed from | new dates? | old (?:closing )?dates?
    instead of | in place of | rather than | replaces | originally | earlier announced | no longer appl\w+
    unable to take place
    (?:initially|previously|first) (?:\w+ )?(?:scheduled|planned|foreseen|set|announced|expected|due|proposed|fixed)
    (?:was|were|had been)(?: going| intended| arranged| meant)? to have | to have been (?:held|opened|launched)
    had been (?:going|intended|arranged|called|set)
""")
# Before a date, these say that it is no longer valid (_OLD), or that it replaces another (_NEW). The last one decides.
_OLD = phrases(r"""
    originally | initially | previously | formerly | first | old | instead of | in place of | rather than | replaces?
    (?:was|were|had been)(?: going| intended| meant| supposed)?(?: to(?: have)?)? | to have been
    not(?: be)? held | did not
    could not | (?:planned|scheduled|due|set|arranged|announced|foreseen|convened|called)(?: to| for| at)?
    (?:moved|moves|postponed|deferred|rescheduled|extended|changed|shifted|forward|off|back|goes)(?: \w+){0,2} from
""")
_NEW = phrases(r"now | new | to | until | till | will | shall | extended | instead(?! of)")
_PROPOSED_ABOVE = phrases("""
    proposed | tentative | provisional (?:dates?|calendar|time ?table|programme) | to be confirmed | tbc
    alternatives? | options?
    draft (?:decision|resolution|calendar|dates|time ?table)
""")
_PLANNED = phrases("""
    will | shall | scheduled | planned | plans? | upcoming | forthcoming | to be | to take place | due | expected
    (?:is|are) set | would | could | foreseen | likely
""")
_DONE = phrases("""
    took place | went live | met | was | were | (?:has|have|had) been | came into force | entered into force
""")
_ANAPHORA = re.compile(
    r"\s*(?:however,? |but |unfortunately,? |in the meantime,? )?(?:this|it|that|these|they|both|the (?P<noun>\w+))\b",
    re.I,
)
# Columns of a table for the date that another one replaces.
_OLD_COLUMN = phrases(
    "was | old | original(?:ly)? | initial | previous(?:ly)? | former(?:ly)? | first announced | cancelled | planned"
)


def moves(text: str) -> bool:
    """Whether a sentence or a line gives something another date."""
    return bool(_MOVED.search(text)) and not _NOT_OFF.search(text)


def off_by_name(text: str) -> Cue | None:
    """Return "postponed" or "cancelled" if the text says this of something."""
    if _NOT_OFF.search(text):
        return None
    return "cancelled" if _CANCELLED.search(text) else "postponed" if _POSTPONED.search(text) else None


def cues_of(text: str, spans: Sequence[Span], clauses: Sequence[Span], following: str) -> list[Cue | None]:
    """Return the cue of each date of `text`; `spans` are the dates' positions, `clauses` those of their clauses.

    `following` is the next sentence, which may say "However, it has been postponed".
    """
    if _NOT_OFF.search(text):
        return ["planned"] * len(spans)
    if len(spans) == 1 and _NOT_HELD.search(text):
        again = _MOVED.search(_NOT_HELD.sub("", text)) or _MOVED.search(following)
        return ["postponed" if again else "cancelled"]
    if _MOVED.search(text):
        found = _moved_cues(text, spans)
    else:
        found = [_own_cue(text, *pair) for pair in zip(spans, clauses, strict=True)]
    head = _ANAPHORA.match(following)
    refers_back = (
        head and (head["noun"] or "").casefold() in text.casefold() and not re.search(r"\d{4}|\d ", following)
    )
    off = off_by_name(following) if refers_back else None
    return [off if off and cue in (None, "planned", "done") else cue for cue in found]


def _own_cue(text: str, span: Span, clause: Span) -> Cue | None:
    low, high = clause
    if _CANCELLED.search(text, low, high):
        return "cancelled"
    for words in (text[low : span[0]], text[span[1] : high]):
        planned, done = _last(_PLANNED, words), _last(_DONE, words)
        if planned or done:
            return "planned" if planned >= done else "done"
        if ACT.search(words):
            return "done"
    return None


def _moved_cues(text: str, spans: Sequence[Span]) -> list[Cue | None]:
    """Return the cues of a sentence that moves something: the words before a date say whether it is old or new."""
    found: list[Cue | None] = []
    for k, (begin, stop) in enumerate(spans):
        before = text[spans[k - 1][1] if k else 0 : begin]
        after = text[stop : spans[k + 1][0] if k + 1 < len(spans) else len(text)]
        old, new = _last(_OLD, before), _last(_NEW, before)
        if _CANCELLED.search(before) or (_CANCELLED.search(after) and not _POSTPONED.search(after)):
            found.append("cancelled")
        elif old or new:
            found.append("postponed" if old >= new else "planned")
        elif _MOVED.search(after) and not _MOVED.search(before):
            found.append("postponed")
        else:
            found.append("planned" if "postponed" in found or _MOVED.search(before) else None)
    if len(found) == 2 and found[1] == "postponed" and found[0] is None:
        found[0] = "planned"
    return found


def row_cues(cells: Sequence[tuple[str, str, Span | None]]) -> list[Cue | None]:
    """Return the cues of the dates of a row; `cells` are (column, text, span of a date in the text or None).

    A column may mark its date as the old one; a cell without a date ("withdrawn") applies to the whole row.
    """
    remarks = " ".join(text for _, text, span in cells if span is None)
    off = off_by_name(remarks)
    several = sum(span is not None for _, _, span in cells) > 1 and not _NOT_OFF.search(remarks)
    replaced = [bool(_OLD_COLUMN.search(column)) and (several or off is not None) for column, _, _ in cells]
    cues: list[Cue | None] = []
    for (_, text, span), old in zip(cells, replaced, strict=True):
        if span is None:
            continue
        own = cues_of(text, [span], [(0, len(text))], "")[0]
        if old:
            own = "cancelled" if off == "cancelled" else "postponed"
        elif re.search(r"\b(?:was|were)\W*$", text[: span[0]], re.I):
            own = "cancelled" if _CANCELLED.search(text) else "postponed"
        elif off and own in (None, "planned", "done") and not any(replaced):
            own = off
        cues.append(own)
    return cues


def is_proposed(clause: str, begin: int, lines_above: Sequence[str]) -> bool:
    """Whether the date at `begin` of its clause is only proposed: by words, by brackets, or by lines above."""
    bracketed = clause.rfind("[", 0, begin + 1) > clause.rfind("]", 0, begin) and clause.find("](", begin) < 0
    asked = re.match(r"[^\w.;,]{0,2}\(?\?", clause[begin:].lstrip("0123456789 "))
    above = any(map(_PROPOSED_ABOVE.search, lines_above))
    return bool(PROPOSED.search(clause) or bracketed or asked or above)


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match ends, 0 for none."""
    return max((m.end() for m in pattern.finditer(text)), default=0)
