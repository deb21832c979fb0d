"""Which questions ask what changed in a document, and in which. Pure.

"What changed in the engagement report?" asks that; "What changed in the Zero Draft?" and "Which changes does the
report propose?" ask what the documents say of other things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from store.records import Document
from store.terms import stem, words


@dataclass(frozen=True, slots=True)
class ChangeQuestion:
    """What is asked: of the document with this `name`, None for the one that changed last; or of its dates only."""

    name: str | None = None
    dates_only: bool = False


_PAPER = r"(?:reports?|documents?|papers?|files?|texts?|versions?|editions?|revisions?)"
_DATES = r"(?:dates?|deadlines?|meetings?|events?)"
_PARTS = rf"(?:paragraphs?|sections?|parts?|passages?|wordings?|things?|{_DATES})"
_DONE = (
    r"(?:changed|new|different|revised|updated|reworded|added|removed|deleted|amended|modified|edited|moved"
    r"|rescheduled|renumbered)"
)
_OPENING = (
    r"^(?:(?:hi|hello|hey|so|and|please|ok|okay|also)[,\s]+)*"
    r"(?:(?:can|could) you (?:please )?(?:tell|show) me[,\s]+|(?:tell|show) me[,\s]+|do you know[,\s]+)?"
)
_BEING = r"(?:(?:'s|’s|has|have|is|are|was|were|got|been|there)\s+)*"
_IN = r"(?:in|of|to|from|with|within|between|about|on)"
_ASKS = (
    # What (else) changed …; which paragraphs were reworded …; has anything changed …; did any dates move …
    rf"(?:what|which|how many)(?:\s+of)?(?:\s+the)?(?:\s+else|\s+exactly|\s+{_PARTS})?\s*{_BEING}{_DONE}\b(?P<rest>.*)",
    rf"(?:has|have|is|are|was|were|did)\s+(?:there\s+)?(?:anything|something|any\s+{_PARTS})\s+(?:been\s+)?"
    rf"(?:{_DONE}|change|move)\b(?P<rest1>.*)",
    # (What are) the changes to …; what's new in …; the differences between the versions of …
    rf"(?:(?:what|which)\s*{_BEING})?(?:(?:the|any|all|last|latest|recent)\s+)*"
    rf"(?:changes|differences|revisions|amendments|updates|diff)\s+(?:(?:have|been|were|are|made|there)\s+)*(?P<rest2>(?:{_IN}|since)\b.*)",
    # How has the report changed …
    rf"how\s+(?:has|have|did|was|were)\s+(?P<rest3>.*?)\s+(?:been\s+)?(?:{_DONE}|change|differ)\b(?P<since>.*)",
    r"how\s+(?:does|do|is)\s+(?P<rest4>.*?)\s+(?:differ(?:ent)?\b)(?P<since1>.*)",
)
_ASK = [re.compile(_OPENING + ask + r"$", re.IGNORECASE) for ask in _ASKS]
_EARLIER = r"(?:last|previous|earlier|older?|prior|first|former|preceding|latest|newest|current|recent)"
_SINCE = re.compile(
    r"\b(?:since|from|against|compared (?:to|with)|over|between|and|to|with)\s+(?:(?:the|its|your|our|two)\s+)*"
    rf"(?:{_EARLIER}(?:\s+(?:two|one|and|or|the))*\s+)+"
    r"(?:version|edition|revision|one|update|ingest|upload|time|report|document)s?\b",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    rf"^\s*{_IN}\s+(?P<object>[^,;?]*?\b{_PAPER}\b[^,;?]*?|\S+\.\w{{2,5}}|[A-Z]+\d*/\S+)\s*$", re.IGNORECASE
)
_BARE = re.compile(rf"^(?P<object>[^,;?]*\b{_PAPER})\s*$", re.IGNORECASE)
_DATES_ASKED = re.compile(rf"\b(?:which|what|any|the)\s+{_DATES}\b", re.IGNORECASE)
_FRAME = frozenset(
    stem(word)
    for word in """a the an our your its their this that these those itu report document paper file text version edition
    revision last latest new newest current recent annual old previous earlier first two both one in of on to for
    between and from with since""".split()
)


def change_question(text: str, documents: Sequence[Document]) -> ChangeQuestion | None:
    """Return what is asked of the changes in a document; None where the question asks something else.

    It has to speak of a document, or of a version before: by "the report", by its file or symbol, or by words of
    which its title and file name hold at least half. Where no document has them, it asks of something else.
    """
    asked = " ".join(text.split()).strip(" ?!.")
    match = next((found for pattern in _ASK if (found := pattern.match(asked))), None)
    if match is None:
        return None
    groups = match.groupdict()
    rest = next(
        (value for name, value in groups.items() if name.startswith("rest") and value is not None), ""
    )
    since = next((value for name, value in groups.items() if name.startswith("since") and value), "")
    against = bool(_SINCE.search(f"{rest} {since}"))
    thing = re.sub(r"\b(?:lately|recently|now|today|just|yet|there)\b", "", _SINCE.sub(" ", rest)).strip()
    dates_only = bool(_DATES_ASKED.search(asked[: len(asked) - len(rest)] if rest else asked))
    if not thing:
        return ChangeQuestion(None, dates_only) if against else None
    found = _OBJECT.match(thing) or _BARE.match(thing)
    if found is None:
        return None
    named = _named(found["object"], documents)
    return None if named is None else ChangeQuestion(named or None, dates_only)


def _named(thing: str, documents: Sequence[Document]) -> str | None:
    """Return the id of the document that is meant; "" where none is named, None where it is none of these."""
    folded = thing.casefold()
    for document in documents:
        if any(name and name.casefold() in folded for name in (document.source, document.symbol)):
            return document.id
    sought = {stem(word) for word in words(thing)} - _FRAME
    if not sought:
        return ""
    scored = [(len(sought & _name_words(document)), document) for document in documents]
    # Of several, the newest: it is the one that people speak of.
    best = max(scored, key=lambda item: (item[0], str(item[1].date or "")), default=None)
    return best[1].id if best and 2 * best[0] >= len(sought) else None


def _name_words(document: Document) -> set[str]:
    return {stem(word) for word in words(f"{document.title} {re.sub(r'[-_./]', ' ', document.source)}")}
