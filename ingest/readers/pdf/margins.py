"""Separates the margins of pages from the text: running heads and feet, page numbers, footnotes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.readers.pdf.lines import Line
from ingest.readers.pdf.tables import Table

# A running head or foot has at most so many lines.
_MOST_LINES = 4
# The share of the pages that a running head or foot is on.
_LEAST_SHARE = 0.4
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*[-–—|]?(?:\s*(?:/|of)\s*\d{1,4})?"
    # what web browsers print around a page
    r"|\w+://\S+\s+\d+/\d+|\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d\d.*",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(?<!\S)\d+(?:/\d+)?(?!\S)")
# A document's symbol, if it is alone on its line.
_SYMBOL = re.compile(r"[A-Z][A-Z0-9.&-]*(?:/[A-Z0-9.&-]+)*/?\d[A-Z0-9.&()-]*(?:-[A-Z])?")
# At the head and foot of a page, in this share of its height, a number alone is the page number.
_EDGE = 0.1


@dataclass(frozen=True, slots=True)
class Body:
    """One page without its margins; `notes` are (mark, text) from its foot."""

    number: int
    parts: list[Line | Table]
    notes: list[tuple[str, list[Line]]]


def without_margins(
    pages: Sequence[tuple[float, list[Line | Table]]], size: float
) -> tuple[list[Body], list[str]]:
    """Return the pages without running heads and feet, and those, each once.

    `pages` are (height, parts in reading order); `size` is that of the text.
    """
    seen: Counter[str] = Counter()
    for _, parts in pages:
        seen.update({_shape(line) for edge in _edges(parts) for line in edge})
    least = max(2.0, _LEAST_SHARE * len(pages))
    bodies, margins = [], dict[str, None]()
    for number, (height, parts) in enumerate(pages, 1):
        outer = [line for edge in _edges(parts) for line in _peel(edge, seen, least, height, size)]
        margins |= {piece.strip(): None for line in outer for piece in line.text.split("\t") if piece.strip()}
        gone = set(map(id, outer))
        kept, notes = _foot([part for part in parts if id(part) not in gone], size)
        bodies.append(Body(number, kept, notes))
    return bodies, list(margins)


def _edges(parts: Sequence[Line | Table]) -> tuple[list[Line], list[Line]]:
    """Return the lines next to the head and to the foot of a page, from the edge inwards, with one more each."""
    lines = sorted((part for part in parts if isinstance(part, Line)), key=lambda line: -line.base)
    return lines[: _MOST_LINES + 1], lines[::-1][: _MOST_LINES + 1]


def _shape(line: Line) -> str:
    """Return the words and rough position of a line without page numbers: a running head has the same on all pages."""
    numbers = _COUNT.findall(line.text)
    text = _COUNT.sub("#", line.text) if len(numbers) <= 2 else line.text
    return f"{round(line.base / 4)} {text}"


def _peel(edge: Sequence[Line], seen: Counter[str], least: float, height: float, size: float) -> list[Line]:
    """Return the lines of a running head or foot: from the edge inwards while they repeat, set apart from the text."""
    peeled = 0
    for count, line in enumerate(edge[:_MOST_LINES], 1):
        at_edge = line.base < _EDGE * height or line.base > (1 - _EDGE) * height
        text = line.text.strip()
        alone = _PAGE_NUMBER.fullmatch(text) or ("/" in text and _SYMBOL.fullmatch(text))
        if not (at_edge and alone) and seen[_shape(line)] < least:
            break
        inner = edge[count] if count < len(edge) else None
        apart = inner is None or abs(line.base - inner.base) > 1.45 * max(line.size, inner.size)
        if apart or (at_edge and alone) or line.size < 0.95 * size:
            peeled = count
    return list(edge[:peeled])


def _foot(parts: list[Line | Table], size: float) -> tuple[list[Line | Table], list[tuple[str, list[Line]]]]:
    """Return what is above the foot of a page, and the notes at the foot: small type that begins with a mark."""
    at = len(parts)
    while at and isinstance(line := parts[at - 1], Line) and line.size < 0.93 * size:
        at -= 1
    notes: list[tuple[str, list[Line]]] = []
    last = 0  # the number of the last note
    for place, line in enumerate(parts[at:], at):
        assert isinstance(line, Line)  # noqa: S101 — the loop above took lines only
        mark, text = line.mark, line.text
        if mark is None and (led := re.match(r"(\d{1,3}|[*†‡]+)[\s.]+(?=\S)", text)) is not None:
            mark, text = led[1], text[led.end() :]
        if mark is not None and (not mark.isdigit() or not notes or int(mark) > last):
            last = max(last, int(mark)) if mark.isdigit() else last
            notes.append((mark, [replace(line, text=text, mark=None)]))
        elif notes:
            notes[-1][1].append(line)
        else:
            at = place + 1  # small type that is no note belongs to the text
    return parts[:at], notes
