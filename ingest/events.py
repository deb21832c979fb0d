"""Sections into Events: what the documents say happens, when, where, and how firmly.

A date becomes an event only where its sentence names what is dated: a wrong deadline is worse than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ingest.dates import DateExpression, find_dates
from ingest.event_cues import cue_of
from ingest.event_folding import Finding, fold, match_chain
from ingest.event_places import place_of
from ingest.event_titles import Named, name_event
from ingest.event_undated import name_distance, name_recurrence, reckoned
from ingest.event_words import ANAPHORIC
from ingest.sentences import split
from store.records import Document, Event, Mention, Section

__all__ = ["extract_events", "match_chain"]

# What lasts longer is a period of validity or a plan, not an event.
_LONGEST = timedelta(days=370)
_NO_EVENT_LEADS = frozenset(("since", "throughout"))
_DATED_WRITING = re.compile(
    r"\b(?:dated|letters?|circulars?|decisions?|resolutions?|documents?|notes?|notifications?|memorand\w+|emails?|version|issue|bulletin)"
    r"(?: [\w/().-]+){0,4}? (?:of|on|dated)? ?$|\bdated $",
    re.I,
)
_CLAUSE = re.compile(
    r";|,? (?:followed|preceded) by |, (?:and|but|while|with|ahead of|including) (?=(?:the |a |an |its |final |subsequent |new )?)|: "
)
_HEADING = re.compile(r"^(?P<name>[^\d].{2,80}?) (?P<year>(?:19|20)\d\d)\s*$")


def extract_events(document: Document, sections: Sequence[Section]) -> list[Event]:
    """Return the events that `sections` of `document` state, in the order of their first mention.

    Mentions of the same event are folded into one. `chain_id` stays "": the catalog mints it (see `match_chain`).
    """
    findings = [finding for section in sections for finding in _section(document, section)]
    return fold(document, findings)


def _section(document: Document, section: Section) -> Iterator[Finding]:
    expressions = find_dates(section.text, reference=document.date)
    heading = _HEADING.match(section.heading)
    if not expressions and not heading:
        return
    spans = split(section.text)
    found: list[Finding] = []
    at = 0
    for k, (start, end) in enumerate(spans):
        inside: list[DateExpression] = []
        while at < len(expressions) and expressions[at].span[0] < end:
            if expressions[at].span[0] >= start:
                inside.append(expressions[at])
            at += 1
        following = section.text[slice(*spans[k + 1])] if k + 1 < len(spans) else ""
        for finding in _sentence(section, (start, end), inside, following, section.text[:start]):
            found.append(_anchored(finding, found, section))
    if heading:
        titles = [f.title for f in found]
        found.extend(_heading(section, heading, titles))
    yield from found


def _sentence(
    section: Section, span: tuple[int, int], expressions: list[DateExpression], following: str, before: str
) -> Iterator[Finding]:
    start, end = span
    sentence = section.text[start:end]
    for k, expression in enumerate(expressions):
        begin, stop = expression.span[0] - start, expression.span[1] - start
        if expression.kind != "date":
            named = (name_recurrence if expression.kind == "recurrence" else name_distance)(sentence, begin, stop, expression)
        elif _no_event(expression, sentence[:begin]):
            named = None
        else:
            others = [e for j, e in enumerate(expressions) if j != k and e.kind == "date"]
            clause = _clause(sentence, begin, stop, [(e.span[0] - start, e.span[1] - start) for e in others])
            named = name_event(sentence, begin, stop, expression, clause) or name_event(
                sentence, begin, stop, expression, _sharing(sentence, begin, clause, others, start)
            )
        named = _resolved(named, before, section.heading) if named else None
        if named is None:
            continue
        place = place_of(sentence, begin, stop) if named.kind in ("meeting", "milestone") else None
        cue = cue_of(sentence, begin, stop, following, named.kind)
        mention = _mention(section, expression, span, cue, named)
        yield Finding(named.title, named.kind, place, mention, expression)


def _mention(section: Section, expression: DateExpression, span: tuple[int, int], cue: object, named: Named) -> Mention:
    deadline = named.kind == "deadline" and expression.bound == "on" and expression.kind == "date"
    return Mention(
        section_id=section.id,
        text=expression.text,
        start=expression.start,
        end=expression.end,
        precision=expression.precision,
        sentence_start=span[0],
        sentence_end=span[1],
        bound="by" if deadline else expression.bound,
        approximate=expression.approximate,
        year_inferred=expression.year_inferred,
        recurrence=expression.recurrence,
        time=expression.time,
        timezone=expression.timezone,
        cue=cue,  # type: ignore[arg-type]
    )


def _no_event(expression: DateExpression, before: str) -> bool:
    if expression.start is None or expression.end is None:
        return True
    if expression.lead in _NO_EVENT_LEADS or expression.end - expression.start > _LONGEST:
        return True
    if expression.lead == "during" and expression.precision == "year":
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


def _sharing(
    sentence: str, begin: int, clause: tuple[int, int], others: list[DateExpression], offset: int
) -> tuple[int, int]:
    """Return a wider stretch, for a second date that shares its words with the first ("in March and April 2024")."""
    del others, offset
    return 0, max(clause[1], begin)


def _resolved(named: Named, before: str, heading: str) -> Named | None:
    """Give "the conference" and "this Summit" the name that they had before."""
    match = ANAPHORIC.match(named.title)
    if match is None:
        return named
    noun = match[1]
    pattern = re.compile(
        r"((?:[A-Z][\w&/’'-]*|\d+(?:st|nd|rd|th)|of|the|on|for|and)\s+)*"
        + noun.capitalize()
        + r"s?(?:\s+(?:of|on|for|the|and|in)\b(?:\s+(?:the|of))?\s+[A-Z][\w&/’'-]*|\s+[A-Z][\w&/’'-]*)*(?: \d{4})?(?: \([A-Z]+[\w-]*\))?"
    )
    for text in (before, heading):
        names = [m.group() for m in pattern.finditer(text) if len(m.group().split()) > 1]
        if names:
            name = re.sub(r"^(?:(?:of|the|on|for|and|The|This|In|At|A)\s+)+", "", names[-1])
            if not ANAPHORIC.match(name):
                return Named(name[:1].upper() + name[1:], named.kind, True)
    return named if named.gathering and heading and _under(heading) is None else _under_heading(named, heading)


def _under(heading: str) -> str | None:
    return heading.strip() or None


def _under_heading(named: Named, heading: str) -> Named | None:
    """A meeting with no name of its own is called after the heading that it stands under."""
    subject = _under(heading)
    if subject is None:
        return None
    return Named(f"{subject}: {named.title[:1].lower()}{named.title[1:]}", named.kind, True)


def _anchored(finding: Finding, found: list[Finding], section: Section) -> Finding:
    """Reckon "two months before the opening" from the one meeting that the section dates."""
    return reckoned(finding, found) if finding.expression.kind == "relative" else finding


def _heading(section: Section, heading: re.Match[str], titles: list[str]) -> Iterator[Finding]:
    """Take "SDG Digital 2024" over a paragraph for the event's name, where the paragraph speaks of that event."""
    if not any(title.startswith(heading["name"]) for title in titles):
        return
    year = int(heading["year"])
    expression = DateExpression(
        heading.span("year"), heading["year"], start=date(year, 1, 1), end=date(year, 12, 31), precision="year", named=True
    )
    mention = Mention(section.id, heading["year"], expression.start, expression.end, "year", 0, 0)
    yield Finding(section.heading.strip(), "meeting", None, mention, expression)
