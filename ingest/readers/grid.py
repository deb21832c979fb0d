"""Tables whose cells may be merged, into rows that can be read alone, within limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ingest.errors import NotReadable
from ingest.readers.base import Block
from ingest.readers.tables import row_blocks

# What one cell says may be said again in every row, and a header is: a small file could grow without end.
_MOST_CHARACTERS = 30_000_000


@dataclass
class Allowance:
    """How many characters one file may still become. Raises NotReadable when they are used up."""

    left: int = field(default=_MOST_CHARACTERS)

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise NotReadable(
                f"its tables would become more than {_MOST_CHARACTERS // 1_000_000} million characters: split it"
            )

    def row(self, cells: Sequence[str], header: Sequence[str] | None, page: int | None = None) -> list[Block]:
        """Return the block of one row with its header; none for an empty one.

        Two cells that say the same are both told, unlike where nobody knows whether they are one: a cell that
        spans columns is to be given in the first of them only.
        """
        self.spend(sum(map(len, cells)) + sum(map(len, header or ())))
        pairs = zip_longest(cells, header or (), fillvalue="")
        told = [part.raw for cell, name in pairs for part in row_blocks([[cell]], header=[name])]
        return [Block("row", "; ".join(told), page=page)] if told else []
