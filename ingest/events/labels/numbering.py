"""The date expressions of a section numbered, and the section as a labeller is shown it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.dates import DateExpression
from ingest.events.labels.labels import DatedSection
from store.records import Document, Section

# A longer list of dates, or a longer text around them, is shown in parts: replies stay short, and a part that fails
# leaves the others.
_MOST, _LONGEST = 30, 5_000
# Characters shown in front of the first date and behind the last.
_AROUND = 2_000
# The document's own text must not look like one of our marks.
_FALSE_MARK = re.compile(r"\[(?=\s*\d+\s*:)")


@dataclass(frozen=True, slots=True)
class NumberedDates:
    """The expressions of a section's heading and of its text, numbered from 1 in this order.

    `heading` is empty where an earlier section has the same heading: its dates are told once.
    """

    section: Section
    heading: Sequence[DateExpression]
    text: Sequence[DateExpression]


def to_dated_sections(document: Document, numbered: NumberedDates) -> Iterator[tuple[str, DatedSection]]:
    """Yield (section id, what a labeller is shown): nothing without dates, several parts of what is long."""
    section = numbered.section
    dated = f"{document.date:%-d %B %Y}" if document.date else ""
    heading = _marked(section.heading, numbered.heading, 0, len(section.heading), 1)
    said = tuple(expression.text for expression in numbered.heading)
    if not numbered.text:
        if said:
            text = _marked(section.text, (), 0, min(len(section.text), _AROUND), 0)
            yield section.id, DatedSection(document.title, dated, heading, text, said)
        return
    number = len(said) + 1
    for start, end, expressions in _parts(section.text, numbered.text):
        text = _marked(section.text, expressions, start, end, number)
        own = tuple(expression.text for expression in expressions)
        # The heading's dates go with the first part.
        yield (
            section.id,
            DatedSection(document.title, dated, heading, text, (*said, *own), number - len(said)),
        )
        number += len(own)
        heading, said = _marked(section.heading, (), 0, len(section.heading), 0), ()


def _parts(
    text: str, expressions: Sequence[DateExpression]
) -> Iterator[tuple[int, int, list[DateExpression]]]:
    """Cut a text in front of lines into parts that have dates, each with its own; far from them it is left out."""
    groups: list[list[DateExpression]] = [[]]
    cuts = [0]
    for expression in expressions:
        own, begin = groups[-1], expression.span[0]
        line = text.rfind("\n", 0, begin) + 1
        full = len(own) >= _MOST or (own and expression.span[1] - own[0].span[0] > _LONGEST)
        if full and line > own[-1].span[0]:
            groups.append([])
            cuts.append(line)
        groups[-1].append(expression)
    for own, low, high in zip(groups, cuts, [*cuts[1:], len(text)], strict=True):
        yield max(low, own[0].span[0] - _AROUND), min(high, max(e.span[1] for e in own) + _AROUND), own


def _marked(text: str, expressions: Sequence[DateExpression], start: int, end: int, number: int) -> str:
    parts, at = list[str](), start
    for expression in expressions:
        begin, stop = expression.span
        if begin < at:
            # One within another ("six weeks before 3 March" holds a date) is marked right behind it.
            parts.append(f" [{number}: {expression.text}]")
        else:
            parts += [_FALSE_MARK.sub("(", text[at:begin]), f"[{number}: {expression.text}]"]
            at = stop
        number += 1
    parts.append(_FALSE_MARK.sub("(", text[at:end]))
    return "".join(parts)
