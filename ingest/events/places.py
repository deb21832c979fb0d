"""Divides a section into sentences, lines and table rows, and finds their dates.

What a date leaves out is in the lines above it: the year in the heading, the month above days.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median_low
from typing import Literal

from ingest.text.dates import DateExpression, find_dates
from ingest.text.languages import language_of_part
from ingest.text.lexicon import lexicon
from ingest.text.sentences import split
from store.records import Document, Section

Form = Literal["sentence", "line", "row", "heading"]

# Longer texts without full stops are cut, so that the work stays linear.
_PLACE_CHARS = 2000
# So are longer rows, because all cells are searched for each date.
_ROW_CELLS = 60
# The end of a line that introduces others. It is searched for each date below it.
_LEAD_IN_CHARS = 500
# Three cells this short are a row, if one has a label.
_CELL_CHARS = 120
# The usual day of an undated document is the median of so many of its days, at most.
_ENOUGH_DAYS = 60
_LEAST_CELLS = 3
# A document's head has so many lines at most.
_HEAD_LINES = 16
# A shorter line of it ends with an abbreviation, not with a sentence.
_SENTENCE_CHARS = 40
# A document is signed and dated in so many last lines.
_LAST_LINES = 3
# A cell of a date has at most so many letters beside it.
_BESIDE_CHARS = 20
_SOME_DAY = date(2000, 1, 1)
_LABEL_WORDS = 10
_CAPTION_WORDS = 14
_BULLET = re.compile(r"\s*(?:[•·▪●◦‣■–—*-]\s+|\(?[a-z]\)\s+|\(?[ivx]{1,5}\)\s+|\d{1,2}[.)]\s+(?=\D))?")
_LABELLED = re.compile(r"(?P<label>(?:[^\W\d_]|(?:19|20)\d\d|#)[^:;：；]{0,90}?)[:：]\s*(?=\S)")
_ENDS = re.compile(r"[.!?。！？؟۔]['\"”’)\]»」]*$")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Days at the start of a line or row below the name of a month.
_DAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?\d{1,2}(?:st|nd|rd|th)?"
_DAYS_FIRST = re.compile(
    rf"\W{{0,3}}(?P<days>{_DAY}(?:\s*(?:-|–|—|to|and|et|y|и|,|&)\s*{_DAY}){{0,6}})\*?(?P<mark>[:.,]|\s[-–—])?\s+(?=\d?[^\W\d_]|[\"“‘'«])"
)
# A longer caption is more than the name of a month, so the lines below it are not its days.
_MONTH_CHARS = 40


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row: `text[start:end]` of the section under the column's name, "" for none."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence, a line of its own (list item, label, caption), a table row or the heading, with its dates.

    It is `text[start:end]` of the section's text, or of its heading. `above` are the lines that it is below, the
    nearest first: the line that introduces it, the heading.
    """

    section: Section
    form: Form
    start: int
    end: int
    above: tuple[str, ...]
    language: str
    cells: tuple[Cell, ...] = ()
    dates: tuple[DateExpression, ...] = ()
    in_head: bool = False
    """Whether it is a line above the first sentence of the document."""

    @property
    def source(self) -> str:
        """The text that it is a part of."""
        return self.section.heading if self.form == "heading" else self.section.text

    @property
    def text(self) -> str:
        """Its own text."""
        return self.source[self.start : self.end]

    def cell_at(self, position: int) -> Cell | None:
        """Return the cell around a position."""
        return next((cell for cell in self.cells if cell.start <= position < cell.end), None)


def dated_places(document: Document, sections: Sequence[Section]) -> Iterator[tuple[Section, list[Place]]]:
    """Yield each section with its places that have dates; a heading counts in the first section below it."""
    head = _head(document, sections)
    reference = usual_day(document, sections)
    year_of_head = _year_of_head(document, head)
    lines_of_head = set(head)
    headings: set[str] = set()
    for section in sections:
        language = language_of_part(section.text, document.language)
        found: list[Place] = []
        if section.heading and section.heading not in headings:
            headings.add(section.heading)
            dates = find_dates(section.heading, reference=reference, language=document.language)
            if dates:
                found.append(
                    Place(
                        section,
                        "heading",
                        0,
                        len(section.heading),
                        (document.title,),
                        language,
                        (),
                        tuple(dates),
                        section.heading in lines_of_head,
                    )
                )
        year = year_of(section.heading, document.language) or year_of_head
        dates = find_dates(section.text, reference=reference, context_year=year, language=language)
        found += _with_dates(list(_places(section, language)), dates, reference)
        yield (
            section,
            [
                replace(place, in_head=True)
                if place.form == "line" and _is_line_of(place, lines_of_head)
                else place
                for place in found
            ],
        )


