"""What every reader returns, and the choice among them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a file, as it stands there.

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
    """What a format keeps of a document beside its text; word processors fill it in unasked."""

    title: str | None = None
    date: datetime.date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader made of one file: its blocks in reading order and the facts that it states.

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


Reader = Callable[[bytes], Extract]
