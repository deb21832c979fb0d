"""Reads the paragraphs of a shape on a slide, and finds which are items of a list, with which mark.

The mark is seldom stated by the paragraph itself, but by its shape, its slide's layout or the layout's master.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.readers.base import Block
from ingest.readers.numbers import as_list_item, format_count
from ingest.readers.office import Element

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MARKS = tuple(A + name for name in ("buNone", "buChar", "buBlip", "buAutoNum"))
# ISO/IEC 29500-1, 20.1.10.61 (ST_TextAutonumberScheme).
_SCHEME = re.compile(r"(alphaLc|alphaUc|romanLc|romanUc|arabic)(ParenBoth|ParenR|Period|Plain)")
_FORMS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "arabic": "decimal",
}
_SIGNS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Plain": "{}."}
_LARGEST_START = 32_767  # of a count


class Styles:
    """The list styles of the placeholders in layouts and masters."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[dict[str, Element], list[Element]]] = {}

    def of(self, shape: Any, slide: Any) -> list[Element]:
        """Return the list styles that apply to a shape, the nearest first."""
        own = shape.element.find(f"{P}txBody/{A}lstStyle")
        found = [] if own is None else [own]
        if shape.is_placeholder:
            layout = slide.slide_layout
            name = str(layout.part.partname)
            if name not in self._known:
                self._known[name] = (_by_index(layout.element), _of_master(layout.slide_master.element))
            by_index, master = self._known[name]
            index = str(shape.placeholder_format.idx)
            found += [by_index[index]] if index in by_index else []
            found += master
        return found


def paragraphs(frame: Any, styles: Sequence[Element], page: int) -> Iterator[Block]:
    """Yield the paragraphs of a text frame."""
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in frame.paragraphs:
        text = " ".join(paragraph.text.split())
        if not text:
            continue
        level = min(max(paragraph.level, 0), 8)
        mark = _mark(paragraph._p, styles, level)
        counts = {place: count for place, count in counts.items() if place <= level}
        if mark is not None and mark.tag == A + "buAutoNum":
            scheme = mark.get("type", "")
            before = counts.get(level, ("", 0))
            number = before[1] + 1 if before[0] == scheme else _start(mark)
            counts[level] = (scheme, number)
            yield Block("item", f"{_label(scheme, number)} {text}", page=page)
            continue
        counts.pop(level, None)
        item = as_list_item(text)
        if item is None and mark is not None and mark.tag != A + "buNone":
            item = f"• {text}"
        yield Block("paragraph" if item is None else "item", item or text, page=page)


def _mark(paragraph: Element, styles: Sequence[Element], level: int) -> Element | None:
    own = paragraph.find(A + "pPr")
    stated = [own, *(style.find(f"{A}lvl{level + 1}pPr") for style in styles)]
    for properties in stated:
        for child in () if properties is None else properties:
            if child.tag in _MARKS:
                return child
    return None


def _start(mark: Element) -> int:
    stated = mark.get("startAt", "")
    is_number = stated.isascii() and stated.isdigit() and len(stated) < 9
    return min(int(stated), _LARGEST_START) if is_number else 1


def _label(scheme: str, number: int) -> str:
    match = _SCHEME.fullmatch(scheme)
    return _SIGNS[match[2]].format(format_count(number, _FORMS[match[1]])) if match else f"{number}."


def _by_index(layout: Element) -> dict[str, Element]:
    found = {}
    for shape in layout.iter(P + "sp"):
        place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        style = shape.find(f"{P}txBody/{A}lstStyle")
        if place is not None and style is not None:
            found[place.get("idx", "0")] = style
    return found


def _of_master(master: Element) -> list[Element]:
    found = []
    for shape in master.iter(P + "sp"):
        place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        style = shape.find(f"{P}txBody/{A}lstStyle")
        if place is not None and place.get("type") == "body" and style is not None:
            found.append(style)
    body = master.find(f"{P}txStyles/{P}bodyStyle")
    return found if body is None else [*found, body]
