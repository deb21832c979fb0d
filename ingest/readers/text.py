"""Plain text: a paragraph a line, or paragraphs wrapped at a margin and set apart by empty lines."""

from __future__ import annotations

import re
from itertools import pairwise

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract

# Word's bookmarks survive in text exports and may stand before the number.
_RESIDUE = r"(?:\[bookmark:[^\]\n]*\]\s*)*"
_NUMBERED = re.compile(rf"^\s*{_RESIDUE}(?P<number>\d{{1,3}}(?:\.\d{{1,3}})*)(?P<dot>\.?)[\s\u00a0]+(?=\S)")
_ITEM = re.compile(r"^\s*(?:[•·▪●◦‣■–—*-]\s+|\(?[a-z]\)\s|\(?[ivx]{1,5}\)\s|\d{1,2}\)\s|[a-z]\.\s)")
_RULE = re.compile(r"^[\s_=*~·.-]*$")
# A heading is short and does not close like a sentence.
_HEADING_WORDS = 14
_CLOSES = re.compile(r"[.;:,!?]['\"”’)]*\s*$")


def read(data: bytes) -> Extract:
    """Read plain text; UTF-8, UTF-16 with its mark, or else Windows-1252.

    Raises NotReadable where the bytes are no text or there is none.
    """
    text = decode(data)
    if not text.strip():
        raise NotReadable("the file is empty")
    lines = text.splitlines()
    if _is_wrapped(lines):
        lines = _unwrap(lines)
    return Extract(blocks=[block for line in lines if (block := _block(line)) is not None])


def decode(data: bytes) -> str:
    """Return the text of `data`; raises NotReadable for bytes that are no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        if b"\x00" in data[:4096]:
            raise NotReadable("the file is not text (it holds binary data)")
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotReadable("the file is not text in UTF-8, UTF-16 or Windows-1252")


def _block(line: str) -> Block | None:
    if _RULE.match(line):
        return None
    numbered = _NUMBERED.match(line)
    if numbered is None:
        return Block("item" if _ITEM.match(line) else "paragraph", line.strip("\r\n"))
    number, rest = numbered["number"], line[numbered.end() :]
    if "." not in number and not numbered["dot"] and "\t" not in numbered.group():
        # "27 references to …": a number that opens a sentence, no paragraph number.
        return Block("paragraph", line)
    return Block("heading" if looks_like_heading(rest) else "paragraph", rest, number)


def looks_like_heading(text: str) -> bool:
    """Whether a line of its own reads as a heading: few words, and no sentence's end."""
    words = text.split()
    return 0 < len(words) <= _HEADING_WORDS and not _CLOSES.search(text) and not words[0][0].islower()


def _is_wrapped(lines: list[str]) -> bool:
    """Whether paragraphs run over several lines: many full lines that go on in lower case."""
    pairs = [(a, b) for a, b in pairwise(lines) if a.strip() and b.strip()]
    going_on = sum(1 for a, b in pairs if b.lstrip()[0].islower() and 40 <= len(a) <= 120)
    return len(pairs) >= 4 and going_on >= 0.3 * len(pairs)


def _unwrap(lines: list[str]) -> list[str]:
    """Join the lines of a paragraph by the line break that parts them, so that quotes stay verbatim."""
    paragraphs: list[str] = []
    joinable = False
    for line in lines:
        starts = not line.strip() or _NUMBERED.match(line) or _ITEM.match(line)
        if joinable and not starts:
            paragraphs[-1] += "\n" + line
        else:
            paragraphs.append(line)
        joinable = bool(line.strip())
    return paragraphs
