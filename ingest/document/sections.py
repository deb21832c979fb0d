"""Divides the blocks of a document into numbered sections of clean text."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from ingest.readers.base import Block
from ingest.text.sentences import split
from store.records import Section

# Unnumbered text is cut at paragraphs and rows into sections of some 1,500 characters, about a screen. Cuts depend on a
# hash of the paragraph (one in three may end a section), not on its position: text inserted above does not move the
# later cuts. After insertions at the front of 300 generated documents, 1.4 to 1.5 sections changed (up to 5); with cuts
# by length alone 2.1 to 4.1 (up to 20).
_LEAST_CHARS = 800
_MOST_CHARS = 2500
_ONE_IN = 3
# A numbered paragraph with what follows it, and the items of a list, are cut only where they are longer than all that
# were seen in reports, also at a hash. A question reads the ten best sections whole, so each has a largest size.
_LEAST_CHARS_TOGETHER = 3000
_LARGEST_CHARS = 5000
# What parts two paragraphs.
_BREAK = "\n\n"
# A longer heading is a paragraph with the style of a heading. A heading is embedded with each sentence below it.
_LONGEST_HEADING = 500


@dataclass
class _Open:
    """The section being filled; `numbered`: it begins with a numbered paragraph; `chars` counts those of its `raws`.

    The other fields are those of a heading from which it begins: its `level`, its clean text `own`, its raw text
    `head`, whether it is `counted` by a number, and whether it is the `first` of the document.
    """

    number: str
    heading: str
    page: int | None = None
    numbered: bool = False
    raws: list[str] = field(default_factory=list)
    chars: int = 0
    level: int | None = None
    own: str = ""
    head: str = ""
    counted: bool = False
    first: bool = False

    def add(self, raw: str) -> None:
        """Add a paragraph."""
        self.raws.append(raw)
        self.chars += len(raw)


def to_sections(document_id: str, blocks: Iterable[Block]) -> list[Section]:
    """Return the sections of a document, in reading order; no text of `blocks` is lost.

    A numbered paragraph is a section, with the list items and unnumbered paragraphs that follow it. An unnumbered
    paragraph directly under heading 4 is "4"; text before the first number is "0". A numbered line with nothing below
    it is a section of its own, as in an agenda; so is a heading with nothing below it, which is then the text. What
    would be larger than `_LARGEST_CHARS` is several sections of the same number.
    """
    sections: list[Section] = []
    seen: Counter[tuple[str, str]] = Counter()
    for position, part in enumerate(_parts(_leaves_as_paragraphs(list(_limited(blocks))))):
        raw = _BREAK.join(part.raws)
        text, offsets = clean(raw)
        sections.append(
            Section(
                document_id=document_id,
                number=part.number,
                ordinal=seen[part.number, text],
                position=position,
                heading=part.heading,
                text=text,
                raw=raw,
                offsets=offsets,
                page=part.page,
            )
        )
        seen[part.number, text] += 1
    return sections


def _limited(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks; long headings as paragraphs, and long paragraphs as several, of which the first is numbered."""
    for block in blocks:
        if block.kind == "heading" and len(block.raw) > _LONGEST_HEADING:
            block = replace(block, kind="paragraph", level=None)
        start = 0
        while len(block.raw) - start > _LARGEST_CHARS:
            end = _cut(block.raw, start)
            yield replace(block, raw=block.raw[start:end], number=None if start else block.number)
            start = end
        yield replace(block, raw=block.raw[start:], number=None) if start else block


def _cut(raw: str, start: int) -> int:
    """Return where to end a part of a long paragraph: before its last sentence, else before its last word."""
    part = raw[start : start + _LARGEST_CHARS]
    # Single line breaks are those of print.
    *_, (last, _) = split(part.replace("\n", " ")) or [(0, 0)]
    last = last or max(part.rfind(" "), part.rfind("\n"), 0)
    return start + (last or len(part))


