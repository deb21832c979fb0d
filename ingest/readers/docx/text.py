"""Reads the text of one Word paragraph, with all tracked changes accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.readers.docx.numbering import Element, W
from ingest.readers.docx.styles import Styles, is_on

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = {
    W + name
    for name in ("pPr", "rPr", "sdtPr", "instrText", "delText", "delInstrText", "rt", "fldData", "rubyPr")
}
_DELETED = {W + "del", W + "moveFrom"}
_INSERTED = {W + "ins", W + "moveTo"}
_SIGNS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "\u2011", W + "ptab": "\t"}
_NOTES = {W + "footnoteReference": "footnotes", W + "endnoteReference": "endnotes"}


@dataclass
class Inline:
    """Content of one paragraph: pieces of text with their weight, references to notes, text boxes."""

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    changed: bool = False

    @property
    def text(self) -> str:
        """The text of all pieces."""
        return "".join(piece for piece, _ in self.pieces)

    @property
    def bold(self) -> bool:
        """Whether all visible text is bold."""
        seen = [bold for piece, bold in self.pieces if piece.strip()]
        return bool(seen) and all(seen)


def read_inline(paragraph: Element, styles: Styles, style: str) -> Inline:
    """Return the content of a w:p, with insertions and without deletions."""
    inline = Inline()
    _walk(paragraph, inline, styles, styles.is_bold(style))
    return inline


def resolve_alternatives(node: Element) -> Iterator[Element]:
    """Yield the children of `node`, with only the first of alternatives that have the same content."""
    for child in node:
        if child.tag == _MC + "AlternateContent":
            choice = child.find(_MC + "Choice")
            choice = child.find(_MC + "Fallback") if choice is None else choice
            if choice is not None:
                yield from resolve_alternatives(choice)
        else:
            yield child


def _walk(node: Element, inline: Inline, styles: Styles, bold: bool) -> None:
    for child in resolve_alternatives(node):
        tag = child.tag
        if tag in _DELETED:
            inline.changed = True
        elif tag in (W + "t", _MATH + "t"):
            inline.pieces.append((child.text or "", bold))
        elif tag in _SIGNS:
            if not (tag == W + "br" and child.get(W + "type") in ("page", "column")):
                inline.pieces.append((_SIGNS[tag], bold))
        elif tag == W + "sym":
            inline.pieces.append((_symbol(child), bold))
        elif tag in _NOTES:
            inline.notes.append((_NOTES[tag], child.get(W + "id", "")))
        elif tag == W + "txbxContent":
            inline.boxes.append(child)
        elif tag == W + "r":
            _run(child, inline, styles, bold)
        elif tag not in _SKIPPED:
            inline.changed |= tag in _INSERTED
            _walk(child, inline, styles, bold)


def _run(run: Element, inline: Inline, styles: Styles, bold: bool) -> None:
    properties = run.find(W + "rPr")
    if properties is not None:
        hidden = properties.find(W + "vanish")
        if hidden is not None and is_on(hidden):
            return
        character = properties.find(W + "rStyle")
        if character is not None and styles.is_bold(character.get(W + "val", "")):
            bold = True
        weight = properties.find(W + "b")
        bold = bold if weight is None else is_on(weight)
    _walk(run, inline, styles, bold)


def _symbol(node: Element) -> str:
    """Return a w:sym as a character; "" for those of symbol fonts, in the private area: bullets and arrows."""
    try:
        code = int(node.get(W + "char", ""), 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= code <= 0xF8FF or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)