def _is_line_of(place: Place, lines: set[str]) -> bool:
    """Whether a place is one of some lines."""
    first = place.source.rfind("\n", 0, place.start) + 1
    last = place.source.find("\n", place.end)
    return place.source[first : len(place.source) if last < 0 else last] in lines


def _lines_of(sections: Sequence[Section]) -> list[str]:
    return [line for section in sections for line in (section.heading, *section.text.split("\n")) if line]


def _head(document: Document, sections: Sequence[Section]) -> list[str]:
    """Return the title and the lines above the first sentence."""
    lines = _lines_of(sections)[:_HEAD_LINES]
    head = itertools.takewhile(lambda line: len(line) < _SENTENCE_CHARS or not _ENDS.search(line), lines)
    return [document.title, *head]


def _year_of_head(document: Document, head: Sequence[str]) -> int | None:
    """Return the year that the title or a line of the head states: all dates have it.

    Of a dated document only a line of the same year or the next one counts: a report on a former year was written
    later.
    """
    for line in head:
        year = year_of(line, document.language)
        if year is not None and (document.date is None or year == document.date.year + 1):
            return year
    return None


def usual_day(document: Document, sections: Sequence[Section]) -> date | None:
    """Return the document's date; of an undated one the median of the days of its head, its last lines, or its text."""
    if document.date is not None:
        return document.date
    lines = _lines_of(sections)
    headings = dict.fromkeys(section.heading for section in sections)
    for texts in (_head(document, sections), lines[-_LAST_LINES:], headings, lines):
        days: list[date] = []
        for text in texts:
            if len(days) < _ENOUGH_DAYS and (_YEAR.search(text) or "年" in text):
                days += [
                    one.start
                    for one in find_dates(text, reference=None, language=document.language)
                    if one.start is not None and one.precision in ("day", "month") and not one.year_inferred
                ]
        if days:
            return median_low(days)
    return None


def year_of(line: str, language: str) -> int | None:
    """Return the year of a heading ("Meetings in 2026"), unless it belongs to a name ("WSIS Forum 2026")."""
    years = {match.group(): match for match in _YEAR.finditer(line)}
    if len(years) != 1:
        return None
    [(year, match)] = years.items()
    before = line[: match.start()].split()
    if before and (
        before[-1].strip("(").isupper()
        or (before[-1][:1].isupper() and _names_gathering(before[-1], language))
    ):
        return None
    return int(year)


def _names_gathering(word: str, language: str) -> bool:
    return any(found.role == "gathering" for found in lexicon(language).words(word))


def _with_dates(
    places: Sequence[Place], dates: Sequence[DateExpression], reference: date | None
) -> Iterator[Place]:
    """Yield the places that have dates; both are in order."""
    at = 0
    for place in places:
        inside: list[DateExpression] = []
        while at < len(dates) and dates[at].span[0] < place.end:
            if dates[at].span[0] >= place.start:
                inside.append(dates[at])
            at += 1
        if place.form in ("line", "row"):
            inside = [_in_year_above(one, place) for one in inside]
        if not inside or place.form == "row":
            inside = [*_days_below_a_month(place, reference, inside), *inside]
        if inside:
            yield replace(place, dates=tuple(inside))


def _in_year_above(one: DateExpression, place: Place) -> DateExpression:
    """Return a date without a year in that of the caption above: "Second half of 2016"."""
    caption = next((line for line in place.above if len(line) <= _MONTH_CHARS), "")
    year = year_of(caption, place.language) if one.year_inferred and caption else None
    if year is None or one.start is None or one.end is None or one.start.year == year:
        return one
    away = year - one.start.year
    try:
        return replace(one, start=one.start.replace(year=year), end=one.end.replace(year=one.end.year + away))
    except ValueError:
        return one


