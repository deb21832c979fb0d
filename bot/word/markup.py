"""The markup of Word files: elements, and text in lines and in runs of one direction, which each has to state. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from itertools import groupby

from lxml import etree

from bot.safe_text import visible
from ingest.readers.base import Element
from ingest.readers.docx import W

# What XML excludes, and the marks of a text of the other direction, which runs state instead.
_LEFT_OUT = dict.fromkeys((0xFFFE, 0xFFFF, 0x2068, 0x2069))


def element(name: str, attributes: Mapping[str, str] | None = None, *children: Element) -> Element:
    """Return an element of WordprocessingML, with names without their namespace: `element("sz", {"val": "20"})`."""
    made = etree.Element(
        W + name, {W + key: text for key, text in (attributes or {}).items()}, nsmap={"w": W[1:-1]}
    )
    made.extend(children)
    return made


def lines(text: str) -> list[str]:
    """Return the lines of a text, at least one, without the characters that a Word file cannot hold."""
    return visible(text).translate(_LEFT_OUT).splitlines() or [""]


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter of a text is of a script that is written from right to left."""
    return next(filter(None, map(_direction, text)), "") == "R"


def by_direction(text: str, right_to_left: bool) -> list[tuple[str, bool]]:
    """Divide a text of a paragraph, which runs `right_to_left` or not, into (part, whether it runs so).

    Digits go with the letters directly in front of them (C24/67), other signs and spaces with the letters around them.
    Where these differ, they go with the paragraph.
    """
    base = "R" if right_to_left else "L"
    own: list[str] = []
    last = ""
    for character in text:
        own.append(last if unicodedata.bidirectional(character) in ("EN", "AN") else _direction(character))
        last = "" if character.isspace() else own[-1] or last
    before, after = _carried(own, base), _carried(own[::-1], base)[::-1]
    ways = [left if left == right else base for left, right in zip(before, after, strict=True)]
    parts = groupby(zip(text, ways, strict=True), key=lambda one: one[1])
    return [("".join(character for character, _ in part), way == "R") for way, part in parts]


def _carried(directions: list[str], way: str) -> list[str]:
    """Return the directions, with the last one for what has none."""
    return [way := direction or way for direction in directions]


def _direction(character: str) -> str:
    """Return "L" or "R" for a letter, "" for what has no direction of its own."""
    return {"L": "L", "R": "R", "AL": "R"}.get(unicodedata.bidirectional(character), "")
