"""Numbers the date expressions of a section and marks them in its text, as input of a labeller. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.dates import DateExpression
from ingest.events.labels.labels import DatedSection
from store.records import Document, Section

# A section with more dates, or more text around them, is divided into parts: replies stay short, and if one part fails,
# the others still have labels.
_MAX_DATES = 30
_MAX_CHARS = 5_000
# Context before the first date and after the last.
_CONTEXT_CHARS = 2_000
# Text of the document must not look like a mark.
_FALSE_MARK = re.compile(r"\[(?=\s*\d+\s*:)")


@dataclass(frozen=True, slots=True)
class NumberedDates:
    """The expressions of a section's heading and of its text, numbered from 1 in this order.

    `heading` is empty if an earlier section has the same heading, so that its dates count once.
    """

    section: Section
    heading: Sequence[DateExpression]
    text: Sequence[DateExpression]


def to_dated_sections(document: Document, numbered: NumberedDates) -> Iterator[tuple[str, DatedSection]]:
    """Yield (section id, input of the labeller): nothing without dates, several parts for a long section."""
    section = numbered.section
    dated = f"{document.date:%-d %B %Y}" if document.date else ""
    heading = _marked(section.heading, numbered.heading, 0, len(section.heading), 1)
    in_heading = tuple(expression.text for expression in numbered.heading)
    if not numbered.text:
        if in_heading:
            text = _marked(section.text, (), 0, min(len(section.text), _CONTEXT_CHARS), 0)
            yield section.id, DatedSection(document.title, dated, heading, text, in_heading)
        return
    number = len(in_heading) + 1
    for start, end, expressions in _parts(section.text, numbered.text):
        text = _marked(section.text, expressions, start, end, number)
        own = tuple(expression.text for expression in expressions)
        # The heading's dates go with the first part.
        yield (
            section.id,
            DatedSection(document.title, dated, heading, text, (*in_heading, *own), number - len(in_heading)),
        )
        number += len(own)
        heading, in_heading = _marked(section.heading, (), 0, len(section.heading), 0), ()


def _parts(
    text: str, expressions: Sequence[DateExpression]
) -> Iterator[tuple[int, int, list[DateExpression]]]:
    """Yield parts of a text, cut at line breaks, as (start, end, their dates); text far from dates is left out."""
    groups: list[list[DateExpression]] = [[]]
    cuts = [0]
    line = searched = 0  # the start of the last line before `searched`
    for expression in expressions:
        own, begin = groups[-1], expression.span[0]
        line = max(line, text.rfind("\n", searched, begin) + 1)
        searched = begin
        full = len(own) >= _MAX_DATES or (own and expression.span[1] - own[0].span[0] > _MAX_CHARS)
        if full and line > own[-1].span[0]:
            groups.append([])
            cuts.append(line)
        groups[-1].append(expression)
    for own, low, high in zip(groups, cuts, [*cuts[1:], len(text)], strict=True):
        end = max(e.span[1] for e in own)
        yield max(low, own[0].span[0] - _CONTEXT_CHARS), min(high, end + _CONTEXT_CHARS), own


def _marked(text: str, expressions: Sequence[DateExpression], start: int, end: int, number: int) -> str:
    parts, at = list[str](), start
    for expression in expressions:
        begin, stop = expression.span
        if begin < at:
            # An expression within another ("six weeks before 3 March") is marked directly after it.
            parts.append(f" [{number}: {expression.text}]")
        else:
            parts += [_FALSE_MARK.sub("(", text[at:begin]), f"[{number}: {expression.text}]"]
            at = stop
        number += 1
    parts.append(_FALSE_MARK.sub("(", text[at:end]))
    return "".join(parts)
