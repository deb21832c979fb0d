"""Reads plain text with one paragraph a line, or with paragraphs wrapped at a margin and separated by empty lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract
from ingest.readers.tables import table_blocks

# Word's bookmarks survive in text exports and may be before the number.
_RESIDUE = r"(?:\[bookmark:[^\[\]\n]*\]\s*)*"
NUMBERED = re.compile(
    rf"^\s*{_RESIDUE}(?P<number>\d{{1,3}}(?:\.\d{{1,3}})*)(?P<dot>\.?)(?P<gap>[\s\u00a0]+)(?=\S)"
)
# Roman numbers are those of the parts of a document of the United Nations.
_ROMAN = re.compile(r"^\s*(?P<number>[IVX]{1,6})\.[\s\u00a0]+(?P<rest>\S.*)$", re.S)
_ITEM = re.compile(r"^\s*(?:[•·▪●◦‣■–—*-]\s+|\(?[a-z]\)\s|\(?[ivx]{1,5}\)\s|\d{1,2}\)\s|[a-z]\.\s)")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_RULE = re.compile(r"^[\s|:_=*~·.-]*$")
# No text is wrapped at a wider margin.
_WIDEST_CHARS = 120
# A heading is short and does not end like a sentence.
_HEADING_WORDS = 14
_CLOSES = re.compile(r"[.;:,!?]['\"”’)]*\s*$")


def read(data: bytes) -> Extract:
    """Read plain text; UTF-8, UTF-16 with its mark, Windows-1252, or UTF-8 and Windows-1252 mixed.

    Raises NotReadable if the bytes are no text, or there is no text in them.
    """
    text = decode(data)
    if not text.strip():
        raise NotReadable("the file is empty")
    lines = text.splitlines(keepends=True)
    if _is_wrapped(lines):
        lines = _unwrap(lines)
    return Extract(blocks=list(_blocks(lines)))


def _cells(line: str) -> list[str]:
    """Return the cells of a table row: between tabs, as word processors paste it, or between upright strokes."""
    row = line.strip("\r\n")
    inner = row.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in (inner.split("|") if "|" in inner else row.split("\t"))]


def _has_cells(line: str) -> bool:
    """Whether a line is a table row: at least three cells, of which two are filled."""
    cells = _cells(line.strip())
    # "Date:<tab>Geneva, 17 January 2005<tab>Page 1" is in a letterhead.
    labels = next((cell for cell in cells if cell), "").endswith(":")
    return len(cells) > 2 and sum(map(bool, cells)) >= 2 and not labels


def decode(data: bytes) -> str:
    """Return the text of `data`; raises NotReadable for bytes that are no text."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        if b"\x00" in data[:4096]:
            raise NotReadable("the file is not text (it holds binary data)")
        # Text that was pasted together may have both encodings.
        return _NOT_ASCII.sub(_as_utf_8, data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable("the file is not text in UTF-8, UTF-16 or Windows-1252") from None


def _as_utf_8(run: re.Match[bytes]) -> bytes:
    try:
        run[0].decode()
    except UnicodeDecodeError:
        return run[0].decode("cp1252").encode()
    return run[0]


def _blocks(lines: Iterable[str]) -> Iterator[Block]:
    last: tuple[int, ...] = ()  # the number of the last paragraph
    parts = 0  # how many there were so far
    for is_table, run in groupby(lines, key=_has_cells):
        block = list(run)
        if is_table and len(block) > 1:
            yield from table_blocks([_cells(line) for line in block if not _RULE.match(line)])
            continue
        for line in (line.strip("\r\n") for line in block if not _RULE.match(line)):
            part = _ROMAN.match(line)
            if part is not None and part["number"] == roman(parts + 1) and looks_like_heading(part["rest"]):
                # Paragraphs are counted through all parts, so the part's number is not a part of theirs.
                parts += 1
                yield Block("heading", part["rest"])
            elif (numbered := _numbered(line, last)) is not None:
                last, rest = _figures(numbered["number"]), line[numbered.end() :]
                yield Block("heading" if looks_like_heading(rest) else "paragraph", rest, numbered["number"])
            else:
                yield Block("item" if _ITEM.match(line) else "paragraph", line)


def _numbered(line: str, last: tuple[int, ...]) -> re.Match[str] | None:
    """Return the match if the line begins with the number of a paragraph, which comes after the number `last`.

    Before a tab it is always one. "27 references to …", "2.6 billion people" and "3.5 GHz is" (after paragraph 4.2)
    begin a sentence; "3 Data governance" after paragraph 2.4 is a heading.
    """
    numbered = NUMBERED.match(line)
    if numbered is None or "\t" in numbered["gap"]:
        return numbered
    number, first = _figures(numbered["number"]), line[numbered.end()]
    marked = bool(numbered["dot"]) or len(number) > 1
    # Headings may have a count of their own.
    heading = looks_like_heading(line[numbered.end() :])
    in_order = number > last or number[-1] == 1 or heading
    following = heading and number == ((last[0] if last else 0) + 1,)
    return numbered if (following or (marked and in_order)) and not first.islower() else None


def _figures(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def roman(value: int) -> str:
    """Return a number in Roman figures; in Arabic ones if there are none for it."""
    signs = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
             (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
    if not 0 < value < 4000:
        return str(value)
    written = ""
    for worth, sign in signs:
        written += sign * (value // worth)
        value %= worth
    return written


def looks_like_heading(text: str) -> bool:
    """Whether a line of its own may be a heading: few words, and not the end of a sentence."""
    words = text.split()
    return 0 < len(words) <= _HEADING_WORDS and not _CLOSES.search(text) and not words[0][0].islower()


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether paragraphs are wrapped: many lines as long as a margin are followed by one in lower case."""
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    pairs = [(a.rstrip(), b) for a, b in pairwise(lines) if a.strip() and b.strip()]
    going_on = sum(1 for a, b in pairs if b.lstrip()[0].islower() and 40 <= len(a) <= _WIDEST_CHARS)
    narrow = lengths[-1] <= _WIDEST_CHARS
    return len(pairs) >= 4 and going_on >= (0.1 if narrow else 0.3) * len(pairs)


def _unwrap(lines: Sequence[str]) -> list[str]:
    """Join the lines of each paragraph, and keep their line breaks, so that quotes stay verbatim."""
    margin = max(len(line.rstrip()) for line in lines if line.strip())
    paragraphs: list[list[str]] = []
    before = ""
    for line in lines:
        if _goes_on(before, line, margin):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
        before = line
    return ["".join(paragraph) for paragraph in paragraphs]


def _goes_on(before: str, line: str, margin: int) -> bool:
    """Whether `line` belongs to the paragraph of the line before it."""
    if not before.strip() or not line.strip() or _RULE.match(before) or _RULE.match(line):
        return False
    if line.lstrip()[0].islower() and not _ITEM.match(line):
        return True
    # If the next word would still have fitted, the writer began a new line on purpose.
    full = len(before.rstrip()) + 1 + len(line.split()[0]) > margin
    if _CLOSES.search(before):
        return full and not (NUMBERED.match(line) or _ITEM.match(line))
    if full:
        # "… held on 17 March" / "22. …" and "… of some" / "2.6 billion people": figures of the sentence.
        return "\t" not in (match.group() if (match := NUMBERED.match(line)) else "")
    numbered = NUMBERED.match(before)
    return not (numbered or NUMBERED.match(line) or _ITEM.match(line) or looks_like_heading(before))
