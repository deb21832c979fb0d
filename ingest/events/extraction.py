"""Extracts the events of a document from its sections: every date is one, unless a rule excludes it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from ingest.dates import DateExpression
from ingest.events.cues import (
    cues_of,
    is_no_event,
    is_proposed,
    is_undated_event,
    kind_of,
    moves,
    off_by_name,
)
from ingest.events.labels import Label, MentionMaker, apply_labels
from ingest.events.names import gatherings, location_of
from ingest.events.pieces import NumberedDates, Piece, RowCell, Span, among, pieces
from ingest.events.same_event import TitledMention, bound_of, merge_mentions
from ingest.events.titles import DocumentTopics, EventTitle, clause, clause_bounds, title_of
from ingest.events.words import STEP, names_gathering
from ingest.languages import gloss, languages
from store.records import Bound, Cue, Document, Event, Mention, Section


def extract_events(
    document: Document, sections: Iterable[NumberedDates], labels: Mapping[str, Sequence[Label]] | None = None
) -> list[Event]:
    """Return the events of a document, from its dates (`number_dates`), in the order of their first mention.

    Mentions of the same event are merged. `labels`, by section id, describe the numbered dates of `dated_sections`.
    `chain_id` is "": `build_events` assigns it (`assign_chains`).
    """
    title = gloss(document.title, document.language) if document.language in languages() else None
    topics = DocumentTopics(title.text if title else document.title)
    topics.note(topics.title)
    found: list[TitledMention] = []
    for numbered in sections:
        section = numbered.section
        topics.latest = ""
        mentions = list(_heading_mentions(document, section, numbered.heading, topics))
        topics.note(section.heading)
        mentions += _text_mentions(document, numbered, topics)
        if numbered.gloss is not None and title is not None:
            mentions = [numbered.gloss.mention(one, document.title, title) for one in mentions]
        if labels and section.id in labels:
            own = numbered.original
            make = _mention_maker(own, topics)
            mentions = apply_labels(mentions, own, labels[section.id], document.title, make)
        # Drop "two months before X" if X has no date here.
        found += [m for m in mentions if m.expression.relation != "before" or m.mention.start is not None]
    return merge_mentions(document, found)


def _text_mentions(
    document: Document, numbered: NumberedDates, topics: DocumentTopics
) -> list[TitledMention]:
    section, text = numbered.section, numbered.section.text
    places = pieces(section)
    found: list[TitledMention] = []
    for k, (piece, inside) in enumerate(zip(places, among(numbered.text, places), strict=True)):
        following = text[places[k + 1].start : places[k + 1].end] if k + 1 < len(places) else ""
        found += _piece_mentions(document, section, piece, inside, following, topics)
        topics.note(text[piece.start : piece.end])
    meetings = {f.mention.start for f in found if f.kind == "meeting" and f.mention.precision == "day"}
    return [_with_offset_date(f, meetings) if f.expression.kind == "relative" else f for f in found]


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
        titled = _titled_mention(source, piece, expression, clause_span, title, None)
        start, end = (0, 0) if in_heading else (piece.start, piece.end)
        mention = replace(titled.mention, section_id=section.id, sentence_start=start, sentence_end=end)
        return replace(titled, mention=mention)

    return make


def _with_offset_date(titled: TitledMention, meetings: Collection[date | None]) -> TitledMention:
    """Return a mention such as "two months before the meeting" with its day, if its section dates just one meeting.

    `meetings` are the first days of the section's meetings.
    """
    expression = titled.expression
    if expression.relation != "before" or not expression.anchor or not expression.offset:
        return titled
    if (
        not (names_gathering(expression.anchor) or STEP.search(expression.anchor))
        or len(expression.anchor.split()) > 5
    ):
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


def _piece_mentions(
    document: Document,
    section: Section,
    piece: Piece,
    expressions: Sequence[DateExpression],
    following: str,
    topics: DocumentTopics,
) -> Iterator[TitledMention]:
    """Yield the mentions that the `expressions` of a piece date; `following` is the next piece's text."""
    text = section.text
    dates = [e for e in expressions if e.kind == "date"]
    spans = [e.span for e in dates]
    with_others = [(e, [s for s in spans if s != e.span]) for e in dates]
    # In "4-6 March: Forum (dates to be confirmed)" the whole line is about the date.
    alone = piece.form == "line" and len(dates) == 1
    kept = [
        (e, (piece.start, piece.end) if alone else clause(text, piece, e.span, others))
        for e, others in with_others
        if _in_cell(e, piece, spans, text)
        and not is_no_event(
            e, text, piece, document.date, text[slice(*clause_bounds(text, piece, e.span, others))]
        )
    ]
    off = list(_called_off(section, piece, spans))
    yield from off
    if off and not dates:
        return
    # A sentence that moves something is about one event: its dates share the title of the first.
    moved = piece.form != "row" and len(kept) > 1 and moves(text[piece.start : piece.end])
    shared: EventTitle | None = None
    for (expression, clause_span), cue in zip(kept, cues_of(text, piece, kept, following), strict=True):
        others = [s for s in spans if s != expression.span]
        title = shared or title_of(text, piece, expression.span, others, topics)
        shared = title if moved else None
        yield _titled_mention(section, piece, expression, clause_span, title, cue)
    for expression in expressions:
        if expression.kind != "date" and is_undated_event(expression, text, piece, bool(dates)):
            title = title_of(text, piece, expression.span, spans, topics)
            clause_span = clause(text, piece, expression.span, spans)
            yield _titled_mention(section, piece, expression, clause_span, title, None)


