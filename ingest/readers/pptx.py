"""Reads PowerPoint presentations: title, text in reading order, tables and speaker's notes of each slide."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ingest.readers.base import Block, Element, Extract, page_list
from ingest.readers.docx import MC, resolve_alternatives
from ingest.readers.numbers import as_list_item
from ingest.readers.office import REFERENCE, open_package, read_properties
from ingest.readers.tables import Repeated, is_data, table_blocks

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
# Shapes whose upper edges are nearer than this are beside each other: half a centimetre, in EMU.
_BESIDE_EMU = 180_000
# Kinds of placeholders. Text in the main ones is a list.
_TITLES = {"TITLE", "CENTER_TITLE", "VERTICAL_TITLE"}
_LISTS = {"BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"}
_FEET = {"FOOTER", "HEADER"}
_DROPPED = {"DATE", "SLIDE_NUMBER"}


def read(data: bytes) -> Extract:
    """Read a .pptx (also .pptm, .ppsx). Raises NotReadable."""
    # Not `Presentation()`, which refuses shows (.ppsx) and templates. Imported late: it takes a fifth of a second.
    from pptx.package import Package

    package = open_package(data, "PowerPoint presentation", usual="PowerPoint presentation (.pptx)")
    presentation = Package.open(io.BytesIO(data)).main_document_part.presentation
    deck = _Deck()
    seen: set[str] = set()
    for number, slide in enumerate(presentation.slides, 1):
        if slide.part.partname in seen:
            continue  # a damaged file may name a slide several times
        seen.add(slide.part.partname)
        if slide.element.get("show") in ("0", "false"):
            deck.hidden.append(number)
        else:
            deck.add_slide(number, slide)
    unread = (
        ("what is hidden is left out: {}", deck.hidden),
        ("there is no text on {}; pictures are not read", deck.silent),
        ("charts are not read: {}", list(dict.fromkeys(deck.charts))),
    )
    return Extract(
        blocks=deck.blocks,
        title=deck.title,
        notes=[note.format(page_list(numbers, "slide")) for note, numbers in unread if numbers],
        margins=list(dict.fromkeys(deck.margins)),
        properties=read_properties(package),
    )


@dataclass
class _Deck:
    """The content of the slides that were read so far, with the numbers of those that are not read in full."""

    blocks: list[Block] = field(default_factory=list)
    title: str | None = None
    margins: list[str] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    charts: list[int] = field(default_factory=list)

    def add_slide(self, number: int, slide: Any) -> None:
        """Add a slide: its title as a heading, its shapes, and the speaker's notes."""
        # python-pptx ignores alternatives that have the same content: one of them takes their place.
        for node in list(slide.element.iter(MC + "AlternateContent")):
            parent = node.getparent()
            if parent is not None and parent.tag in (P + "spTree", P + "grpSp"):
                parent[parent.index(node) : parent.index(node) + 1] = list(resolve_alternatives([node]))

        titles: list[str] = []
        body: list[Block] = []
        for shape in _in_reading_order(slide.shapes):
            kind = getattr(shape.placeholder_format.type, "name", "") if shape.is_placeholder else ""
            text = " ".join(shape.text_frame.text.split()) if shape.has_text_frame else ""
            if kind in _TITLES:
                titles += [text] if text else []
            elif kind in _FEET:
                self.margins += [text] if text else []
            elif kind not in _DROPPED:
                body += self._shape_blocks(shape, slide, number, as_list=kind in _LISTS)
        frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        spoken = [" ".join(line.split()) for line in frame.text.splitlines()] if frame is not None else []
        if any(spoken):
            body.append(Block("note", "\n".join(filter(None, spoken)), page=number))

        title = ": ".join(titles)
        if not self.blocks and not self.silent:
            self.title = title or None
        heading = title if title and body else f"Slide {number}"
        if title and not body:
            # As a heading, a title with nothing below it would seem to be above the next slide.
            body = [Block("paragraph", title, page=number)]
        if body:
            self.blocks += [Block("heading", heading, page=number, level=1), *body]
        else:
            self.silent.append(number)

    def _shape_blocks(self, shape: Any, slide: Any, number: int, *, as_list: bool = False) -> Iterator[Block]:
        properties = shape.element.find(f"*/{P}cNvPr")
        if properties is not None and properties.get("hidden") in ("1", "true"):
            return
        if hasattr(shape, "shapes"):
            for inner in _in_reading_order(shape.shapes):
                yield from self._shape_blocks(inner, slide, number)
        elif getattr(shape, "has_table", False):
            yield from _table(shape.table, number)
        elif getattr(shape, "has_chart", False):
            self.charts.append(number)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                if text := " ".join(paragraph.text.split()):
                    yield _paragraph(text, paragraph, number, as_list=as_list)
        else:
            for text in _diagram_texts(shape, slide):
                yield Block("item", f"• {text}", page=number)


def _paragraph(text: str, paragraph: Any, number: int, *, as_list: bool) -> Block:
    item = as_list_item(text)
    if item is None and (as_list or paragraph.level):
        item = f"• {text}"
    return Block("paragraph" if item is None else "item", item or text, page=number)


def _table(table: Any, number: int) -> list[Block]:
    rows: list[list[str]] = []
    for row in table.rows:
        cells: list[str] = []
        for place, cell in enumerate(row.cells):
            if cell._tc.vMerge and rows and place < len(rows[-1]):
                cells.append(rows[-1][place])
            elif cell._tc.hMerge and cells:
                cells.append(Repeated(cells[-1]))
            else:
                cells.append(" ".join(cell.text_frame.text.split()))
        rows.append(cells)
    if is_data(rows):
        return table_blocks(rows, page=number)
    texts = dict.fromkeys(cell for row in rows for cell in row if cell)
    return [Block("paragraph", text, page=number) for text in texts]


def _in_reading_order(shapes: Iterable[Any]) -> Iterator[Any]:
    """Yield shapes from top to bottom, and those beside each other from left to right."""
    band: list[Any] = []
    for shape in sorted(shapes, key=lambda one: one.top or 0):
        if band and (shape.top or 0) - (band[0].top or 0) >= _BESIDE_EMU:
            yield from sorted(band, key=lambda one: one.left or 0)
            band = []
        band.append(shape)
    yield from sorted(band, key=lambda one: one.left or 0)


def _diagram_texts(shape: Any, slide: Any) -> Iterator[str]:
    """Yield the texts of a diagram (SmartArt)."""
    for relation in shape.element.iter(_DIAGRAM + "relIds"):
        root: Element = etree.fromstring(
            slide.part.related_part(relation.get(REFERENCE + "dm")).blob,
            etree.XMLParser(resolve_entities=False, no_network=True),
        )
        for point in root.iter(_DIAGRAM + "pt"):
            lines = ("".join(node.text or "" for node in p.iter(A + "t")) for p in point.iter(A + "p"))
            text = " ".join(" ".join(lines).split())
            if text and point.get("type", "node") in ("node", "asst"):
                yield text
