"""The result of every reader: blocks, facts and properties of a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Element = Any  # lxml publishes no types

BlockKind = Literal["heading", "paragraph", "item", "row", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a file, unchanged.

    `number` is the printed or automatic number ("2.3", "12"), without its final full stop; `raw` is the text after it.
    A "row" is a row of a table with its header. A "note" is printed at the foot of a page, and comes after the
    paragraph that refers to it. `level` is that of a heading, from 1 down, if the format marks headings; None if only
    its looks make it one. `rows` of a row are its cells, in the first row of a table after those of the header; of a
    paragraph, its lines, if they were broken on purpose and may not belong together.
    """

    kind: BlockKind
    raw: str
    number: str | None = None
    page: int | None = None
    level: int | None = None
    rows: tuple[tuple[str, ...], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Properties:
    """Metadata of the file format, which word processors fill in without asking."""

    title: str | None = None
    date: datetime.date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """The content of one file: its blocks in reading order and the facts that it states.

    `margins` are the running heads and feet, each once. `banner` are the blocks above the text that are no part of it
    (the header of a web page). `notes` are sentences for the user about how the file was read.
    """

    blocks: Sequence[Block]
    title: str | None = None
    date: datetime.date | None = None
    notes: Sequence[str] = field(default=())
    margins: Sequence[str] = field(default=())
    banner: Sequence[Block] = field(default=())
    properties: Properties = Properties()


# A list of pages or slides names at most so many runs of them.
_MOST_RUNS = 12

Reader = Callable[[bytes], Extract]


def first_day(stated: Iterable[str]) -> datetime.date | None:
    """Return the day of the first text that begins with one in the form of ISO 8601."""
    for text in stated:
        try:
            return datetime.date.fromisoformat(text[:10])
        except ValueError:
            continue
    return None


def page_list(numbers: Sequence[int], what: str = "page") -> str:
    """Return "page 3" or "pages 3, 5–7" for numbers in order; of many only the first, "and others"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:_MOST_RUNS]]
    others = " and others" if len(runs) > _MOST_RUNS else ""
    return f"{what}{'s' if len(numbers) > 1 else ''} {', '.join(shown)}{others}"
