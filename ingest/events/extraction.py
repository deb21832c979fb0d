"""Sections into Events: every date is one, unless it is known to be none."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import median_low

from ingest.dates import DateExpression, find_dates
from ingest.events.context import completed, year_of
from ingest.events.labels.labelling import apply_labels
from ingest.events.labels.labels import DatedSection, Label
from ingest.events.labels.numbering import NumberedDates, to_dated_sections
from ingest.events.mentions import heading_mentions, named_mention, piece_mentions
from ingest.events.merging import NamedMention, merge_mentions
from ingest.events.structure import Piece, pieces
from ingest.events.titles.clauses import clause
from ingest.events.titles.titles import title_of
from ingest.events.titles.topics import Topics
from store.records import Document, Event, Section

_EDITION = re.compile(r"(?P<name>[^\W\d].{2,80}?) (?P<year>(?:19|20)\d\d)\s*")


def extract_events(
    document: Document, sections: Sequence[Section], labels: Mapping[str, Sequence[Label]] | None = None
) -> list[Event]:
    """Return the events that `sections` of `document` state, in the order of their first mention.

    Mentions of the same event are folded into one. `labels`, by the sections' ids, say what the numbered dates of
    `dated_sections` are. `chain_id` stays "": the catalog mints it (see `match_chain`).
    """
    topics = Topics(document.title)
    topics.note(document.title)
    found: list[NamedMention] = []
    for numbered in _number_dates(document, sections):
        section = numbered.section
        topics.latest = ""
        own = list(heading_mentions(document, section, numbered.heading, topics))
        topics.note(section.heading)
        own += _of_text(document, numbered, topics)
        if labels and section.id in labels:
            own = apply_labels(own, numbered, labels[section.id], document.title, _maker(numbered, topics))
        # What is due before something that is not dated here has no place in a calendar.
        found += [f for f in own if f.expression.relation != "before" or f.mention.start is not None]
    return merge_mentions(document, found)


def dated_sections(document: Document, sections: Sequence[Section]) -> list[tuple[str, DatedSection]]:
    """Return (section id, what a labeller is shown of it) for all that `extract_events` sees dates in."""
    return [
        part
        for numbered in _number_dates(document, sections)
        for part in to_dated_sections(document, numbered)
    ]


def _number_dates(document: Document, sections: Sequence[Section]) -> Iterator[NumberedDates]:
    heads = [document.title, *dict.fromkeys(section.heading for section in sections)]
    reference = document.date or _day_in(heads) or _day_in([section.text for section in sections])
    headings: set[str] = set()
    for section in sections:
        in_heading: list[DateExpression] = []
        if section.heading not in headings:
            headings.add(section.heading)
            in_heading = find_dates(section.heading, reference=reference) or _edition(section)
        expressions = find_dates(section.text, reference=reference, context_year=year_of(section.heading))
        in_text: list[DateExpression] = []
        places = pieces(section)
        for piece, inside in zip(places, _among(expressions, places), strict=True):
            in_text += completed(inside, piece, section.text, reference)
        yield NumberedDates(section, in_heading, in_text)


def _day_in(texts: Sequence[str]) -> date | None:
    """Return the day in the middle of those that texts of an undated document state: the others are near it."""
    stated = [d for text in texts for d in find_dates(text, reference=None) if not d.year_inferred]
    days = [d.start for d in stated if d.start is not None and d.precision in ("day", "month")]
    return median_low(days) if days else None


def _edition(section: Section) -> list[DateExpression]:
    """Return the year of "SDG Digital 2024" over a paragraph that speaks of it."""
    edition = _EDITION.fullmatch(section.heading)
    if edition is None or edition["name"] not in section.text:
        return []
    year, span = int(edition["year"]), edition.span("year")
    start, end = date(year, 1, 1), date(year, 12, 31)
    return [DateExpression(span, edition["year"], start=start, end=end, precision="year", named=True)]


def _among(expressions: Sequence[DateExpression], places: Sequence[Piece]) -> Iterator[list[DateExpression]]:
    """Yield the expressions of each piece; both are in order."""
    at = 0
    for piece in places:
        inside: list[DateExpression] = []
        while at < len(expressions) and expressions[at].span[0] < piece.end:
            if expressions[at].span[0] >= piece.start:
                inside.append(expressions[at])
            at += 1
        yield inside


def _of_text(document: Document, numbered: NumberedDates, topics: Topics) -> list[NamedMention]:
    section, text = numbered.section, numbered.section.text
    places = pieces(section)
    found: list[NamedMention] = []
    for k, (piece, inside) in enumerate(zip(places, _among(numbered.text, places), strict=True)):
        following = text[places[k + 1].start : places[k + 1].end] if k + 1 < len(places) else ""
        found += piece_mentions(document, section, piece, inside, following, topics)
        topics.note(text[piece.start : piece.end])
    return [with_offset_date(f, found) if f.expression.kind == "relative" else f for f in found]


def _maker(numbered: NumberedDates, topics: Topics) -> Callable[[DateExpression, bool], NamedMention | None]:
    """Return what makes a finding of an expression that the rules know to be none."""

    def make(expression: DateExpression, in_heading: bool) -> NamedMention | None:
        section, heading = numbered.section, numbered.section.heading
        probe = replace(section, text=heading) if in_heading else section
        places = [Piece(0, len(heading), "line", ())] if in_heading else pieces(section)
        piece = next((p for p in places if p.start <= expression.span[0] < p.end), None)
        if piece is None:
            return None
        dates = [e.span for e in (numbered.heading if in_heading else numbered.text) if e.kind == "date"]
        others = [s for s in dates if s != expression.span and piece.start <= s[0] < piece.end]
        own = clause(probe.text, piece, expression.span, others)
        named = title_of(probe.text, piece, expression.span, others, topics)
        finding = named_mention(probe, piece, expression, own, named, None)
        place = (0, 0) if in_heading else (piece.start, piece.end)
        mention = replace(
            finding.mention, section_id=section.id, sentence_start=place[0], sentence_end=place[1]
        )
        return replace(finding, mention=mention)

    return make


def with_offset_date(finding: NamedMention, found: list[NamedMention]) -> NamedMention:
    """Return a distance before something with its date, reckoned from the one meeting of the section, to the day."""
    expression = finding.expression
    if expression.relation != "before" or not expression.anchor or not expression.offset:
        return finding
    if len(expression.anchor.split()) > 5:
        return finding  # what is said at length may be another meeting than the one that is dated here
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
