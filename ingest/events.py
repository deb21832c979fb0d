"""Sections into Events: what the documents say happens, when, where, and how firmly.

A date becomes an event only where its sentence names what is dated: a wrong deadline is worse than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ingest.dates import DateExpression, find_dates
from ingest.event_cues import cue_of, moved, undated_cue
from ingest.event_entries import entry_of
from ingest.event_folding import Finding, chained, fold, match_chain
from ingest.event_naming import Named
from ingest.event_phrases import is_gathering, words_of
from ingest.event_places import place_line, place_of
from ingest.event_references import Memory, noted, opened, resolved
from ingest.event_titles import name_event
from ingest.event_undated import name_called_off, name_distance, name_recurrence, reckoned
from ingest.sentences import split
from store.records import Cue, Document, Event, Mention, Section

__all__ = ["chained", "extract_events", "match_chain"]

# What lasts longer is a period of validity or a plan, not an event.
_LONGEST = timedelta(days=370)
_LONGEST_SENTENCE = 2000
_DATED_WRITING = re.compile(
    r"\b(?:dated|letters?|circulars?|decisions?|resolutions?|documents?|notes?"
    r"|notifications?|memorand\w+|emails?|version|issue|bulletin|notes? verbales?)"
    r"(?: [\w/().-]+){0,4}? (?:of|dated) (?:the )?$|\bdated $",
    re.I,
)
_CLAUSE = re.compile(r";|,? (?:followed|preceded) by |, (?:and|but|while|with|ahead of|including) |: ")
_VERB = re.compile(r"\b(?:is|are|was|were|will|shall|has|have|had|took|takes|\w+ed)\b")
_HEADING = re.compile(r"^(?P<name>[^\d].{2,80}?) (?P<year>(?:19|20)\d\d)\s*$")


@dataclass
class _Reader:
    """What one document has told so far."""

    document: Document
    memory: Memory
    headings: set[str] = field(default_factory=set)
    found: list[Finding] = field(default_factory=list)


def extract_events(document: Document, sections: Sequence[Section]) -> list[Event]:
    """Return the events that `sections` of `document` state, in the order of their first mention.

    Mentions of the same event are folded into one. `chain_id` stays "": the catalog mints it (see `match_chain`).
    """
    reader = _Reader(document, Memory(document.title))
    for section in sections:
        reader.found.extend(_section(reader, section))
    return fold(document, reader.found)


def _section(reader: _Reader, section: Section) -> list[Finding]:
    text = section.text
    expressions = find_dates(text, reference=reader.document.date)
    spans = [piece for span in split(text) for piece in _pieces(text, *span)]
    found: list[Finding] = []
    opened(reader.memory, section.heading)
    at, lead_in = 0, section.heading
    for k, (start, end) in enumerate(spans):
        inside: list[DateExpression] = []
        while at < len(expressions) and expressions[at].span[0] < end:
            if expressions[at].span[0] >= start:
                inside.append(expressions[at])
            at += 1
        sentence = text[start:end]
        if sentence.endswith(":"):
            lead_in = f"{section.heading} {sentence}"
        following = text[slice(*spans[k + 1])] if k + 1 < len(spans) else ""
        previous = text[slice(*spans[k - 1])] if k else ""
        place = _Place(section, (start, end), sentence, previous, following, lead_in)
        for finding in _sentence(reader, place, inside):
            found.append(finding)
            if finding.kind == "meeting":
                reader.memory.note(finding.title)
                reader.memory.latest = finding.title
        noted(reader.memory, sentence)
    if section.heading not in reader.headings:
        reader.headings.add(section.heading)
        found.extend(_heading(section, found))
    return [reckoned(f, found) if f.expression.kind == "relative" else f for f in found]


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is none, such as a table in one line, so that the work stays linear."""
    while end - start > _LONGEST_SENTENCE:
        cut = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
        cut = cut if cut > start else start + _LONGEST_SENTENCE
        yield start, cut
        start = cut
    yield start, end


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence where it stands."""

    section: Section
    span: tuple[int, int]
    sentence: str
    previous: str
    following: str
    lead_in: str


def _sentence(reader: _Reader, place: _Place, expressions: list[DateExpression]) -> Iterator[Finding]:
    if not expressions:
        yield from _called_off(reader, place)
        return
    start = place.span[0]
    spans = {id(e): (e.span[0] - start, e.span[1] - start) for e in expressions}
    dates = [e for e in expressions if e.kind == "date"]
    shared: Named | None = None
    for expression in expressions:
        begin, stop = spans[id(expression)]
        if expression.kind == "date" and _no_event(expression, place.sentence[:begin]):
            continue
        if expression.start == expression.end == reader.document.date and not _VERB.search(place.sentence):
            continue  # the date of the paper
        if expression.kind == "recurrence" and dates and " " not in expression.text:
            continue  # "its annual meeting on 9 July": the date says more
        others = [spans[id(e)] for e in dates if e is not expression and not e.named]
        row = entry_of(
            place.sentence, begin, stop, sorted({spans[id(e)] for e in expressions}), place.lead_in
        )
        location = row.place if row else None
        if row:
            named: Named | None = Named(row.title, row.kind, row.kind == "meeting")
        elif expression.kind == "date":
            named = _dated(reader, place, expression, (begin, stop), others)
        elif expression.kind == "recurrence":
            named = name_recurrence(place.sentence, begin, stop, expression)
        else:
            named = name_distance(place.sentence, begin, stop, expression)
        # A sentence that moves something speaks of one thing: its dates share the name of the first.
        if shared is not None and moved(place.sentence):
            named = shared
        elif named is not None and not row:
            location = place_of(place.sentence, begin, stop)
            pointed = resolved(named, reader.memory, place.section.text, place.section.heading)
            # "The workshop, due in Lima in April" points to nothing here, but has a place.
            here = (
                Named(f"{named.title} in {location}", "meeting", True)
                if location and named.gathering
                else None
            )
            named = pointed or here
        if named is None:
            continue
        shared = shared or named
        if named.kind not in ("meeting", "milestone"):
            location = None
        elif location is None:
            location = place_of(place.sentence, begin, stop)
        cue = cue_of(place.sentence, begin, stop, place.following)
        yield Finding(named.title, named.kind, location, _mention(place, expression, cue, named), expression)


def _dated(
    reader: _Reader,
    place: _Place,
    expression: DateExpression,
    at: tuple[int, int],
    others: list[tuple[int, int]],
) -> Named | None:
    begin, stop = at
    possessive = re.search(r"['’]s$", expression.text) is not None
    if (possessive and others) or (place.sentence.endswith(":") and not _VERB.search(place.sentence)):
        # "This year's Summit, on 8 July": the day says it; "Meetings of 2026:" opens a list.
        return None
    line = place_line(place.sentence, begin, stop)
    if line is not None:
        # "Geneva, 17-27 June 2025" under the name of a meeting; the date of the paper looks the same.
        single = expression.start == expression.end
        if single or not place.previous or expression.start == reader.document.date:
            return None
        return Named(place.previous.strip(" .,:–-"), "meeting", True) if len(place.previous) < 120 else None
    clause = _clause(place.sentence, begin, stop, others)
    named = name_event(place.sentence, begin, stop, expression, clause)
    if named is None and (clause[0] > 0 or clause[1] < len(place.sentence)):
        named = name_event(place.sentence, begin, stop, expression, (0, clause[1]))
    heading = _HEADING.match(place.section.heading)
    if named is None and heading and heading["name"] in place.sentence and heading["year"] in expression.text:
        return Named(heading["name"], "meeting", True)
    return named


def _called_off(reader: _Reader, place: _Place) -> Iterator[Finding]:
    """A sentence without a date that postpones or cancels something by its name."""
    cue = undated_cue(place.sentence)
    if cue is None:
        return
    named = name_called_off(place.sentence)
    if named is None:
        return
    expression = DateExpression((0, 0), cue)
    yield Finding(named.title, named.kind, None, _mention(place, expression, cue, named), expression)


def _mention(place: _Place, expression: DateExpression, cue: Cue | None, named: Named) -> Mention:
    bound = expression.bound
    if expression.kind == "date" and named.kind == "deadline":
        bound = "by"
    elif cue == "postponed" and bound == "from":
        bound = "on"  # "moved from 5 May": the old date opens nothing
    return Mention(
        section_id=place.section.id,
        text=expression.text,
        start=expression.start,
        end=expression.end,
        precision=expression.precision,
        sentence_start=place.span[0],
        sentence_end=place.span[1],
        bound=bound,
        approximate=expression.approximate,
        year_inferred=expression.year_inferred,
        recurrence=expression.recurrence,
        time=expression.time,
        timezone=expression.timezone,
        cue=cue,
    )


def _no_event(expression: DateExpression, before: str) -> bool:
    if expression.start is None or expression.end is None:
        return True
    if expression.lead in ("since", "throughout") and expression.precision in ("year", "day"):
        return True
    if expression.end - expression.start > _LONGEST or (
        expression.lead == "during" and expression.precision == "year"
    ):
        return True
    return bool(_DATED_WRITING.search(before[-80:]))


def _clause(sentence: str, begin: int, stop: int, others: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the stretch of the sentence that speaks of the date: between other dates and clause boundaries."""
    low, high = 0, len(sentence)
    for first, last in others:
        if last <= begin:
            low = max(low, last)
        elif first >= stop:
            high = min(high, first)
    for match in _CLAUSE.finditer(sentence):
        if low <= match.start() and match.end() <= begin and match.group() != ": ":
            low = match.end()
        elif match.start() >= stop:
            high = min(high, match.start())
            break
    return low, high


def _heading(section: Section, found: list[Finding]) -> Iterator[Finding]:
    """Take "SDG Digital 2024" over a paragraph for the event's name, where the paragraph speaks of that event."""
    heading = _HEADING.match(section.heading)
    if heading is None:
        return
    last = words_of(heading["name"])[-1]
    gathering = is_gathering(last) and last.text[0].isupper()
    if not gathering and not any(f.title.startswith(heading["name"]) for f in found):
        return
    for k, finding in enumerate(found):
        if finding.title == heading["name"] and finding.kind == "milestone":
            found[k] = replace(finding, kind="meeting")
    year = int(heading["year"])
    start, end = date(year, 1, 1), date(year, 12, 31)
    expression = DateExpression(
        heading.span("year"), heading["year"], start=start, end=end, precision="year", named=True
    )
    mention = Mention(section.id, heading["year"], start, end, "year", 0, 0)
    yield Finding(section.heading.strip(), "meeting", None, mention, expression)
