"""Sections into Events: every date is one, unless it is known to be none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from statistics import median_low

from ingest.dates import DateExpression, find_dates
from ingest.events.context import completed, year_of
from ingest.events.findings import finding_of, of_heading, of_piece
from ingest.events.folding import Finding, fold
from ingest.events.labels.labelling import labelled
from ingest.events.labels.labels import DatedSection, Label
from ingest.events.labels.numbering import Numbered, shown
from ingest.events.structure import Piece, pieces
from ingest.events.titles.clauses import clause
from ingest.events.titles.titles import title_of
from ingest.events.titles.topics import Topics
from ingest.events.undated import reckoned
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
    found: list[Finding] = []
    for numbered in _numbered(document, sections):
        section = numbered.section
        topics.latest = ""
        own = list(of_heading(document, section, numbered.heading, topics))
        topics.note(section.heading)
        own += _of_text(document, numbered, topics)
        if labels and section.id in labels:
            own = labelled(own, numbered, labels[section.id], document.title, _maker(numbered, topics))
        # What is due before something that is not dated here has no place in a calendar.
        found += [f for f in own if f.expression.relation != "before" or f.mention.start is not None]
    return fold(document, found)


def dated_sections(document: Document, sections: Sequence[Section]) -> list[tuple[str, DatedSection]]:
    """Return (section id, what a labeller is shown of it) for all that `extract_events` sees dates in."""
    return [part for numbered in _numbered(document, sections) for part in shown(document, numbered)]


def _numbered(document: Document, sections: Sequence[Section]) -> Iterator[Numbered]:
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
        yield Numbered(section, in_heading, in_text)


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


def _of_text(document: Document, numbered: Numbered, topics: Topics) -> list[Finding]:
    section, text = numbered.section, numbered.section.text
    places = pieces(section)
    found: list[Finding] = []
    for k, (piece, inside) in enumerate(zip(places, _among(numbered.text, places), strict=True)):
        following = text[places[k + 1].start : places[k + 1].end] if k + 1 < len(places) else ""
        found += of_piece(document, section, piece, inside, following, topics)
        topics.note(text[piece.start : piece.end])
    return [reckoned(f, found) if f.expression.kind == "relative" else f for f in found]


def _maker(numbered: Numbered, topics: Topics) -> Callable[[DateExpression, bool], Finding | None]:
    """Return what makes a finding of an expression that the rules know to be none."""

    def make(expression: DateExpression, in_heading: bool) -> Finding | None:
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
        finding = finding_of(probe, piece, expression, own, named, None)
        place = (0, 0) if in_heading else (piece.start, piece.end)
        mention = replace(
            finding.mention, section_id=section.id, sentence_start=place[0], sentence_end=place[1]
        )
        return replace(finding, mention=mention)

    return make