def _leaves_as_paragraphs(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks, with numbered headings that have nothing below them as paragraphs."""
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.kind == "heading" and block.number is not None and not _heads(block, following):
            yield replace(block, kind="paragraph")
        else:
            yield block


def _heads(block: Block, following: Block | None) -> bool:
    """Whether the next block is below this heading, and not on its level."""
    if following is None:
        return False
    if following.number is None:
        return True
    own, other = str(block.number).split("."), following.number.split(".")
    if len(other) > len(own):
        return other[: len(own)] == own
    # Paragraphs may be numbered independently of headings: "2. Findings" and below it 5, 6, 7.
    return following.kind != "heading" and other != _next(own)


def _next(parts: Sequence[str]) -> list[str]:
    last = parts[-1]
    return [*parts[:-1], str(int(last) + 1) if last.isdecimal() else last]


def _parts(blocks: Iterable[Block]) -> Iterator[_Open]:
    """Yield the sections with text. `above` are the headings without text of their own, as (level, text)."""
    part, first = _Open("0", ""), True
    above: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind == "heading":
            kept = _is_kept(part, block)
            yield from _filled(part) if kept or _is_stated_elsewhere(part, block) else _closed(part, above)
            if part.raws:
                above = [one for one in above if part.level is not None and one[0] < part.level]
            elif kept and part.level is not None:
                above.append((part.level, part.own))
            above = [one for one in above if block.level is not None and one[0] < block.level]
            own = clean(block.raw)[0]
            # A heading with nothing of its own below it ("2026" over "January") would be lost.
            heading = _joined(above, own)
            number = block.number or part.number
            part = _Open(number, heading, block.page, level=block.level, own=own)
            part.counted, part.head, part.first = block.number is not None, block.raw, first
            first = False
        elif block.number is not None:
            yield from _filled(part)
            part = _Open(block.number, part.heading, block.page, numbered=True)
            part.add(block.raw)
        else:
            if _is_full(part, block):
                yield from _filled(part)
                part = _Open(part.number, part.heading, numbered=part.numbered)
            if not part.raws:
                part.page = block.page
            part.add(block.raw)
    yield from _closed(part, above)


def _is_full(part: _Open, following: Block) -> bool:
    """Whether the section ends before a block without a number."""
    if part.chars + len(part.raws) * len(_BREAK) + len(following.raw) > _LARGEST_CHARS:
        return bool(part.raws)
    together = part.numbered or following.kind in ("item", "note")
    if part.chars < (_LEAST_CHARS_TOGETHER if together else _LEAST_CHARS):
        return False
    if not together and part.chars > _MOST_CHARS:
        return True
    return zlib.crc32(" ".join(part.raws[-1].split()).encode()) % _ONE_IN == 0


def _is_kept(part: _Open, following: Block) -> bool:
    """Whether a heading without text is put before the next, deeper one; on the first level it is the title."""
    if part.raws or part.counted or part.level is None or following.level is None:
        return False
    return 1 < part.level < following.level


def _is_stated_elsewhere(part: _Open, following: Block) -> bool:
    """Whether a heading without text needs no section: it is the document's title, or numbers are below it."""
    beside = following.level == 1 and following.number is None
    return part.counted or (part.first and part.level == 1 and not beside)


def _closed(part: _Open, above: Sequence[tuple[int, str]]) -> Iterator[_Open]:
    """Yield the section below a heading; if it is empty, the heading itself as its text."""
    filled = list(_filled(part))
    if not filled and part.head:
        filled = list(_filled(replace(part, heading=_joined(above), raws=[part.head])))
    yield from filled


def _joined(above: Iterable[tuple[int, str]], own: str = "") -> str:
    return ": ".join(filter(None, [*(text for _, text in above), own]))


def _filled(part: _Open) -> Iterator[_Open]:
    if any(clean(raw)[0] for raw in part.raws):
        yield part


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
