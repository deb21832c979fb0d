"""Joins words of running text into lines, one column after the other."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.readers.pdf.pages import RIGHT_TO_LEFT, Word

_MARK = re.compile(r"\d{1,3}|[*†‡]{1,3}")
# Places that are tried as the gutter, the gap between two columns.
_MOST_GUTTERS = 40
# The least width of a gutter, as a factor of the type size: more than a space between words.
_LEAST_GUTTER = 0.6
# Lines that have to show the gutter.
_LEAST_LINES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in its column; `notes` are the raised marks in it, `mark` is one at its start."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    page: int
    column: tuple[float, float] = (0.0, 0.0)
    notes: tuple[str, ...] = ()
    mark: str | None = None


def lines_in_columns(words: Iterable[Word], page: int) -> list[Line]:
    """Return the lines of running text in reading order: if there are two columns, the left one first."""
    rows = _words_by_line(words)
    gutter = _gutter(rows)
    return _columns([line for row in rows for line in _split(row, page, gutter)], gutter)


def lines_across(words: Iterable[Word], page: int) -> list[Line]:
    """Return the lines of a text in one column, from the top down; a wide gap divides a line."""
    return [line for row in _words_by_line(words) for line in _split(row, page, None)]


def _words_by_line(words: Iterable[Word]) -> list[list[Word]]:
    """Return the words of each line from left to right, with the lines from the top down."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (-word.base, word.left)):
        # A raised mark belongs to the line beside it.
        near = (row for row in rows[-3:] if abs(row[0].base - word.base) < 0.45 * max(row[0].size, word.size))
        row = next(near, None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    return [sorted(row, key=lambda word: word.left) for row in rows]


def _split(row: list[Word], page: int, gutter: float | None) -> list[Line]:
    size = max(word.size for word in row)
    parts: list[list[Word]] = [[row[0]]]
    for before, word in pairwise(row):
        gap = word.left - before.right
        between = gutter is not None and before.right <= gutter <= word.left and gap > _LEAST_GUTTER * size
        if gap > 1.6 * size or between:
            parts.append([word])
        else:
            parts[-1].append(word)
    return [_line(part, page) for part in parts]


def _line(words: list[Word], page: int) -> Line:
    size = max(word.size for word in words)
    full = [word for word in words if word.size > 0.85 * size] or words
    base = full[0].base
    text, notes, mark = "", [], None
    written = "".join(word.text for word in words)
    leftward = len(RIGHT_TO_LEFT.findall(written)) > len(written) / 2
    before: Word | None = None
    for word in reversed(words) if leftward else words:
        raised = word.size < 0.85 * size and word.base > base + 0.1 * size and _MARK.fullmatch(word.text)
        if raised and text:
            notes.append(word.text)
            continue
        if raised:
            mark = word.text
            continue
        gap = 0.0 if before is None else max(word.left - before.right, before.left - word.right)
        # In text from right to left, the file's own spaces may be on the other side of the word.
        if text and ((word.spaced and not leftward) or gap > 0.2 * size):
            text += " "
        text += word.text
        before = word
    seen = [word for word in full if any(sign.isalnum() for sign in word.text)]
    bold = bool(seen) and all(word.bold for word in seen)
    sides = min(word.left for word in words), max(word.right for word in words)
    return Line(text, *sides, base, size, bold, page, sides, tuple(notes), mark)


def _columns(segments: list[Line], gutter: float | None) -> list[Line]:
    """Return whole lines, the left column before the right one between lines that span both."""
    if not segments:
        return []
    left, right = min(s.left for s in segments), max(s.right for s in segments)
    if gutter is None:
        return _joined(segments, (left, right))
    ordered: list[Line] = []
    sides: tuple[list[Line], list[Line]] = ([], [])

    def flush() -> None:
        ordered.extend(_joined(sides[0], (left, gutter)) + _joined(sides[1], (gutter, right)))
        sides[0].clear()
        sides[1].clear()

    for segment in segments:
        if segment.left < gutter < segment.right:
            flush()
            ordered.extend(_joined([segment], (left, right)))
        else:
            sides[segment.left >= gutter].append(segment)
    flush()
    return ordered


def _gutter(rows: Sequence[Sequence[Word]]) -> float | None:
    """Return where the right one of two columns of running text begins; None if there is one column."""
    if not rows:
        return None
    left, right = min(row[0].left for row in rows), max(word.right for row in rows for word in row)
    width = right - left
    starts: Counter[float] = Counter()
    for row in rows:
        for place, word in enumerate(row):
            opens = place == 0 or word.left - row[place - 1].right > _LEAST_GUTTER * word.size
            if opens and left + 0.3 * width < word.left < left + 0.7 * width:
                starts[round(word.left) - 1.0] += 1
    best: tuple[int, float] | None = None
    for at, count in starts.most_common(_MOST_GUTTERS):
        if count < _LEAST_LINES:
            break
        sides = [_parted(row, at) for row in rows]
        crossing = sum(1 for side in sides if side is None)
        # Columns have running text: several lines that fill them.
        before = sum(1 for side in sides if side and side[0] > 0.25 * width)
        after = sum(1 for side in sides if side and side[1] > 0.25 * width)
        found = before + after - 2 * crossing, at
        if min(before, after) >= _LEAST_LINES and crossing <= min(before, after):
            best = found if best is None else max(best, found)
    return None if best is None else best[1]


def _parted(row: Sequence[Word], at: float) -> tuple[float, float] | None:
    """Return how wide a line is on each side of `at`; None if it runs across."""
    before = [word for word in row if word.right <= at]
    after = [word for word in row if word.left >= at]
    if len(before) + len(after) < len(row):
        return None
    if before and after and after[0].left - before[-1].right < _LEAST_GUTTER * after[0].size:
        return None
    return (
        before[-1].right - before[0].left if before else 0.0,
        after[-1].right - after[0].left if after else 0.0,
    )


def _joined(segments: Sequence[Line], column: tuple[float, float]) -> list[Line]:
    # The parts of each line from left to right, with its base and size.
    found: list[tuple[deque[Line], float, float]] = []
    for one in segments:
        parts, base, size = found[-1] if found else (deque[Line](), 0.0, 0.0)
        if parts and abs(base - one.base) < 0.3 * max(size, one.size):
            if parts[0].left <= one.left:
                parts.append(one)
            else:
                parts.appendleft(one)
            found[-1] = parts, base, max(size, one.size)
        else:
            found.append((deque([one]), one.base, one.size))
    return [
        replace(
            parts[0],
            text="\t".join(part.text for part in parts),
            right=max(part.right for part in parts),
            base=base,
            size=size,
            bold=all(part.bold for part in parts),
            column=column,
            notes=tuple(mark for part in parts for mark in part.notes),
        )
        for parts, base, size in found
    ]
