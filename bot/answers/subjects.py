"""A sentence that opens with "This" or "It" is given its subject in brackets, so that it stands alone.

What is in brackets is no part of the quote.
"""

from __future__ import annotations

import re

from bot.answers.candidates import RUN_IN, Candidate

_OPENS_BARE = re.compile(
    r"^(?:(?:However|Moreover|Additionally|In addition|Also|Furthermore|Subsequently|Notably),?\s+)?"
    r"(?P<pointer>It|This|That|These|Those|They|Its|Their|He|She|His|Her|Both)\b(?P<noun>\s+[a-z]+)?",
    re.I,
)
# "It is not known what …", "It has been decided that …", "This year, …": it stands for nothing that could be named.
_EMPTY = re.compile(
    r"^It (?:is|was|has been|remains)\b[^.;]{0,30}?\b(?:known|clear|unclear|open|expected|hoped|understood|noted|agreed"
    r"|decided|proposed|planned|foreseen|recalled|recogni[sz]ed|possible|likely|important|envisaged|anticipated"
    r"|suggested|recommended)\b[^.;]{0,20}?\b(?:that|what|whether|how|who|when|where)\b"
    r"|^This (?:year|month|week)\b"
)
# A name: capitalised words, with the small words that join them; or what stands in quotation marks.
_NAME = re.compile(
    r"(?:[A-Z][\w’'/&-]*)(?:\s+(?:(?:of|the|for|and|on|to|in)\s+){0,2}[A-Z0-9][\w’'/&-]*)+|\b[A-Z]{3,}\d*\b"
)


def with_subject(candidate: Candidate, *, first: bool) -> str:
    """Return the sentence as it is delivered; only the `first` of an answer needs its subject."""
    text = candidate.text
    if not first or not opens_with_pronoun(text):
        return text
    subject = subject_of(candidate.hit.section.text, candidate.start, candidate.hit.section.heading)
    if not subject or subject.casefold() in text.casefold():
        return text
    return f"[{subject}] {text}"


def opens_with_pronoun(text: str) -> bool:
    """Whether a sentence opens with a pronoun that stands for something said before."""
    return _OPENS_BARE.match(text) is not None and not _EMPTY.match(text)


def subject_of(section: str, start: int, heading: str) -> str:
    """Return what the sentence at `start` speaks of: the run-in title, a name in the sentence before, the heading."""
    label = RUN_IN.match(section)
    if label:
        return label["label"]
    before = section[:start].rstrip()
    names = [m.group() for m in _NAME.finditer(_last_sentence(before))]
    return names[0] if names else heading


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z“‘])", text)[-1]
