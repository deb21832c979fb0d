"""Titles from sentences: the gathering named next to the date, else the clause without the date."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.events.structure import Piece
from ingest.events.titles.names import GatheringName, gatherings
from ingest.events.titles.topics import EventTitle, Topics
from ingest.events.titles.trimming import (
    concise,
    joined,
    lowered,
    plain,
    says_nothing,
    sentence_title,
    shortened,
    without_leads,
)
from ingest.events.titles.words import ACT, DUE, HELD, LIMIT

Span = tuple[int, int]

_CUT = re.compile(
    r";\s|:\s|\s[–—]\s|,? (?:followed|preceded) by |\band that\b"
    r"|, (?:and|but|while|with|ahead of|including|which|where|who|so|as)\s"
)
# Between two dates these introduce the second: "opens on 1 March and closes on 15 April".
_ONWARD = re.compile(r"\s+(?:and|but|then)\s")
# A cut at one of these would separate a verb from its subject.
_RELATIVE = frozenset(["which", "where", "who", ":"])
# Less text next to a date is no clause.
_LEAST_CHARS = 14
_AUXILIARY = re.compile(
    r"(?:is|are|was|were|be|been|will|would|shall|should|has|have|had|to|can|could|may|must|did|do(?:es)?|and|its?|they|their|this|these"
    r"|by|than|rather)\b",
    re.I,
)
_PRONOUN = re.compile(
    r"(?:it|they|this|these|that|he|she|all|(?:an?|the) (?P<ordinal>second|third|fourth|fifth|next|new) one)\b\s*",
    re.I,
)
_OCCASION = re.compile(r"\b(?:at|by|in|during|after|of|for|to|on|from)\s+(?:\S+\s+){0,3}$")
# Text before a date that is in a relative clause, maybe after a place between commas.
_IN_RELATIVE = re.compile(
    r", (?:which|whose|who|whom|where)\b[^,]*(?:, [A-Z][\w ]*)?(?:,? [a-z]{2,5})?,?\s*$"
)
_PREPOSITION = re.compile(r"\b(?:for|to|of|at)(?: the| its| this)?\s*$")
_OWNER = re.compile(r"(?:The |At )?((?:[A-Z][\w&-]*)(?: (?:(?:of|on|for|and)(?: the)? )?[A-Z][\w&-]*)*)")


def clause(text: str, piece: Piece, span: Span, others: Sequence[Span]) -> Span:
    """Return the span of the date's clause, without the words that introduce the next date."""
    low, high = clause_bounds(text, piece, span, others)
    onward = _ONWARD.match(text, span[1], high) if any(first == high for first, _ in others) else None
    return low, onward.start() if onward is not None and plain(text[onward.end() : high]) else high


def clause_bounds(text: str, piece: Piece, span: Span, others: Sequence[Span]) -> Span:
    """Return the span around the date, between other dates and the ends of the clause."""
    low = max([stop for _, stop in others if piece.start <= stop <= span[0]], default=piece.start)
    high = min([first for first, _ in others if first >= span[1]], default=piece.end)
    for match in _CUT.finditer(text, piece.start, piece.end):
        if low <= match.start() and match.end() <= span[0]:
            wide = match.end() - low > _LEAST_CHARS and span[0] - match.end() > _LEAST_CHARS
            if wide and match.group().strip(", ") not in _RELATIVE:
                low = match.end()
        elif match.start() >= span[1]:
            high = min(high, match.start())
            break
    return low, high


def of_clause(text: str, piece: Piece, span: Span, others: Sequence[Span], topics: Topics) -> EventTitle:
    """Return the title that a sentence gives the date at `span`; `others` are its other dates."""
    low, high = clause(text, piece, span, others)
    before, after = text[low : span[0]], text[span[1] : high]
    if low == piece.start and not plain(before):
        after = _main_clause(text[span[1] : piece.end])
    named = _gathering(before, after, text[piece.start : piece.end], topics)
    if named is not None:
        return named
    clause_dated = _IN_RELATIVE.search(before) is not None
    title = sentence_title(before, after)
    if low > piece.start and (_AUXILIARY.match(title) or len(title.split()) < 4):
        # The words after a date or a comma are about the subject of the sentence.
        title = sentence_title(_without(text, piece.start, span[0], others), after)
    elif len(title.split()) < 2:
        whole = (_without(text, piece.start, span[0], others), _without(text, span[1], piece.end, others))
        title = sentence_title(*whole)
    title = concise(title, clause_dated=clause_dated)
    head = _PRONOUN.match(title)
    topic = topics.recall("it") if head else ""
    if head and topic:
        return _of_pronoun(title, head, topic)
    if not title or says_nothing(title):
        title = joined(topics.subject(piece.lines_above), title)
    return EventTitle(shortened(title))


def _of_pronoun(title: str, head: re.Match[str], topic: str) -> EventTitle:
    if head["ordinal"]:
        again = re.sub(r"^first ", "", topic, flags=re.I)
        return EventTitle(f"{head['ordinal'].capitalize()} {lowered(again)}", None, True)
    said = title[head.end() :]
    if re.match(r"(?:(?:will|is|was|to) )*(?:be(?:en)? )?held", said) or HELD.match(said):
        return EventTitle(topic, None, True)
    return EventTitle(shortened(f"{topic}: {said}"))


def _main_clause(after: str) -> str:
    """Return the text after a date that opens its sentence, from the part that says what happened."""
    parts = after.split(", ")
    for k, part in enumerate(parts):
        if match := ACT.search(part) or HELD.search(part):
            return ", ".join(parts[k - 1 if k and match.start() < 4 else k :])
    return after


def _gathering(before: str, after: str, sentence: str, topics: Topics) -> EventTitle | None:
    """Return the gathering that the clause dates: the one named directly before or after the date, if any."""
    right = gatherings(after[:160])
    if right and right[0].start <= 1 + len(after) - len(after.lstrip()):
        # "its July 2023 meeting", "the 12 May consultation"
        owner = _OWNER.match(sentence) if re.search(r"\b(?:its|their)\W*$", before, re.I) else None
        if owner is not None and not right[0].proper:
            return EventTitle(f"{owner[1]} {lowered(right[0].text)}", None, True)
        return _completed(right[0], topics)
    left = gatherings(before)
    if left:
        before_name, between = before[: left[-1].start], before[left[-1].end :]
        if _PREPOSITION.search(before_name) and (
            DUE.search(before_name[-40:]) or LIMIT.search(before_name[-40:])
        ):
            return None  # "Registration for the Forum closes"
        occasion = (
            _OCCASION.search(before_name) and ACT.search(before_name[-90:]) and not HELD.search(between)
        )
        if occasion or ACT.search(re.sub(r"\bannounced (?:for|on)\b", "", between)):
            return None  # in "the outcome of the Forum was published in May" the clause is the title
        return _completed(left[-1], topics)
    if right and not plain(before) and not ACT.search(after[: right[0].start]):
        return _completed(right[0], topics)
    return None


def _completed(name: GatheringName, topics: Topics) -> EventTitle:
    known = None if name.proper else topics.resolved(name.text)
    if known == "":
        subject = topics.document
        known = subject if name.noun in subject.casefold().split() else f"{name.text}: {subject}"
    return EventTitle(name.text if known is None else known, None, True)


def _without(text: str, low: int, high: int, others: Sequence[Span]) -> str:
    """Return `text[low:high]` without its dates and the words that only introduce them."""
    parts, at = [], low
    for first, stop in others:
        if low <= first and stop <= high:
            parts.append(without_leads(text[at:first]))
            at = stop
    return " ".join([*parts, text[at:high]])
