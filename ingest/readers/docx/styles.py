"""Reads the properties that a paragraph inherits from its style: heading level, numbering, bold type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from ingest.readers.docx.numbering import Element, W, number, value

# Style names stay English in the file whatever the language of Word.
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_TOC = re.compile(r"toc \d|table of figures", re.IGNORECASE)
_DEEPEST = 30


class Styles:
    """The styles of one document."""

    def __init__(self, part: Element | None) -> None:
        self._styles = (
            {} if part is None else {s.get(W + "styleId", ""): s for s in part.findall(W + "style")}
        )

    @cached_property
    def default(self) -> str:
        """The id of the style of paragraphs that name none."""
        defaults = (
            key
            for key, style in self._styles.items()
            if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true", "on")
        )
        return next(defaults, "")

    def _chain(self, style: str) -> Iterator[tuple[str, Element]]:
        """Yield the style and those that it is based on, nearest first."""
        seen: set[str] = set()
        while style in self._styles and style not in seen and len(seen) < _DEEPEST:
            seen.add(style)
            yield style, self._styles[style]
            style = value(self._styles[style], "basedOn") or ""

    def level(self, style: str) -> int | None:
        """Return the heading level, from 1 down; None for the style of a text."""
        for _, node in self._chain(style):
            if (outline := value(node, "pPr", "outlineLvl")) is not None:
                place = number(outline, 9)
                return place + 1 if 0 <= place < 9 else None
            if match := _HEADING.fullmatch(value(node, "name") or ""):
                return int(match[1])
        return None

    def is_title(self, style: str) -> bool:
        """Return whether the style is that of the document's title."""
        return any((value(node, "name") or "").casefold() == "title" for _, node in self._chain(style))

    def is_contents(self, style: str) -> bool:
        """Return whether the style is that of a line in a table of contents."""
        return any(_TOC.fullmatch(value(node, "name") or "") for _, node in self._chain(style))

    def numbering(self, style: str) -> tuple[str, int | None, str] | None:
        """Return (numId, level where stated, the style that states it) of a paragraph style."""
        place: int | None = None
        for name, node in self._chain(style):
            stated = value(node, "pPr", "numPr", "ilvl")
            if place is None and stated is not None:
                place = number(stated, 0)
            if (num_id := value(node, "pPr", "numPr", "numId")) is not None:
                return None if num_id == "0" else (num_id, place, name)
        return None

    def own_numbering(self, style: str) -> str | None:
        """Return the numId of a numbering style."""
        return next((n for _, s in self._chain(style) if (n := value(s, "pPr", "numPr", "numId"))), None)

    def is_bold(self, style: str) -> bool:
        """Return whether runs of this paragraph or character style are bold."""
        for _, node in self._chain(style):
            if (bold := node.find(f"{W}rPr/{W}b")) is not None:
                return is_on(bold)
        return False


def is_on(toggle: Element) -> bool:
    """Return whether a toggle property such as w:b is set."""
    return toggle.get(W + "val", "1") not in ("0", "false", "off", "none")
