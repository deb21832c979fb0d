"""Extracts the events of a document from its sections: every date is one, unless a rule excludes it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from ingest.dates import DateExpression
from ingest.events.applying_labels import MentionMaker, apply_labels
from ingest.events.dating import NumberedDates, among
from ingest.events.labels import DatedSection, Label, to_dated_sections
from ingest.events.mentions import heading_mentions, piece_mentions, titled_mention
from ingest.events.merging import TitledMention, merge_mentions
from ingest.events.structure import Piece, pieces
from ingest.events.titles import DocumentTopics, clause, title_of
from store.records import Document, Event

_OPENINGS = re.compile(
    r"\b(?:opening|start|beginning|commencement|conference|meeting|session|event|forum|assembly|summit|workshop)\b",
    re.I,
)


def extract_events(
    document: Document, sections: Iterable[NumberedDates], labels: Mapping[str, Sequence[Label]] | None = None
) -> list[Event]:
    """Return the events of a document, from its dates (`number_dates`), in the order of their first mention.

    Mentions of the same event are merged. `labels`, by section id, describe the numbered dates of `dated_sections`.
    `chain_id` is "": `build_events` assigns it (`assign_chains`).
    """
    topics = DocumentTopics(document.title)
    topics.note(document.title)
    found: list[TitledMention] = []
    for numbered in sections:
        section = numbered.section
        topics.latest = ""
        mentions = list(heading_mentions(document, section, numbered.heading, topics))
        topics.note(section.heading)
        mentions += _text_mentions(document, numbered, topics)
        if labels and section.id in labels:
            make = _mention_maker(numbered, topics)
            mentions = apply_labels(mentions, numbered, labels[section.id], document.title, make)
        # Drop "two months before X" if X has no date here.
        found += [m for m in mentions if m.expression.relation != "before" or m.mention.start is not None]
    return merge_mentions(document, found)


def dated_sections(document: Document, sections: Iterable[NumberedDates]) -> list[tuple[str, DatedSection]]:
    """Return (section id, input of the labeller) for all sections with dates (`number_dates`)."""
    return [part for numbered in sections for part in to_dated_sections(document, numbered)]


def _text_mentions(
    document: Document, numbered: NumberedDates, topics: DocumentTopics
) -> list[TitledMention]:
    section, text = numbered.section, numbered.section.text
    places = pieces(section)
    found: list[TitledMention] = []
    for k, (piece, inside) in enumerate(zip(places, among(numbered.text, places), strict=True)):
        following = text[places[k + 1].start : places[k + 1].end] if k + 1 < len(places) else ""
        found += piece_mentions(document, section, piece, inside, following, topics)
        topics.note(text[piece.start : piece.end])
    meetings = {f.mention.start for f in found if f.kind == "meeting" and f.mention.precision == "day"}
    return [with_offset_date(f, meetings) if f.expression.kind == "relative" else f for f in found]


def _mention_maker(numbered: NumberedDates, topics: DocumentTopics) -> MentionMaker:
    """Return a function that makes a mention of an expression that the rules rejected."""
    in_text = pieces(numbered.section)

    def make(expression: DateExpression, in_heading: bool) -> TitledMention | None:
        section, heading = numbered.section, numbered.section.heading
        source = replace(section, text=heading) if in_heading else section
        places = [Piece(0, len(heading), "line", ())] if in_heading else in_text
        piece = next((p for p in places if p.start <= expression.span[0] < p.end), None)
        if piece is None:
            return None
        dates = [e.span for e in (numbered.heading if in_heading else numbered.text) if e.kind == "date"]
        others = [s for s in dates if s != expression.span and piece.start <= s[0] < piece.end]
        clause_span = clause(source.text, piece, expression.span, others)
        title = title_of(source.text, piece, expression.span, others, topics)
        titled = titled_mention(source, piece, expression, clause_span, title, None)
        start, end = (0, 0) if in_heading else (piece.start, piece.end)
        mention = replace(titled.mention, section_id=section.id, sentence_start=start, sentence_end=end)
        return replace(titled, mention=mention)

    return make


def with_offset_date(titled: TitledMention, meetings: Collection[date | None]) -> TitledMention:
    """Return a mention such as "two months before the meeting" with its day, if its section dates just one meeting.

    `meetings` are the first days of the section's meetings.
    """
    expression = titled.expression
    if expression.relation != "before" or not expression.anchor or not expression.offset:
        return titled
    if not _OPENINGS.search(expression.anchor) or len(expression.anchor.split()) > 5:
        return titled  # a long description may be that of another meeting than the one that is dated here
    if len(meetings) != 1:
        return titled
    [opening] = meetings
    latest = _earlier(opening, expression.offset) if opening else None
    mention = replace(titled.mention, start=latest, end=latest, precision="day" if latest else "none")
    return replace(titled, mention=mention)


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
