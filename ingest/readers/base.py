"""The result of every reader: blocks, facts and properties of a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a file, unchanged.

    `number` is the printed or the automatic number ("2.3", "12"), without its final full stop;
    `raw` is the text behind the number, unchanged. A "row" is one of a table, with its header; a "note"
    stands at the foot of a page and follows the paragraph that refers to it. `level` is a heading's own,
    from 1 down, where the format marks headings; None where only its looks make it one. `rows` are the cells that
    a row tells, as they stand, below those of the header that the first row of a table stands for; of a paragraph,
    the lines that were broken on purpose, where it is not certain that they are one.
    """

    kind: BlockKind
    raw: str
    number: str | None = None
    page: int | None = None
    level: int | None = None
    rows: tuple[tuple[str, ...], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Properties:
    """Metadata of the file format; word processors fill it in unasked."""

    title: str | None = None
    date: datetime.date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """The content of one file: its blocks in reading order and the facts that it states.

    `margins` are the running heads and feet, each once. `banner` is what stands above the text
    and is no part of it (a page's own header). `notes` are sentences for the user about the reading.
    """

    blocks: Sequence[Block]
    title: str | None = None
    symbol: str | None = None
    date: datetime.date | None = None
    notes: Sequence[str] = field(default=())
    margins: Sequence[str] = field(default=())
    banner: Sequence[Block] = field(default=())
    properties: Properties = Properties()


# Runs of pages and slides that a list of them names.
_MOST_RUNS = 12

Reader = Callable[[bytes], Extract]


def page_list(numbers: Sequence[int], what: str = "page") -> str:
    """Return "page 3" or "pages 3, 5 to 7 and 9" for numbers in order; of many the first ones, "and 40 more"."""
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
        told = sum(len(run) for run in runs[: _MOST_RUNS // 2])
        parts = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[: _MOST_RUNS // 2]]
        parts.append(f"{len(numbers) - told} more")
    words = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"{what}{'s' if len(numbers) > 1 else ''} {words}"
