"""Reads Word files: paragraphs with the numbers that Word prints, headings, tables, footnotes, text boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract
from ingest.readers.docx.numbering import Element, Label, Numbering, W, number, value
from ingest.readers.docx.styles import Styles
from ingest.readers.docx.text import Inline, read_inline, resolve_alternatives
from ingest.readers.numbers import as_list_item, classify_numbers, typed_number
from ingest.readers.office import Package, open_package, read_properties
from ingest.readers.tables import CharacterBudget, has_header, is_data, row_blocks
from ingest.readers.text import looks_like_heading

_CONTAINERS = {W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
# A paragraph's number, perhaps with the letter of an annex (A.1). Other labels count the items of a list.
_NUMBER = re.compile(r"(?:[A-Z]\.)?\d{1,4}(?:\.\d{1,4})*\.?")
_HEADING_NUMBER = re.compile(r"[^\s()]+|\w+ [^\s()]+")
# Longer text is no heading, even with the style of one, which some offices use only for its numbers.
_HEADING_WORDS = 30


def read(data: bytes) -> Extract:
    """Read a .docx (also .docm, .dotx). Raises NotReadable."""
    try:
        return _Walk(open_package(data)).extract()
    except RecursionError:
        raise NotReadable("the Word file is nested deeper than any document is") from None


@dataclass
class _Walk:
    """One pass through the document, in reading order, with the counters that it needs."""

    package: Package
    blocks: list[Block] = field(default_factory=list)
    title: str | None = None
    changed: bool = False

    def __post_init__(self) -> None:
        self.styles = Styles(next(iter(self.package.related("styles")), None))
        part = next(iter(self.package.related("numbering")), None)
        self.numbering = Numbering(part, self.styles.own_numbering)
        self.footnotes = {
            (kind, note.get(W + "id", "")): note
            for kind in ("footnotes", "endnotes")
            for root in self.package.related(kind)
            for note in root
        }
        self.held = Inline()
        self.budget = CharacterBudget()

    def extract(self) -> Extract:
        body = self.package.root(self.package.main).find(W + "body")
        if body is None:
            raise NotReadable("the Word file has no text")
        self._container(body, self.blocks)
        notes = ["it has tracked changes: insertions are read, deletions are not"] if self.changed else []
        return Extract(
            blocks=classify_numbers(self.blocks),
            title=self.title,
            notes=notes,
            margins=self._margins(),
            properties=read_properties(self.package),
        )

    def _container(self, node: Element, into: list[Block]) -> None:
        for child in resolve_alternatives(node):
            if child.tag == W + "p":
                self._paragraph(child, into)
            elif child.tag == W + "tbl":
                self._table(child, into)
            elif child.tag in _CONTAINERS:
                self.changed |= child.tag in (W + "ins", W + "moveTo")
                self._container(child, into)

    def _paragraph(self, node: Element, into: list[Block]) -> None:
        style = value(node, "pPr", "pStyle") or self.styles.default
        inline = read_inline(node, self.styles, style)
        self.changed |= inline.changed
        if _mark_is_deleted(node):
            # The end of the paragraph was deleted: its rest belongs to the next one.
            self.changed = True
            _join(self.held, inline)
            return
        held, self.held = self.held, Inline()
        _join(held, inline)
        inline = held
        if self.styles.is_contents(style):
            return
        label = self._label(node, style)
        if inline.text.strip():
            into.append(self._block(inline, style, node, label))
            if self.title is None and self.styles.is_title(style):
                self.title = " ".join(inline.text.split())
        for kind, note_id in inline.notes:
            into.extend(self._note(kind, note_id))
        for box in inline.boxes:
            self._container(box, into)

    def _block(self, inline: Inline, style: str, node: Element, label: Label | None) -> Block:
        text = inline.text.strip("\n")
        outline = value(node, "pPr", "outlineLvl")
        level = self.styles.level(style) if outline is None else number(outline, 9) + 1
        level = 1 if level is None and self.styles.is_title(style) else level
        styled = level is not None and level < 10 and len(text.split()) <= _HEADING_WORDS
        looks = inline.bold and looks_like_heading(text)
        if label is not None and label.text and not label.bullet:
            return _numbered_block(label.text, text, level if styled else None, looks_like=looks)
        if label is not None and label.bullet and not styled:
            return Block("item", f"• {text.lstrip()}")
        typed = typed_number(text, heading=styled)
        if typed is not None:
            heading = styled or (inline.bold and looks_like_heading(typed[1]))
            return Block(
                "heading" if heading else "paragraph", typed[1], typed[0], level=level if styled else None
            )
        if styled:
            return Block("heading", text, level=level)
        if (item := as_list_item(text)) is not None:
            return Block("item", item)
        return Block("heading" if looks else "paragraph", text)

    def _label(self, node: Element, style: str) -> Label | None:
        num_id = value(node, "pPr", "numPr", "numId")
        place = value(node, "pPr", "numPr", "ilvl")
        if num_id is not None and num_id != "0":
            return self.numbering.label(num_id, number(place, 0))
        inherited = self.styles.numbering(style)
        if num_id == "0" or inherited is None:
            return None
        own_id, level, stated_by = inherited
        linked = self.numbering.level_of_style(own_id, style)
        linked = self.numbering.level_of_style(own_id, stated_by) if linked is None else linked
        return self.numbering.label(own_id, number(place, linked if linked is not None else level or 0))

    def _note(self, kind: str, note_id: str) -> list[Block]:
        node = self.footnotes.get((kind, note_id))
        if node is None:
            return []
        inner: list[Block] = []
        # Each note is read once, so that one that refers to itself does not repeat for ever.
        del self.footnotes[kind, note_id]
        self._container(node, inner)
        text = "\n".join(block.raw.strip() for block in inner if block.raw.strip())
        return [Block("note", text)] if text else []

    def _table(self, table: Element, into: list[Block]) -> None:
        rows: list[list[list[Block]]] = []
        marked = 0
        for row in _below(table, W + "tr"):
            properties = row.find(W + "trPr")
            if properties is not None and properties.find(W + "del") is not None:
                self.changed = True
                continue
            if (
                properties is not None
                and properties.find(W + "tblHeader") is not None
                and marked == len(rows)
            ):
                marked += 1
            rows.append(self._cells(row, rows[-1] if rows else []))
        # A cell that spans many rows and columns has one text.
        joined = {
            id(cell): "\n".join(_with_number(block) for block in cell)
            for cell in {id(cell): cell for row in rows for cell in row}.values()
        }
        texts = [[joined[id(cell)] for cell in row] for row in rows]
        header = texts[0] if marked or has_header(texts) else None
        # The cover of a document often has two columns whose cells contain several lines each.
        cover = (
            header is None
            and all(len(row) <= 2 for row in rows)
            and any(len(c) > 1 for row in rows for c in row)
        )
        if is_data(texts) and not cover:
            below = texts[marked or 1 :] if header else texts
            into.extend(row_blocks(below, self.budget, header=header))
            return
        # A frame around text: its paragraphs are paragraphs like others. A merged cell is added once.
        added: set[int] = set()
        for row_cells in rows:
            for cell in row_cells:
                if id(cell) not in added:
                    added.add(id(cell))
                    into.extend(cell)

    def _cells(self, row: Element, above: list[list[Block]]) -> list[list[Block]]:
        cells: list[list[Block]] = []
        for cell in _below(row, W + "tc"):
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if (
                merge is not None
                and merge.get(W + "val", "continue") == "continue"
                and len(cells) < len(above)
            ):
                content = above[len(cells)]
            else:
                content = []
                self._container(cell, content)
            span = min(max(number(value(cell, "tcPr", "gridSpan"), 1), 1), 64)
            cells.extend([content] * span)
        return cells

    def _margins(self) -> list[str]:
        found: dict[str, None] = {}
        for kind in ("header", "footer"):
            for root in self.package.related(kind):
                inner: list[Block] = []
                self._container(root, inner)
                found |= {
                    line.strip(): None for b in inner for line in re.split(r"[\t\n]", b.raw) if line.strip()
                }
        return list(found)


def _below(node: Element, tag: str) -> Iterator[Element]:
    for child in resolve_alternatives(node):
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _below(child, tag)


def _numbered_block(label: str, text: str, level: int | None, *, looks_like: bool) -> Block:
    """Return the block of a paragraph with an automatic label; `level` is that of a heading by its style."""
    styled, number = level is not None, label.rstrip(".")
    if styled and _HEADING_NUMBER.fullmatch(label):
        return Block("heading", text, number, level=level)
    if _NUMBER.fullmatch(label):
        return Block("heading" if looks_like or styled else "paragraph", text, number)
    return Block("heading", text) if styled else Block("item", f"{label} {text.lstrip()}")


def _with_number(block: Block) -> str:
    return f"{block.number}. {block.raw}" if block.number else block.raw


def _mark_is_deleted(node: Element) -> bool:
    properties = node.find(f"{W}pPr/{W}rPr")
    return properties is not None and any(properties.find(W + tag) is not None for tag in ("del", "moveFrom"))


def _join(first: Inline, second: Inline) -> None:
    first.pieces += second.pieces
    first.notes += second.notes
    first.boxes += second.boxes
