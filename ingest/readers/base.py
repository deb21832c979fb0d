"""What every reader returns, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a file, as it stands there.

    `number` is the printed or the automatic number ("2.3", "12"), without its final full stop;
    `raw` is the text behind the number, unchanged.
    """

    kind: BlockKind
    raw: str
    number: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader made of one file: its blocks in reading order and the facts that it states."""

    blocks: Sequence[Block]
    title: str | None = None
    symbol: str | None = None
    date: date | None = None
    notes: Sequence[str] = field(default=())


Reader = Callable[[bytes], Extract]