def _days_below_a_month(
    place: Place, reference: date | None, others: Sequence[DateExpression]
) -> Iterator[DateExpression]:
    """Yield the days with which a line or row begins, below a caption that is the name of a month."""
    first = _DAYS_FIRST.match(place.text)
    if first is None or any(one.span[0] - place.start < first.end() for one in others):
        return
    if place.form == "sentence" and not first["mark"]:
        return  # "12 experts were trained"
    caption = next((line for line in place.above if len(line) <= _MONTH_CHARS), "")
    months = [
        one
        for one in find_dates(caption, reference=reference, bare=True, language=place.language)
        if one.precision == "month"
    ]
    if len(months) != 1 or months[0].start is None:
        return
    month = months[0].start
    start, end = first.span("days")
    found = find_dates(f"{first['days']} {month:%B %Y}", reference=reference, language=place.language)
    for one in found if found and found[0].span[0] == 0 else ():
        yield replace(
            one, span=(place.start + start, place.start + end), text=first["days"], year_inferred=True
        )


def _places(section: Section, language: str) -> Iterator[Place]:
    """Yield the places of a section's text, without their dates."""
    headings = (section.heading,) if section.heading else ()
    caption = ""
    lead_in = ""
    for start, end, listed in _lines(section.text):
        line = section.text[start:end]
        above = tuple(dict.fromkeys(part for part in (lead_in, caption, *headings) if part))
        cells = _cells(line, start, language)
        if cells:
            for first in range(0, len(cells), _ROW_CELLS):
                some = cells[first : first + _ROW_CELLS]
                yield Place(
                    section, "row", start if not first else some[0].start, some[-1].end, above, language, some
                )
            continue
        inner = split(line)
        is_line = len(inner) == 1 and not _ENDS.search(line)
        for low, high in [(0, len(line))] if is_line else inner:
            for a, b in _cut(line, low, high):
                yield Place(section, "line" if is_line else "sentence", start + a, start + b, above, language)
            if line[low:high].endswith((":", "：")):
                lead_in = line[max(low, high - _LEAD_IN_CHARS) : high].rstrip(":： ")
        if (
            is_line
            and not listed
            and len(line.split()) <= _CAPTION_WORDS
            and not line.endswith(":")
            and _heads(line)
        ):
            caption = line
            lead_in = ""


def _heads(line: str) -> bool:
    """Whether a line may be the caption of those below: it has no figures except for a year."""
    return not re.search(r"\d", _YEAR.sub("", line)) and not line[:1].islower()


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, whether it has a bullet) of each line, without the bullet."""
    start = 0
    for line in text.split("\n"):
        bullet = _BULLET.match(line)
        first = bullet.end() if bullet else 0
        stripped = line.rstrip()
        if any(c.isalnum() for c in stripped[first:]):
            yield start + first, start + len(stripped), bool(line[:first].strip())
        start += len(line) + 1


def _cells(line: str, offset: int, language: str) -> tuple[Cell, ...]:
    """Return the cells of a row ("Header: cell; Header: cell"); none if the line is no row."""
    if "; " not in line:
        return ()
    cells: list[Cell] = []
    start = 0
    for part in line.split("; "):
        label = _LABELLED.match(part)
        named = label is not None and len(label["label"].split()) <= _LABEL_WORDS
        first = start + (label.end() if label and named else 0)
        cells.append(
            Cell(label["label"] if label and named else "", offset + first, offset + start + len(part))
        )
        start += len(part) + 2
    labelled = sum(bool(cell.label) for cell in cells)
    short = all(cell.end - cell.start <= _CELL_CHARS for cell in cells)
    several = short and len(cells) >= _LEAST_CELLS
    if _ENDS.search(line) and not _LABELLED.match(line):
        return tuple(cells) if several and not labelled and _has_one_date(line, language) else ()
    return tuple(cells) if labelled >= 2 or (several and (labelled or _has_one_date(line, language))) else ()


def _has_one_date(line: str, language: str) -> bool:
    """Whether only one cell of a row without names of columns has a date, and little else."""
    dated = [
        (cell, found)
        for cell in line.split("; ")
        if (found := find_dates(cell, reference=_SOME_DAY, language=language))
    ]
    if len(dated) != 1:
        return False
    [(cell, found)] = dated
    return len(cell) - sum(one.span[1] - one.span[0] for one in found) <= _BESIDE_CHARS


def _cut(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _PLACE_CHARS:
        cut = line.rfind(" ", start + 1, start + _PLACE_CHARS)
        cut = cut if cut > start else start + _PLACE_CHARS
        yield start, cut
        start = cut
    yield start, end
