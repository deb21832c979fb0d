"""Cleans source text for reading, with a map of positions from one to the other."""

from __future__ import annotations

import re

# What is cleaned: residue of word processors, invisible characters, and runs of white space. An empty line separates
# paragraphs; a single line break is only the end of a printed line.
_HIDDEN = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]"
_TOKEN = re.compile(
    r"(?P<residue>\[bookmark:[^\[\]\n]*\])"
    rf"|(?P<hidden>{_HIDDEN}+)"
    r"|(?P<space>[\s\u00a0]+)"
)
# A text without a match is clean already, as most paragraphs are.
_UNCLEAN = re.compile(r"\[bookmark:|[^\S ]|  |\A | \Z|" + _HIDDEN)


def clean(raw: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return (clean text, offsets); offsets are pairs (position in the clean text, position in `raw`).

    Between two pairs both positions advance together, as `store.records.Section` expects.
    """
    if _UNCLEAN.search(raw) is None:
        return raw, ((0, 0),)
    pieces: list[str] = []
    offsets: list[tuple[int, int]] = []
    length = 0
    position = 0

    def keep(piece: str, at: int) -> None:
        nonlocal length
        if not offsets or offsets[-1][1] + (length - offsets[-1][0]) != at:
            offsets.append((length, at))
        pieces.append(piece)
        length += len(piece)

    for token in _TOKEN.finditer(raw):
        if token.start() > position:
            keep(raw[position : token.start()], position)
        position = token.end()
        if token["space"] is not None and length and pieces[-1] not in (" ", "\n"):
            keep(_as_read(token["space"]), token.start())
        elif token["space"] is not None and length and _as_read(token["space"]) == "\n":
            pieces[-1] = "\n"
    if position < len(raw):
        keep(raw[position:], position)
    if pieces and pieces[-1] in (" ", "\n"):
        pieces.pop()
    return "".join(pieces), tuple(offsets) or ((0, 0),)


def _as_read(space: str) -> str:
    return "\n" if space.count("\n") >= 2 else " "