def _heading_mentions(
    document: Document, section: Section, expressions: Sequence[DateExpression], topics: DocumentTopics
) -> Iterator[TitledMention]:
    """Yield the mentions of a heading: "Monday, 22 June" above a day's sessions, "SDG Digital 2024" above its text."""
    heading = section.heading
    piece, as_section = Piece(0, len(heading), "line", ()), replace(section, text=section.heading)
    for expression in expressions:
        year = expression.precision == "year"
        bare = expression.kind != "date" or (year and not expression.named)
        if bare or is_no_event(expression, heading, piece, document.date, heading):
            continue
        title = heading.strip() if year else title_of(heading, piece, expression.span, [], topics).title
        whole = (0, len(heading))
        found = _titled_mention(as_section, piece, expression, whole, EventTitle(title, None, True), None)
        alone = not re.search(r"[^\W\d_]{3}", heading.replace(expression.text, ""))
        yield replace(
            found,
            kind="meeting" if alone or year else found.kind,
            mention=replace(found.mention, section_id=section.id, sentence_start=0, sentence_end=0),
        )


def _titled_mention(
    section: Section,
    piece: Piece,
    expression: DateExpression,
    clause_span: Span,
    title: EventTitle,
    cue: Cue | None,
) -> TitledMention:
    """Return the mention that an expression of a piece dates, with kind, location and bound."""
    text, (begin, stop) = section.text, expression.span
    cell = piece.cell_at(begin)
    low, high = (cell.start, cell.end) if cell else clause_span
    before, after = text[low:begin], text[stop:high]
    context = cell.label if cell else "" if piece.form == "sentence" else " ".join(piece.lines_above[:2])
    led_by = f"{title.title} {before}" if cell else before
    kind = kind_of(title.title, led_by, after, context, expression, title.gathering)
    place = title.place or location_of(text[piece.start : piece.end], begin - piece.start, stop - piece.start)
    bound = bound_of(expression, kind, cue)
    words = " ".join([text[low:high], *_remarks(text, piece, cell)])
    tentative = is_proposed(
        words, (begin - low, stop - low), [*([cell.label] if cell else ()), *piece.lines_above]
    )
    mention = _mention(section, piece, expression, bound, cue, tentative)
    return TitledMention(
        title.title, kind, place if kind in ("meeting", "milestone") else None, mention, expression
    )


def _remarks(text: str, piece: Piece, cell: RowCell | None) -> Iterator[str]:
    """Yield a row's cells without figures ("tbc"), which apply to all its dates."""
    for other in piece.cells if cell else ():
        words = text[other.start : other.end]
        if not any(map(str.isdigit, words)):
            yield words


def _mention(
    section: Section, piece: Piece, expression: DateExpression, bound: Bound, cue: Cue | None, tentative: bool
) -> Mention:
    return Mention(
        section_id=section.id,
        text=expression.text,
        sentence_start=piece.start,
        sentence_end=piece.end,
        cue=cue,
        tentative=tentative,
        offset=expression.span[0],
        **expression.stated(bound=bound),
    )


def _in_cell(expression: DateExpression, piece: Piece, spans: Sequence[Span], text: str) -> bool:
    """Whether a date of a row counts: in a cell, or as the name of a column with an undated cell."""
    begin = expression.span[0]
    if piece.form != "row":
        return True
    within = piece.cell_at(begin)
    if within is not None:
        # A column of months completes the days in other columns.
        return (
            not re.match(r"months?\b", within.label, re.I) or expression.precision == "day" or len(spans) == 1
        )
    own = next((c for c in piece.cells if begin < c.start), None)
    if own is None or not re.search(r"[^\W_]", text[own.start : own.end]):
        return False
    return not any(own.start <= first < own.end for first, _ in spans)


_PART = re.compile(r"[^;]+")


def _called_off(section: Section, piece: Piece, dates: Sequence[Span]) -> Iterator[TitledMention]:
    """Yield the gatherings with a proper name that a sentence, or its part up to a semicolon, postpones or cancels.

    A part that has one of the `dates` says when. The cells of a dated row are about its date.
    """
    if dates and piece.form == "row":
        return
    text, whole = section.text, (piece.start, piece.end)
    for low, high in [m.span() for m in _PART.finditer(text, *whole)] if dates else [whole]:
        cue = off_by_name(text[low:high])
        if cue is None or any(low <= first < high for first, _ in dates):
            continue
        name = next((n for n in gatherings(text[low:high]) if n.proper), None)
        if name is None:
            continue
        expression = DateExpression((0, 0), cue)
        mention = _mention(section, piece, expression, "on", cue, False)
        yield TitledMention(name.text, "meeting", None, mention, expression)
