"""Decides which typed or automatic numbers are those of paragraphs, and which only count the items of a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ingest.readers.base import Block
from ingest.readers.text import NUMBERED, looks_like_heading, roman

_ROMAN_TYPED = re.compile(r"^\s*(?P<number>[IVX]{1,6}|[A-Z])\.[\s\u00a0]+(?=\S)")
_DECIMAL = re.compile(r"\d+(?:\.\d+)*")
BULLETS = "•·▪●◦‣■–—*-○□➢➤✓\uf0b7\uf0a7\uf0d8\u2219\u25aa\u2043"
_BULLET = re.compile(rf"^\s*[{re.escape(BULLETS)}][\s\u00a0]+(?=\S)")
_MARKED = re.compile(r"^\s*(?:\(?[a-z]\)\s|\(?[ivx]{1,5}\)\s|\(?\d{1,2}\)\s|[a-z]\.\s)")


def typed_number(text: str, *, heading: bool = False) -> tuple[str, str] | None:
    """Return (number, the text after it) if `text` begins with a paragraph number.

    "27 references to …" and "2.5 million people" begin sentences. In a heading the full stop may be missing, and the
    number may be "IV." or "B.".
    """
    match = NUMBERED.match(text)
    if match is None:
        part = _ROMAN_TYPED.match(text) if heading else None
        return (part["number"], text[part.end() :]) if part else None
    number, rest = match["number"], text[match.end() :]
    bare = "." not in number and not match["dot"] and "\t" not in match["gap"]
    if (bare and not heading) or (rest[:1].islower() and "\t" not in match["gap"]):
        return None
    return number, rest


def as_list_item(text: str) -> str | None:
    """Return the item with a uniform bullet, or with its own letter or number; None if it is not a list item."""
    if bullet := _BULLET.match(text):
        return "• " + text[bullet.end() :]
    return text if _MARKED.match(text) else None


def classify_numbers(blocks: Sequence[Block]) -> list[Block]:
    """Distinguish paragraph numbers from the counts of lists, and headings without a style from paragraphs.

    "1." "2." "3." below paragraph 2.2, or a count that starts again without a heading, are items of the paragraph
    above; a number that continues the last paragraph's is a paragraph.
    """
    return _headings(_lists(blocks))


def _lists(blocks: Sequence[Block]) -> list[Block]:
    settled: list[Block] = []
    last: str | None = None  # the number of the last paragraph
    counted = 0  # the last number of the present list
    fresh = True  # there was a heading without a number since the last paragraph
    for block in blocks:
        number = block.number
        if block.kind == "heading":
            counted = 0
            if number is not None and _DECIMAL.fullmatch(number):
                last, fresh = number, False
            else:
                fresh = True
        elif number is not None and _DECIMAL.fullmatch(number):
            if "." not in number and _counts(int(number), last, counted, fresh):
                counted = int(number)
                block = replace(block, kind="item", number=None, raw=f"{number}. {block.raw}")
            else:
                last, counted, fresh = number, 0, False
        settled.append(block)
    return settled


def _counts(number: int, last: str | None, counted: int, fresh: bool) -> bool:
    if counted and number == counted + 1:
        return True
    if last is None:
        return False
    if number == int(last.split(".")[0]) + 1:
        return False
    return "." in last or (number == 1 and not fresh)


def _headings(blocks: Sequence[Block]) -> list[Block]:
    settled = list(blocks)
    for place, block in enumerate(blocks):
        after = blocks[place + 1] if place + 1 < len(blocks) else None
        if block.kind == "heading" and block.level is None and block.number is None:
            # Bold words with nothing below them are text, which must not be lost.
            if after is None or after.kind == "heading":
                settled[place] = replace(block, kind="paragraph")
        elif block.kind == "paragraph" and block.number is not None and looks_like_heading(block.raw):
            opens = after is not None and after.number == f"{block.number}.1"
            if opens or (after is not None and after.number is None and _is_prose(after)):
                settled[place] = replace(block, kind="heading")
    return settled


def _is_prose(block: Block) -> bool:
    return block.kind == "paragraph" and not looks_like_heading(block.raw) and len(block.raw.split()) > 8


def _letters(value: int) -> str:
    """Return a, b, … z, aa, bb, …, as word processors count."""
    if not 0 < value <= 26 * 30:
        return str(value)
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


_FORMATS: Mapping[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": roman,
    "lowerRoman": lambda value: roman(value).lower(),
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    "none": lambda _: "",
}


def format_count(value: int, form: str) -> str:
    """Return `value` in a number format of WordprocessingML (ISO/IEC 29500-1, ST_NumberFormat); else in digits."""
    return _FORMATS.get(form, str)(value)
