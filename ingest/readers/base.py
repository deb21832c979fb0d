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
    """Return "page 3" or "pages 3, 5 to 7 and 9" for numbers in order; of many only the first, "and 40 more"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [
        part
        for run in runs
        for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run])
    ]
    if len(parts) > _MOST_RUNS:
        named = runs[: _MOST_RUNS // 2]
        parts = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in named]
        parts.append(f"{len(numbers) - sum(map(len, named))} more")
    words = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"{what}{'s' if len(numbers) > 1 else ''} {words}"
