"""Compares two versions of a text word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["same", "added", "removed"]

# A word, also one with signs inside ("22-23", "co-host", "A/RES/76/307"), or one sign; then the space behind it.
_TOKEN = re.compile(r"(?P<word>[^\W_]+(?:[-–’'./:,@][^\W_]+)*|\S)\s*")
# Product of the word counts beyond which difflib's "autojunk" replaces the exact comparison, which takes as many steps.
_MOST_EXACT = 250_000

_Opcode = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A piece of text that both versions share, or that only one of them has.

    `start` and `end` are positions in the new version; for a removed piece both are its former place.
    """

    op: Op
    text: str
    start: int
    end: int


def word_diff(before: str, after: str) -> tuple[DiffPiece, ...]:
    """Return the pieces in reading order; a removed piece precedes the one that replaced it.

    White space alone makes no difference; the pieces that are not "removed" join to `after`.
    """
    old, new = list(_TOKEN.finditer(before)), list(_TOKEN.finditer(after))
    pieces = []
    for same, a, b, c, d in _runs([t["word"] for t in old], [t["word"] for t in new]):
        place = new[c].start() if c < len(new) else len(after)
        if not same and b > a:
            pieces.append(DiffPiece("removed", before[old[a].start() : old[b - 1].end()], place, place))
        if d > c:
            end = new[d - 1].end()
            pieces.append(DiffPiece("same" if same else "added", after[place:end], place, end))
    return tuple(pieces)


def _runs(old: Sequence[str], new: Sequence[str]) -> list[_Opcode]:
    """Return (same, start and end in `old`, start and end in `new`), alternating, in order."""
    # Most of a reworded paragraph is unchanged: compare only what lies between equal beginnings and ends.
    head = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    rest = min(len(old), len(new)) - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, *middle, autojunk=len(middle[0]) * len(middle[1]) > _MOST_EXACT)
    between = (
        (tag == "equal", a + head, b + head, c + head, d + head) for tag, a, b, c, d in matcher.get_opcodes()
    )
    return [
        *([(True, 0, head, 0, head)] if head else []),
        *_readable(list(between)),
        *([(True, len(old) - tail, len(old), len(new) - tail, len(new))] if tail else []),
    ]


def _readable(runs: Sequence[_Opcode]) -> Iterator[_Opcode]:
    """Join changes that have only a few shared words between them: a common "the" is accidental."""
    joined: _Opcode | None = None
    for place, run in enumerate(runs):
        following = runs[place + 1] if place + 1 < len(runs) else None
        accidental = (
            run[0]
            and joined is not None
            and following is not None
            and _size(run) <= min(_size(joined), _size(following)) / 2
        )
        if run[0] and not accidental:
            if joined is not None:
                yield joined
            joined = None
            yield run
        else:
            joined = run if joined is None else (False, joined[1], run[2], joined[3], run[4])
    if joined is not None:
        yield joined


def _size(run: _Opcode) -> int:
    return max(run[2] - run[1], run[4] - run[3])
